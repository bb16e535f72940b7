//! Members that send nonsense under good keys, and a network that reorders, repeats and loses.
#![allow(
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it finds a fault"
)]

mod support;

use std::time::Duration;

use proptest::prelude::*;
use salon_sfu_core::{DropReason, Kind, Mid, PeerKey, ReceiveLine, RoomEvent};
use support::*;

/// What a hostile or unlucky publisher does next.
#[derive(Clone, Debug)]
enum Step {
    /// Sealed RTP with any header behind the first byte and any payload.
    AnyRtp {
        header: Vec<u8>,
        payload: Vec<u8>,
    },
    /// Sealed RTCP of any content.
    AnyRtcp {
        kind: u8,
        count: u8,
        body: Vec<u8>,
    },
    /// Bytes that nobody sealed.
    Unsealed(Vec<u8>),
    /// An honest packet, this far ahead of the last.
    Honest(u16),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = |most| prop::collection::vec(any::<u8>(), 0..most);
    prop_oneof![
        (bytes(40), bytes(60)).prop_map(|(header, payload)| Step::AnyRtp { header, payload }),
        (199u8..208, 0u8..32, bytes(120)).prop_map(|(kind, count, body)| Step::AnyRtcp {
            kind,
            count,
            body
        }),
        bytes(60).prop_map(Step::Unsealed),
        (1u16..400).prop_map(Step::Honest),
        (0u16..700).prop_map(Step::Wait),
    ]
}

/// A header that announces as many extension bytes as there are.
fn shape(mut header: Vec<u8>, ssrc: u32) -> Vec<u8> {
    header.resize(header.len().next_multiple_of(4).max(16), 0);
    header[0] = 0x90;
    header[1] &= 0x7f;
    if header[1].is_multiple_of(3) {
        header[1] = VP8_PT + header[1] % 2;
    }
    if header[4].is_multiple_of(2) {
        header[8..12].copy_from_slice(&ssrc.to_be_bytes());
    }
    let words = (header.len() - 16) / 4;
    header[12..16].copy_from_slice(&[0xbe, 0xde, 0, words as u8]);
    header
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn nonsense_of_a_member_hurts_nobody(steps in prop::collection::vec(step(), 1..60)) {
        let mut studio = Studio::with(3);
        let mut at = 1;
        studio.send(0, video(at, KEY));
        for step in steps {
            match step {
                Step::AnyRtp { header, payload } => {
                    let mut packet = shape(header, RTX_SSRC);
                    studio.seal_raw(0, &mut packet, &payload);
                    studio.raw(0, &mut packet);
                }
                Step::AnyRtcp { kind, count, mut body } => {
                    body.resize(body.len().next_multiple_of(4).max(4), 0);
                    let mut packet = vec![0x80 | count, kind, 0, (body.len() / 4) as u8];
                    packet.extend(body);
                    studio.seal_rtcp_raw(0, &mut packet);
                    studio.raw(0, &mut packet);
                }
                Step::Unsealed(mut bytes) => studio.raw(0, &mut bytes),
                Step::Honest(ahead) => {
                    at += u64::from(ahead);
                    studio.send(0, video(at, KEY));
                }
                Step::Wait(ms) => studio.ms(ms.into()),
            }
        }
        studio.client(2).rtp.clear();
        studio.send(1, audio(1, b"still"));
        studio.send(1, audio(2, b"here"));
        let track = studio.track_of(1, Kind::Audio);
        prop_assert_eq!(&studio.client(2).rtp_of(0x5000 + track.0).last().unwrap().payload, b"here");
    }

    /// Whatever order packets come in, the subscriber sees them at one distance for as long as the source runs, never
    /// an index twice (the client checks that), and restarts only go forward.
    #[test]
    fn numbers_never_go_back(
        moves in prop::collection::vec((0u64..40, 0u8..20), 1..250),
    ) {
        let mut studio = Studio::with(2);
        let (mut base, mut source, mut sent) = (100u64, VIDEO_SSRC, Vec::new());
        studio.send(0, video(99, KEY));
        let mut highest = 0;
        for (jump, what) in moves {
            match what {
                0 => {
                    studio.room.set_publish(studio.now, PeerKey(0), true, false);
                    studio.send(0, Sent { ssrc: source, ..video(base + 60, DELTA) });
                    studio.room.set_publish(studio.now, PeerKey(0), true, true);
                    base += 100;
                }
                1 => {
                    source += 7;
                    base = 100 + jump * 1000;
                }
                2 => studio.ms(jump * 20),
                _ => {}
            }
            // Some come late, some twice.
            let index = base + jump;
            if jump > 30 {
                base += jump - 30;
            }
            let before = studio.client(1).rtp.len();
            studio.send(0, Sent { ssrc: source, ..video(index, KEY) });
            if let Some(packet) = studio.client(1).rtp.get(before).cloned() {
                sent.push((source, index, packet.index));
                highest = highest.max(packet.index);
            }
        }
        for pair in sent.windows(2) {
            let ((source, index, out), (next_source, next_index, next_out)) = (pair[0], pair[1]);
            if source == next_source && next_out < out {
                prop_assert_eq!(out - next_out, index - next_index);
            }
            if source != next_source {
                prop_assert!(next_out > out);
            }
        }
    }

    /// A subscriber with losses gets every packet in the end, if it asks.
    #[test]
    fn what_is_asked_for_arrives(lost in prop::collection::hash_set(11u64..200, 0..30)) {
        let mut studio = Studio::with(2);
        for n in 1..200 {
            let delta = [0x10, 1, n as u8];
            let mut packet = studio.seal(0, video(n, if n < 3 { KEY } else { &delta }));
            let now = studio.now;
            studio.room.handle_datagram(now, PeerKey(0), &mut packet, &mut studio.arena);
            if lost.contains(&n) {
                studio.arena.packets.retain(|(peer, packet)| *peer != PeerKey(1) || packet[1] & 0x7f >= 72);
            }
            studio.settle();
            studio.now += Duration::from_millis(5);
        }
        let ssrc = 0x5000 + studio.track_of(0, Kind::Video).0;
        let packets = studio.client(1).rtp_of(ssrc);
        let got: Vec<u64> = packets.iter().map(|packet| packet.index).collect();
        let all = got[0]..=got[0] + 197;
        let missing: Vec<u16> = all.filter(|n| !got.contains(n)).map(|n| n as u16).collect();
        let asked = missing.clone();
        studio.send_rtcp(1, |writer| {
            writer.receiver_report(7, &[]);
            writer.nack(7, ssrc, &asked);
        });
        let repaired = studio.client(1).rtp_of(ssrc + 0x1000);
        let originals: Vec<u16> =
            repaired.iter().map(|packet| u16::from_be_bytes([packet.payload[0], packet.payload[1]])).collect();
        prop_assert_eq!(originals, missing);
    }
}

