//! People come, publish, are muted and go.

mod support;

use std::time::Duration;

use salon_sfu_net::{Connection, EngineConfig, Event};
use salon_sfu_testkit::{LineDirection, VideoCodec, lines_of};
use support::Call;

#[test]
fn the_answer_takes_both_lines_and_names_a_candidate() {
    let mut call = Call::new();
    let position = call.add_peer(vec![VideoCodec::H264, VideoCodec::Vp8]);
    let offer = call.peer_mut(position).make_offer().expect("an offer");
    let answer = call
        .order(call.join_command(position, offer))
        .expect("an answer");
    let answer = answer.expect("a text");
    let lines = lines_of(&answer);
    assert_eq!(lines.len(), 2);
    for line in &lines {
        assert_eq!(
            (line.direction, line.is_stopped),
            (LineDirection::RecvOnly, false)
        );
    }
    let port = call.engine.udp_port().to_string();
    let names_us = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        line.starts_with("a=candidate:")
            && words.contains(&"127.0.0.1")
            && words.contains(&port.as_str())
    };
    assert!(answer.lines().any(names_us), "{answer}");
    call.peer_mut(position)
        .accept_answer(&answer)
        .expect("a good answer");
    call.until("the peer to connect", |call| {
        call.is_connected(0) && call.times_in(0, Connection::Connected) == 1
    });
}

#[test]
fn three_hear_and_see_each_other() {
    let mut call = Call::of(3);
    call.run_for(Duration::from_millis(500));
    for at in 0..3 {
        for from in (0..3).filter(|from| *from != at) {
            for kind in ["audio", "video"] {
                let track = call
                    .peer(at)
                    .track(&Call::stream(from), kind)
                    .expect("a track");
                let state = (track.lost(), track.duplicates, track.damaged, track.foreign);
                assert_eq!(state, (0, 0, 0, 0), "{at} from {from} {kind}");
            }
        }
        assert!(call.peer(at).track(&Call::stream(at), "video").is_none());
    }
}

#[test]
fn h264_is_forwarded_as_it_is() {
    let mut call = Call::new();
    for _ in 0..2 {
        let position = call.join_with(vec![VideoCodec::H264]);
        call.publish_as(position, VideoCodec::H264);
    }
    call.until_flows(1, 0, "video", 60);
    let track = call
        .peer(1)
        .track(&Call::stream(0), "video")
        .expect("a track");
    assert!(track.began_with_key_frame);
    assert_eq!((track.damaged, track.foreign, track.lost()), (0, 0, 0));
}

#[test]
fn one_who_joins_late_starts_with_a_key_frame() {
    let mut call = Call::of(2);
    let late = call.join();
    let joined = std::time::Instant::now();
    call.until("the late one to see both", |call| {
        call.hears_and_sees(late, 2)
    });
    assert!(
        joined.elapsed() < Duration::from_secs(2),
        "{:?}",
        joined.elapsed()
    );
    for from in 0..2 {
        let track = call
            .peer(late)
            .track(&Call::stream(from), "video")
            .expect("a track");
        assert!(track.began_with_key_frame);
    }
}

#[test]
fn leaving_stops_the_lines_of_the_others_once() {
    let mut call = Call::of(3);
    call.leave(2);
    call.until("the others' lines to stop", |call| {
        (0..2).all(|at| call.peer(at).live_tracks().count() == 2)
    });
    for at in 0..2 {
        let stopped = call
            .peer(at)
            .remote_lines()
            .iter()
            .filter(|line| line.is_stopped)
            .count();
        assert_eq!(stopped, 2, "{:?}", call.peer(at).remote_lines());
    }
    let offers = call.offers_made(0);
    call.leave(2);
    call.run_for(Duration::from_millis(400));
    assert_eq!(call.times_in(2, Connection::Gone), 1);
    assert_eq!(call.ended_tracks(2), 2);
    assert_eq!(call.offers_made(0), offers);
    call.until_flows(0, 1, "video", 10);
}

#[test]
fn lines_are_used_again_over_twenty_visits() {
    let mut call = Call::new();
    call.join();
    for visit in 1..=20 {
        let guest = call.join();
        call.publish(guest);
        call.until("the guest to be seen", |call| {
            call.packets(0, guest, "audio") > 0 && call.packets(0, guest, "video") > 0
        });
        call.leave(guest);
        call.until("the guest's tracks to end", |call| {
            call.peer(0).live_tracks().count() == 0
        });
        assert!(call.peer(0).tracks().len() >= 2 * visit);
    }
    let lines = call.peer(0).remote_lines().len();
    assert!(lines <= 6, "{lines} lines after twenty visits");
}

#[test]
fn a_muted_publisher_is_not_forwarded() {
    let mut call = Call::of(2);
    call.set_publish(0, true, false);
    call.run_for(Duration::from_millis(100));
    let (video, audio) = (call.packets(1, 0, "video"), call.packets(1, 0, "audio"));
    call.until("audio to go on", |call| {
        call.packets(1, 0, "audio") > audio + 20
    });
    assert_eq!(call.packets(1, 0, "video"), video);
    assert!(
        call.peer(1).track(&Call::stream(0), "video").is_some(),
        "the line stays"
    );
    call.set_publish(0, true, true);
    call.until_flows(1, 0, "video", 30);
}

#[test]
fn a_track_is_announced_with_its_kind_and_codec() {
    let call = Call::of(2);
    let name = call.name(0);
    let mut seen: Vec<(&str, String)> = call
        .log
        .iter()
        .filter_map(|event| match event {
            Event::TrackPublished {
                peer, kind, codec, ..
            } if **peer == *name => Some((kind.as_str(), codec.to_lowercase())),
            _ => None,
        })
        .collect();
    seen.sort();
    assert_eq!(
        seen,
        [("audio", "opus".to_owned()), ("video", "vp8".to_owned())]
    );
}

#[test]
fn rooms_do_not_hear_each_other() {
    // Two shards, so that rooms of one and of two threads are met.
    let mut call = Call::with(EngineConfig {
        shards: 2,
        ..EngineConfig::default()
    });
    let rooms = ["room_a", "room_b", "room_c"];
    for room in rooms.iter().chain(&rooms) {
        let position = call.join_room(room);
        call.publish(position);
    }
    call.until("each to hear its one neighbour", |call| {
        (0..6).all(|at| call.hears_and_sees(at, 1))
    });
    for at in 0..6 {
        assert!(
            call.peer(at)
                .track(&Call::stream((at + 3) % 6), "video")
                .is_some()
        );
        assert_eq!(call.peer(at).tracks().len(), 2, "{}", call.describe());
    }
}

#[test]
fn a_closed_room_sends_everybody_away() {
    let mut call = Call::of(2);
    let command = salon_sfu_net::Command::CloseRoom {
        room: Call::room(),
        reason: "ended".to_owned(),
    };
    call.order(command).expect("closed");
    call.until("both to be gone", |call| {
        (0..2).all(|at| call.times_in(at, Connection::Gone) == 1)
    });
}
