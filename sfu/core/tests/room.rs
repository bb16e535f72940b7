//! Rooms seen from outside: who receives what.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it finds a fault"
)]

mod support;

use salon_sfu_core::{Codec, DropReason, Kind, PeerKey, RoomError, RoomEvent, SrtpProfile};
use support::*;

#[test]
fn a_track_is_published_by_its_first_packet_and_offered_to_the_others() {
    let mut studio = Studio::with(3);
    studio.answers = false;
    studio.send(0, audio(100, b"sound"));
    let track = studio.track_of(0, Kind::Audio);
    assert_eq!(studio.events.len(), 3);
    for subscriber in [PeerKey(1), PeerKey(2)] {
        let wanted = RoomEvent::WantLine {
            subscriber,
            track,
            publisher: PeerKey(0),
            kind: Kind::Audio,
            codec: Codec::Opus,
        };
        assert!(studio.events.contains(&wanted));
    }
    studio.send(0, audio(101, b"sound"));
    assert_eq!(
        studio.events.len(),
        3,
        "the second packet tells nothing new"
    );
}

#[test]
fn media_reaches_every_other_peer_under_their_own_ids() {
    for profile in [
        SrtpProfile::AeadAes128Gcm,
        SrtpProfile::AeadAes256Gcm,
        SrtpProfile::Aes128CmSha1_80,
    ] {
        let mut studio = Studio::with(1);
        studio.join_with(PeerKey(1), profile);
        studio.join_with(PeerKey(2), profile);
        for n in 0..10 {
            studio.send(0, audio(65_530 + n, &[n as u8; 30]));
        }
        let track = studio.track_of(0, Kind::Audio);
        for peer in [1, 2] {
            let received = studio
                .client(peer)
                .rtp_of(0x5000 + track.0)
                .into_iter()
                .cloned()
                .collect::<Vec<_>>();
            assert_eq!(
                received.len(),
                9,
                "all but the one before the line was there"
            );
            for (n, packet) in received.iter().enumerate() {
                assert_eq!(packet.payload, [n as u8 + 1; 30]);
                assert_eq!(packet.header.pt, 63);
                assert_eq!(packet.mid, b"10");
                assert_eq!(packet.audio_level, Some(0x85));
                assert_eq!(packet.index, received[0].index + n as u64);
                assert_eq!(packet.transport_seq, Some(n as u16));
                let passed = packet
                    .header
                    .timestamp
                    .wrapping_sub(received[0].header.timestamp);
                assert_eq!(passed, 960 * n as u32);
            }
        }
        assert!(studio.client(0).rtp.is_empty(), "never its own");
    }
}

#[test]
fn video_starts_with_a_key_frame_that_was_asked_for() {
    let mut studio = Studio::with(2);
    studio.send(0, video(1, DELTA));
    assert_eq!(studio.client(0).keyframe_requests(), 1);
    assert_eq!(
        studio.client(0).told[0],
        Told::PictureLoss {
            media_ssrc: VIDEO_SSRC
        }
    );
    studio.send(0, video(2, DELTA));
    assert!(studio.client(1).rtp.is_empty());
    studio.send(0, video(3, KEY));
    studio.send(0, video(4, DELTA));
    assert_eq!(studio.client(1).rtp.len(), 2);
    assert_eq!(studio.client(1).rtp[0].payload, KEY);
    assert_eq!(
        studio.room.counters().dropped(DropReason::AwaitingKeyframe),
        1
    );
}

#[test]
fn a_late_joiner_gets_everything_that_is_published() {
    let mut studio = Studio::with(2);
    studio.send(0, audio(1, b"a"));
    studio.send(0, video(1, KEY));
    studio.send(1, audio(1, b"b"));
    studio.join(PeerKey(2));
    let wants = studio.events.iter().filter(|event| {
        matches!(
            event,
            RoomEvent::WantLine {
                subscriber: PeerKey(2),
                ..
            }
        )
    });
    assert_eq!(wants.count(), 3);
    studio.ms(600);
    assert!(
        studio.client(0).keyframe_requests() >= 2,
        "one for each who came"
    );
}