/// Each track takes a line of everybody else, and lines are few.
#[test]
fn a_member_with_many_lines_leaves_room_for_others() {
    let mut studio = Studio::with(2);
    let lines: Vec<ReceiveLine> = (0..40)
        .map(|n| ReceiveLine {
            mid: Mid::new(&format!("m{n}")).unwrap(),
            ssrcs: Vec::new(),
            ..audio_line()
        })
        .map(|mut line| {
            let number: u32 = line.mid.as_str()[1..].parse().unwrap();
            line.ssrcs = vec![salon_sfu_core::SsrcPair {
                ssrc: 0x7000 + number,
                rtx: None,
            }];
            line
        })
        .collect();
    studio
        .room
        .set_receive_lines(studio.now, PeerKey(0), &lines)
        .unwrap();
    for number in 0..40 {
        studio.send(
            0,
            Sent {
                ssrc: 0x7000 + number,
                ..audio(1, b"me too")
            },
        );
    }
    let is_published = |event: &&RoomEvent| matches!(event, RoomEvent::TrackPublished { .. });
    assert_eq!(studio.events.iter().filter(is_published).count(), 8);
    assert_eq!(
        studio.room.counters().dropped(DropReason::TooManyTracks),
        32
    );
    studio.send(1, audio(1, b"honest"));
    assert_eq!(studio.events.iter().filter(is_published).count(), 9);
}

/// A few bytes of feedback can speak of very many packets.
#[test]
fn one_datagram_of_feedback_costs_no_more_than_an_honest_one() {
    let mut studio = Studio::with(2);
    let mut compound = Vec::new();
    for number in 0..60 {
        // 8191 packets, none of which came.
        compound.extend([0x8f, 205, 0, 5, 0, 0, 0, 7, 0, 0, 0, 8, 0, 1, 0x1f, 0xff]);
        compound.extend([0, 0, 0, number, 0x1f, 0xff, 0, 0]);
    }
    studio.seal_rtcp_raw(1, &mut compound);
    studio.raw(1, &mut compound);
    let told = studio.room.peer_stats(PeerKey(1)).unwrap().loss_down;
    assert!((0.1..0.2).contains(&told), "{told}");
}

/// Only what was sealed by the peer counts as a sign of life.
#[test]
fn a_datagram_is_authentic_only_if_the_peer_sealed_it() {
    let mut studio = Studio::with(1);
    let packet = studio.seal(0, video(1, KEY));
    let mut take = |mut packet: Vec<u8>| {
        let now = studio.now;
        studio
            .room
            .handle_datagram(now, PeerKey(0), &mut packet, &mut studio.arena)
    };
    let mut forged = packet.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert!(!take(forged));
    assert!(take(packet.clone()));
    assert!(!take(packet), "sent twice");
    assert!(!take(vec![0x80, 201, 0, 1, 0, 0, 0, 7, 1, 2, 3, 4]));
    assert!(!take(vec![0x80]));
}
