//! Losses, reports and abuse, seen from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it finds a fault"
)]

mod support;

use std::time::Duration;

use salon_sfu_core::{DropReason, Kind, PeerKey};
use support::*;

/// A publisher (0) and a subscriber (1) with video flowing; the next packet is number 11.
fn running() -> Studio {
    let mut studio = Studio::with(2);
    for n in 1..=10 {
        studio.send(0, video(n, KEY));
    }
    studio.client(1).rtp.clear();
    studio
}

#[test]
fn a_packet_lost_on_the_way_in_is_asked_for_and_its_repair_passed_on() {
    let mut studio = running();
    studio.lose(0);
    studio.send(0, video(12, DELTA));
    studio.send(0, video(13, DELTA));
    assert!(studio.client(0).told.contains(&Told::Nack {
        media_ssrc: VIDEO_SSRC,
        seqs: vec![11]
    }));
    let mut rtx = 11u16.to_be_bytes().to_vec();
    rtx.extend(b"\x10\x01late");
    let repair = Sent {
        ssrc: RTX_SSRC,
        pt: VP8_RTX_PT,
        index: 700,
        ..video(11, &rtx)
    };
    studio.send(0, repair);
    studio.send(
        0,
        Sent {
            index: 701,
            ..repair
        },
    );
    let packets = studio.client(1).rtp.clone();
    assert_eq!(packets.len(), 3);
    assert_eq!(packets[2].payload, b"\x10\x01late");
    assert_eq!(packets[2].index + 1, packets[0].index, "it fills the hole");
    assert_eq!(studio.room.counters().recovered, 1);
    assert_eq!(studio.room.counters().dropped(DropReason::Duplicate), 1);
    studio.client(0).told.clear();
    studio.ms(900);
    assert!(
        !studio
            .client(0)
            .told
            .iter()
            .any(|told| matches!(told, Told::Nack { .. })),
        "asked no more"
    );
}

#[test]
fn what_stays_lost_is_asked_for_ten_times_at_most_and_then_a_key_frame() {
    let mut studio = running();
    studio.client(0).told.clear();
    studio.ms(1000);
    studio.send(0, video(12, DELTA));
    studio.ms(3000);
    let told = &studio.client(0).told;
    let nacks = told
        .iter()
        .filter(|told| matches!(told, Told::Nack { .. }))
        .count();
    assert!((5..=10).contains(&nacks), "{nacks}");
    assert_eq!(studio.client(0).keyframe_requests(), 1);
}

#[test]
fn a_subscriber_gets_lost_packets_again_on_the_other_ssrc() {
    let mut studio = running();
    studio.loses = |n| n.is_multiple_of(5);
    for n in 11..61 {
        studio.send(0, video(n, &[0x10, 1, n as u8]));
    }
    studio.loses = |_| false;
    let track = studio.track_of(0, Kind::Video);
    let ssrc = 0x5000 + track.0;
    let got: Vec<u64> = studio
        .client(1)
        .rtp_of(ssrc)
        .iter()
        .map(|packet| packet.index)
        .collect();
    let missing: Vec<u16> = (got[0]..got[got.len() - 1])
        .filter(|index| !got.contains(index))
        .map(|index| index as u16)
        .collect();
    assert!(missing.len() > 5);
    let ask = missing.clone();
    studio.send_rtcp(1, move |writer| {
        writer.receiver_report(7, &[]);
        writer.nack(7, ssrc, &ask);
    });
    let repaired: Vec<_> = studio
        .client(1)
        .rtp_of(0x6000 + track.0)
        .into_iter()
        .cloned()
        .collect();
    assert_eq!(repaired.len(), missing.len());
    for (packet, seq) in repaired.iter().zip(&missing) {
        assert_eq!(packet.header.pt, 101);
        assert_eq!(packet.mid, b"10");
        assert_eq!(packet.payload[..2], seq.to_be_bytes());
        let number = 11 + (u64::from(*seq) - got[0] % 65_536) as u8;
        assert_eq!(packet.payload[2..], [0x10, 1, number]);
    }
    let ask = missing.clone();
    studio.send_rtcp(1, move |writer| {
        writer.nack(7, ssrc, &ask);
    });
    assert_eq!(
        studio.client(1).rtp_of(0x6000 + track.0).len(),
        missing.len(),
        "they are still on their way"
    );
    assert_eq!(
        studio.room.counters().dropped(DropReason::RtxLimited),
        missing.len() as u64
    );
}