#[test]
fn leaving_ends_tracks_and_lines_exactly_once() {
    let mut studio = Studio::with(3);
    studio.send(0, audio(1, b"a"));
    studio.send(1, audio(1, b"b"));
    let (left, stays) = (
        studio.track_of(0, Kind::Audio),
        studio.track_of(1, Kind::Audio),
    );
    studio.events.clear();
    for _ in 0..2 {
        studio.room.remove_peer(studio.now, PeerKey(0));
        studio.settle();
    }
    assert_eq!(
        studio.events,
        [
            RoomEvent::UnwantLine {
                subscriber: PeerKey(1),
                track: left
            },
            RoomEvent::UnwantLine {
                subscriber: PeerKey(2),
                track: left
            },
            RoomEvent::TrackEnded {
                peer: PeerKey(0),
                track: left
            },
        ]
    );
    studio.send(1, audio(2, b"b"));
    assert_eq!(studio.client(2).rtp_of(0x5000 + stays.0).len(), 1);
    studio.room.remove_peer(studio.now, PeerKey(1));
    studio.room.remove_peer(studio.now, PeerKey(2));
    studio.settle();
    assert_eq!(studio.room.track_stats().count(), 0);
}

#[test]
fn twenty_comings_and_goings_leave_nothing_behind() {
    let mut studio = Studio::with(2);
    studio.send(1, audio(1, b"b"));
    for round in 0..20 {
        let guest = PeerKey(2);
        studio.join(guest);
        studio.send(2, audio(round * 100, b"c"));
        studio.send(2, audio(round * 100 + 1, b"c"));
        studio.room.remove_peer(studio.now, guest);
        studio.settle();
    }
    assert_eq!(studio.room.track_stats().count(), 1);
    assert_eq!(studio.room.peer_stats(PeerKey(0)).unwrap().links, 1);
    assert_eq!(studio.client(0).rtp.len(), 20);
}

#[test]
fn a_stopped_line_ends_its_track_and_a_silent_one_does_not() {
    let mut studio = Studio::with(2);
    studio.send(0, video(1, KEY));
    let track = studio.track_of(0, Kind::Video);
    studio.ms(60_000);
    assert!(!studio.events.contains(&RoomEvent::TrackEnded {
        peer: PeerKey(0),
        track
    }));
    let mut stopped = video_line();
    stopped.active = false;
    studio
        .room
        .set_receive_lines(studio.now, PeerKey(0), &[audio_line(), stopped])
        .unwrap();
    studio.settle();
    assert!(studio.events.contains(&RoomEvent::TrackEnded {
        peer: PeerKey(0),
        track
    }));
    studio.send(0, video(2, KEY));
    assert_eq!(studio.room.counters().dropped(DropReason::UnknownSource), 1);
}

#[test]
fn a_renegotiation_keeps_running_tracks() {
    let mut studio = Studio::with(2);
    studio.send(0, video(1, KEY));
    let mut moved = video_line();
    moved.payloads.reverse();
    studio
        .room
        .set_receive_lines(studio.now, PeerKey(0), &[moved, audio_line()])
        .unwrap();
    studio.send(0, video(2, KEY));
    studio.send(0, video(3, DELTA));
    let packets = &studio.client(1).rtp;
    assert_eq!(packets.len(), 2);
    assert!(packets.iter().all(|packet| packet.header.pt == 100));
    assert_eq!(packets[1].index, packets[0].index + 1);
}