#[test]
fn a_storm_of_nacks_costs_its_share_and_no_more() {
    let mut studio = running();
    let track = studio.track_of(0, Kind::Video);
    let ssrc = 0x5000 + track.0;
    let payload = [&[0x10, 1][..], &[7; 1000]].concat();
    for n in 11..511 {
        studio.send(0, video(n, &payload));
    }
    let sent = studio.room.peer_stats(PeerKey(1)).unwrap().bytes_out;
    let last = studio.client(1).rtp.last().unwrap().index as u16;
    for _ in 0..20 {
        studio.now += Duration::from_millis(200);
        let all: Vec<u16> = (0..500).map(|back| last.wrapping_sub(499 - back)).collect();
        studio.send_rtcp(1, move |writer| {
            let mut rest = &all[..];
            while !rest.is_empty() {
                let taken = writer.nack(7, ssrc, rest);
                rest = &rest[taken..];
            }
        });
    }
    let again = studio.room.peer_stats(PeerKey(1)).unwrap().bytes_out - sent;
    assert!(again <= sent * 15 / 100 + 32 * 1024, "{again} of {sent}");
}

#[test]
fn a_storm_of_key_frame_requests_becomes_two_a_second() {
    let mut studio = running();
    studio.ms(2000);
    let before = studio.client(0).keyframe_requests();
    let ssrc = 0x5000 + studio.track_of(0, Kind::Video).0;
    for _ in 0..200 {
        studio.send_rtcp(1, |writer| {
            writer.picture_loss(7, ssrc);
            writer.full_intra(7, ssrc, 1);
        });
        studio.ms(10);
    }
    let asked = studio.client(0).keyframe_requests() - before;
    assert!((4..=5).contains(&asked), "{asked}");
}

#[test]
fn arrivals_are_told_every_fifty_ms_and_with_them_the_probes() {
    let mut studio = Studio::with(1);
    studio.send(0, audio(1, b"a"));
    studio.lose(0);
    let mut probe = studio.seal(
        0,
        Sent {
            ssrc: 0,
            pt: OPUS_PT,
            index: 5,
            ..audio(5, b"")
        },
    );
    studio.raw(0, &mut probe);
    studio.ms(49);
    assert!(studio.client(0).told.is_empty());
    studio.ms(1);
    assert_eq!(
        studio.client(0).told,
        [Told::Arrivals(vec![(0, true), (1, false), (2, true)])]
    );
}

#[test]
fn sender_reports_map_the_publishers_clock_on_both_lines() {
    let mut studio = Studio::with(2);
    for n in 0..3 {
        studio.send(0, audio(n, b"a"));
        studio.send(0, video(n, KEY));
    }
    // The publisher says that both timestamps are of the same instant.
    let (spoken, shown) = (100_000, 900_000);
    let at = studio.now;
    studio.send_rtcp(0, |writer| {
        writer.sender_report(AUDIO_SSRC, 77 << 32, spoken, 1, 1);
        writer.sender_report(VIDEO_SSRC, 77 << 32, shown, 1, 1);
    });
    studio.client(1).told.clear();
    studio.ms(6000);
    let (sound, picture) = (
        0x5000 + studio.track_of(0, Kind::Audio).0,
        0x5000 + studio.track_of(0, Kind::Video).0,
    );
    let client = studio.client(1);
    let offset = |ssrc: u32, source: u32| {
        let packet = client.rtp_of(ssrc)[0];
        packet.header.timestamp.wrapping_sub(source)
    };
    let (sound_offset, picture_offset) = (offset(sound, 960), offset(picture, 3000));
    let mut seen = (0, 0);
    for told in &client.told {
        let Told::SenderReport {
            ssrc,
            ntp,
            rtp_timestamp,
        } = told
        else {
            continue;
        };
        let elapsed = ((ntp >> 16) & 0xffff_ffff) as f64 / 65_536.0;
        let (clock, spoken_at) = if *ssrc == sound {
            seen.0 += 1;
            (48_000.0, sound_offset.wrapping_add(spoken))
        } else {
            seen.1 += 1;
            (90_000.0, picture_offset.wrapping_add(shown))
        };
        let since = f64::from(rtp_timestamp.wrapping_sub(spoken_at)) / clock;
        let start = f64::from(0xea00_0000u32 & 0xffff);
        assert!(
            (since - (elapsed - start)).abs() < 0.002,
            "{since} {elapsed}"
        );
    }
    assert!(seen.0 >= 1 && seen.1 >= 5, "{seen:?}");
    assert!(studio.now > at);
}