#[test]
fn what_the_server_mutes_is_not_heard_and_leaves_no_gap() {
    let mut studio = Studio::with(2);
    (1..4).for_each(|n| studio.send(0, audio(n, b"a")));
    studio.send(0, video(1, KEY));
    studio.send(0, video(2, KEY));
    studio
        .room
        .set_publish(studio.now, PeerKey(0), false, false);
    studio.client(1).rtp.clear();
    (4..10).for_each(|n| studio.send(0, audio(n, b"a")));
    (3..10).for_each(|n| studio.send(0, video(n, DELTA)));
    assert!(studio.client(1).rtp.is_empty());
    assert_eq!(studio.room.counters().dropped(DropReason::Muted), 13);
    studio.ms(1000);
    let asked = studio.client(0).keyframe_requests();
    studio.room.set_publish(studio.now, PeerKey(0), true, true);
    studio.settle();
    assert_eq!(studio.client(0).keyframe_requests(), asked + 1);
    studio.send(0, audio(10, b"a"));
    studio.send(0, video(10, DELTA));
    studio.send(0, video(11, KEY));
    let packets = studio.client(1).rtp.clone();
    assert_eq!(packets.len(), 2);
    let (sound, picture) = (&packets[0], &packets[1]);
    assert_eq!(picture.payload, KEY);
    for (packet, ssrc) in [(sound, 0x5000), (picture, 0x5001)] {
        assert_eq!(packet.header.ssrc, ssrc);
    }
    studio.send(0, audio(11, b"a"));
    assert_eq!(studio.client(1).rtp[2].index, sound.index + 1);
}

#[test]
fn a_new_source_on_the_line_goes_on_where_the_old_one_stopped() {
    let mut studio = Studio::with(2);
    for n in 1..5 {
        studio.send(0, video(n, KEY));
        studio.ms(40);
    }
    let fresh = |index, payload| Sent {
        ssrc: 0x7777,
        timestamp: 5,
        ..video(index, payload)
    };
    studio.send(0, fresh(30_000, DELTA));
    studio.send(0, video(5, DELTA));
    studio.send(0, fresh(30_001, KEY));
    studio.send(0, fresh(30_002, DELTA));
    let packets = studio.client(1).rtp.clone();
    let published = studio
        .events
        .iter()
        .filter(|event| matches!(event, RoomEvent::TrackPublished { .. }));
    assert_eq!((published.count(), packets.len()), (1, 5));
    for pair in packets.windows(2) {
        assert_eq!(pair[1].index, pair[0].index + 1);
        let step = pair[1]
            .header
            .timestamp
            .wrapping_sub(pair[0].header.timestamp)
            .cast_signed();
        assert!((0..=4000).contains(&step), "time goes on: {step}");
    }
    assert_eq!(studio.room.counters().dropped(DropReason::OldSource), 1);
}

#[test]
fn a_subscriber_without_the_codec_gets_nothing() {
    let mut studio = Studio::with(2);
    studio.answers = false;
    studio.send(0, video(1, KEY));
    let track = studio.track_of(0, Kind::Video);
    let mut line = send_line(Kind::Video, track);
    line.payloads = vec![payload(98, Codec::Vp9 { profile_id: 0 }, 90_000, None)];
    assert_eq!(
        studio.room.bind_link(studio.now, PeerKey(1), track, line),
        Err(RoomError::NoCommonCodec)
    );
    let mut line = send_line(Kind::Video, track);
    line.payloads.remove(0);
    studio
        .room
        .bind_link(studio.now, PeerKey(1), track, line)
        .unwrap();
    studio.send(0, video(2, KEY));
    assert_eq!(studio.room.counters().dropped(DropReason::NoCodec), 1);
    studio.send(
        0,
        Sent {
            pt: H264_PT,
            ..video(3, &[0x65, 1, 2, 3])
        },
    );
    assert_eq!(studio.client(1).rtp.len(), 1);
    assert_eq!(studio.client(1).rtp[0].header.pt, 107);
}

#[test]
fn h264_passes_bit_for_bit() {
    let mut studio = Studio::with(2);
    let mut sei = vec![0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 24, 0x06, 5, 20];
    sei.extend((0..21).map(|n| 0x80 ^ n));
    studio.send(
        0,
        Sent {
            pt: H264_PT,
            ..video(1, &sei)
        },
    );
    studio.send(
        0,
        Sent {
            pt: H264_PT,
            ..video(2, &sei)
        },
    );
    assert_eq!(studio.client(1).rtp[0].payload, sei);
}

#[test]
fn the_same_ssrc_is_never_bound_twice_and_goes_on_when_bound_again() {
    let mut studio = Studio::with(3);
    studio.send(0, audio(1, b"a"));
    studio.send(1, audio(1, b"b"));
    let (first, second) = (
        studio.track_of(0, Kind::Audio),
        studio.track_of(1, Kind::Audio),
    );
    let line = send_line(Kind::Audio, first);
    studio.room.unbind_link(PeerKey(2), second);
    assert_eq!(
        studio
            .room
            .bind_link(studio.now, PeerKey(2), second, line.clone()),
        Err(RoomError::SsrcInUse)
    );
    (2..6).for_each(|n| studio.send(0, audio(n, b"a")));
    studio.room.unbind_link(PeerKey(2), first);
    studio.send(0, audio(6, b"a"));
    studio
        .room
        .bind_link(studio.now, PeerKey(2), first, line)
        .unwrap();
    studio.send(0, audio(7, b"a"));
    let packets = studio.client(2).rtp.clone();
    assert_eq!(packets.len(), 5);
    assert_eq!(packets[4].index, packets[3].index + 1);
}

#[test]
fn bounds_are_kept() {
    let mut studio = Studio::with(1);
    assert_eq!(
        studio.room.add_peer(studio.now, PeerKey(0), 1),
        Err(RoomError::PeerExists)
    );
    let lines = vec![audio_line(); 101];
    assert_eq!(
        studio
            .room
            .set_receive_lines(studio.now, PeerKey(0), &lines),
        Err(RoomError::TooMany)
    );
    assert_eq!(
        studio.room.set_receive_lines(studio.now, PeerKey(9), &[]),
        Err(RoomError::UnknownPeer)
    );
}

#[test]
fn new_keys_start_afresh_and_the_same_keys_change_nothing() {
    let mut studio = Studio::with(2);
    for n in 1..=3 {
        studio.send(0, video(n, KEY));
    }
    let (same, _) = keys(PeerKey(0), SrtpProfile::AeadAes128Gcm);
    let replayed = studio.seal(0, video(3, KEY));
    studio.room.set_keys(PeerKey(0), same).unwrap();
    studio.raw(0, &mut replayed.clone());
    assert_eq!(studio.room.counters().dropped(DropReason::Replayed), 1);
    let (ours, theirs) = keys(PeerKey(0), SrtpProfile::AeadAes256Gcm);
    studio.room.set_keys(PeerKey(0), ours).unwrap();
    studio.client(0).rekey(&theirs);
    for n in 2..=4 {
        studio.send(0, video(n, KEY));
    }
    let indices: Vec<u64> = studio
        .client(1)
        .rtp
        .iter()
        .map(|packet| packet.index)
        .collect();
    assert_eq!(indices.len(), 5);
    assert!(
        indices.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "the same numbers of the publisher go to new places: {indices:?}"
    );
}

#[test]
fn a_new_subscriber_starts_from_the_key_frame_in_the_cache() {
    let mut studio = Studio::with(2);
    studio.send(0, video(1, KEY));
    for n in 2..6 {
        studio.ms(33);
        studio.send(0, video(n, DELTA));
    }
    studio.join(PeerKey(2));
    studio.ms(33);
    studio.send(0, video(6, DELTA));
    studio.send(0, video(7, DELTA));
    let late: Vec<_> = studio.client(2).rtp.clone();
    assert_eq!(late.len(), 7);
    assert_eq!(late[0].payload, KEY);
    assert!(
        late.windows(2)
            .all(|pair| pair[1].index == pair[0].index + 1)
    );
    studio.ms(400);
    studio.join(PeerKey(3));
    studio.send(0, video(8, DELTA));
    assert!(studio.client(3).rtp.is_empty(), "too old by now");
    assert_eq!(
        studio.room.counters().dropped(DropReason::AwaitingKeyframe),
        1
    );
}