#[test]
fn a_publisher_is_told_its_loss() {
    let mut studio = Studio::with(1);
    for n in (0..100).filter(|n| n % 10 != 5) {
        studio.send(0, audio(n, b"a"));
    }
    studio.ms(1100);
    let reports: Vec<_> = studio
        .client(0)
        .told
        .iter()
        .filter(|told| matches!(told, Told::ReceiverReport { .. }))
        .cloned()
        .collect();
    assert_eq!(
        reports[0],
        Told::ReceiverReport {
            lost: vec![(AUDIO_SSRC, 25)]
        }
    );
}

#[test]
fn the_round_trip_is_read_from_reports_of_the_subscriber() {
    let mut studio = running();
    studio.ms(1500);
    let (ssrc, ntp) = studio
        .client(1)
        .told
        .iter()
        .rev()
        .find_map(|told| match told {
            Told::SenderReport { ssrc, ntp, .. } => Some((*ssrc, *ntp)),
            _ => None,
        })
        .expect("a sender report");
    let block = salon_sfu_core::rtcp::ReportBlock {
        ssrc,
        fraction_lost: 128,
        last_sr: (ntp >> 16) as u32,
        delay_since_last_sr: 0,
        ..Default::default()
    };
    studio.send_rtcp(1, |writer| {
        writer.receiver_report(7, &[block]);
    });
    let stats = studio.room.peer_stats(PeerKey(1)).unwrap();
    assert!(
        stats
            .rtt
            .is_some_and(|rtt| rtt < Duration::from_millis(1500))
    );
    assert!(stats.loss_down > 0.05);
}

#[test]
fn forged_replayed_and_broken_packets_are_counted_and_hurt_nobody() {
    let mut studio = running();
    let good = studio.seal(0, video(11, DELTA));
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    studio.raw(0, &mut forged);
    studio.raw(0, &mut good.clone());
    studio.raw(0, &mut good.clone());
    studio.raw(0, &mut []);
    studio.raw(0, &mut [0x80]);
    studio.raw(0, &mut [0x80; 12]);
    studio.raw(0, &mut [0x80, 200, 0, 0]);
    studio.raw(
        0,
        &mut [
            0x80, 200, 0, 6, 0, 0, 0, 0, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 0x82,
            3, 4, 5,
        ],
    );
    studio.raw(9, &mut good.clone());
    let mut elsewhere = studio.seal(
        0,
        Sent {
            ssrc: 0xdead,
            pt: 50,
            ..video(1, DELTA)
        },
    );
    studio.raw(0, &mut elsewhere);
    assert_eq!(studio.client(1).rtp.len(), 1);
    let counters = studio.room.counters();
    for (reason, count) in [
        (DropReason::Forged, 2),
        (DropReason::Replayed, 1),
        (DropReason::Malformed, 4),
        (DropReason::UnknownPeer, 1),
        (DropReason::UnknownPayload, 1),
    ] {
        assert_eq!(counters.dropped(reason), count, "{reason:?}");
    }
}

#[test]
fn a_full_send_queue_drops_and_the_hole_can_be_repaired() {
    let mut studio = running();
    studio.arena.is_full = true;
    studio.send(0, video(11, DELTA));
    studio.arena.is_full = false;
    studio.send(0, video(12, DELTA));
    assert_eq!(studio.room.counters().dropped(DropReason::EgressFull), 1);
    let ssrc = 0x5000 + studio.track_of(0, Kind::Video).0;
    let missing = studio.client(1).rtp[0].index as u16 - 1;
    studio.send_rtcp(1, |writer| {
        writer.nack(7, ssrc, &[missing]);
    });
    assert_eq!(studio.client(1).rtp.len(), 2);
}

#[test]
fn padding_alone_leaves_no_gap() {
    let mut studio = running();
    studio.send(0, video(11, DELTA));
    studio.send(0, video(12, b""));
    studio.send(0, video(13, DELTA));
    let packets = &studio.client(1).rtp;
    assert_eq!(packets.len(), 2);
    assert_eq!(packets[1].index, packets[0].index + 1);
}

#[test]
fn numbers_go_on_over_the_wrap() {
    let mut studio = Studio::with(2);
    for n in 65_000..200_000u64 {
        if n % 500 == 0 || n > 65_400 && n < 65_700 {
            let mut packet = studio.seal(0, audio(n, b"a"));
            let now = studio.now;
            studio
                .room
                .handle_datagram(now, PeerKey(0), &mut packet, &mut studio.arena);
            studio.settle();
        } else if n % 20 == 0 {
            studio.send(0, audio(n, b"a"));
        }
    }
    assert_eq!(studio.room.counters().dropped(DropReason::Forged), 0);
    let packets = &studio.client(1).rtp;
    assert!(packets.windows(2).all(|pair| pair[1].index > pair[0].index));
    assert_eq!(
        packets.last().unwrap().index - packets[0].index,
        199_980 - 65_020
    );
}
