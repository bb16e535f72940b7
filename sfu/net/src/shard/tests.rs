//! What only the inside can show: a room that breaks, and that nothing stays behind.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use salon_sfu_session::Identity;

use super::{Shard, ShardConfig};
use crate::api::{Command, Connection, Event, FailureKind};
use crate::engine::Shared;
use crate::events::EventQueue;
use crate::sys::{EventFd, Route};

const OFFER: &str = include_str!("../../../session/tests/fixtures/chromium.sdp");

fn shard() -> Shard {
    let shared = Shared {
        events: Arc::new(EventQueue::new().expect("an eventfd")),
        peers: Arc::new(AtomicUsize::new(0)),
        wake: EventFd::new().expect("an eventfd"),
        stop: AtomicBool::new(false),
        stats: Mutex::default(),
    };
    let config = ShardConfig {
        identity: Identity::generate().expect("a certificate"),
        candidates: vec!["127.0.0.1:4000".parse().expect("an address")],
        max_peers: 10,
        max_lines: 10,
    };
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let (orders, _) = std::sync::mpsc::channel();
    let (_, returns) = std::sync::mpsc::channel();
    let recorder = super::recording::Recorder::new(0, 1 << 20, orders, returns);
    let listener = salon_sfu_listener::Listener::start(|| {}).expect("a thread");
    let ear = listener.ear().expect("a door");
    let listening = super::listening::Listening::new(0, ear);
    Shard::new(socket, config, Arc::new(shared), recorder, listening).expect("a shard")
}

fn join(shard: &mut Shard, room: &str, peer: &str) {
    let command = Command::Join {
        room: room.to_owned(),
        peer: peer.to_owned(),
        stream: format!("web_{peer}"),
        offer: OFFER.to_owned(),
    };
    let outcome = shard.execute(Instant::now(), command);
    assert!(outcome.is_ok(), "{outcome:?}");
    shard.settle(Instant::now());
}

fn leave(room: &str, peer: &str) -> Command {
    Command::Leave {
        room: room.to_owned(),
        peer: peer.to_owned(),
        reason: "left".to_owned(),
    }
}

fn break_room(shard: &mut Shard, room: &str) {
    let index = shard.rooms.named(room).expect("the room");
    shard.rooms.get_mut(index).expect("the room").is_broken = true;
}

/// Who was said to be gone, and which rooms broke.
fn ends(shard: &Shard) -> (Vec<String>, Vec<String>) {
    let mut events = Vec::new();
    shard.shared.events.drain(&mut events, usize::MAX);
    let (mut gone, mut faults) = (Vec::new(), Vec::new());
    for event in events {
        match event {
            Event::PeerState {
                peer,
                state: Connection::Gone,
                cause,
                ..
            } => gone.push(format!("{peer} {cause}")),
            Event::RoomFault { room, detail } => faults.push(format!("{room}: {detail}")),
            _ => {}
        }
    }
    gone.sort();
    (gone, faults)
}

/// Two rooms; in the first of them something breaks in the given way. The second does not notice, and the first can
/// be made again.
fn only_that_room_ends(breaks: impl FnOnce(&mut Shard, Instant)) {
    let mut shard = shard();
    for (room, peer) in [("first", "ann"), ("first", "ben"), ("second", "cleo")] {
        join(&mut shard, room, peer);
    }
    break_room(&mut shard, "first");
    let now = Instant::now();
    breaks(&mut shard, now);
    shard.settle(now);
    assert_eq!(
        ends(&shard),
        (
            vec!["ann fault".to_owned(), "ben fault".to_owned()],
            vec!["first: a planted fault".to_owned()]
        )
    );
    assert_eq!(shard.shared.peers.load(Ordering::Acquire), 1);
    assert_eq!((shard.peers.len(), shard.rooms.len()), (1, 1));
    let stats = |room: &str| Command::RoomStats {
        room: room.to_owned(),
    };
    let missing = shard.execute(now, stats("first")).expect_err("no room");
    assert_eq!(missing.kind, FailureKind::UnknownRoom);
    assert!(shard.execute(now, stats("second")).is_ok());
    join(&mut shard, "first", "ann");
    assert!(shard.execute(now, leave("first", "ann")).is_ok());
    assert_eq!(ends(&shard).0, ["ann left"]);
}

#[test]
fn a_fault_at_a_command_ends_only_that_room() {
    only_that_room_ends(|shard, now| {
        let command = Command::SetPublish {
            room: "first".to_owned(),
            peer: "ann".to_owned(),
            audio: true,
            video: false,
        };
        let failure = shard.execute(now, command).expect_err("a fault");
        assert_eq!(failure.kind, FailureKind::Internal);
    });
}

#[test]
fn a_fault_while_somebody_leaves_ends_only_that_room() {
    only_that_room_ends(|shard, now| {
        let _ = shard.execute(now, leave("first", "ann"));
    });
}

#[test]
fn a_fault_at_a_datagram_ends_only_that_room() {
    only_that_room_ends(|shard, now| {
        let key = shard.peers.iter().next().map(|(key, _)| key);
        let remote = "127.0.0.1:9".parse().expect("an address");
        shard.peers.learn_address(key.expect("a peer"), remote);
        let from = Route {
            remote,
            local: None,
        };
        shard.handle_datagram(now, from, &mut [0x80; 40]);
    });
}

#[test]
fn a_fault_outside_the_media_plane_ends_only_that_room() {
    only_that_room_ends(|shard, _| {
        let index = shard.rooms.named("first").expect("the room");
        let outcome = shard.guarded(index, |_| panic!("a planted fault"));
        assert_eq!(outcome, None::<()>);
    });
}

#[test]
fn nobody_lives_by_datagrams_that_he_did_not_seal() {
    let mut shard = shard();
    join(&mut shard, "room", "ann");
    let born = Instant::now();
    let key = shard.peers.iter().next().map(|(key, _)| key);
    let remote = "127.0.0.1:9".parse().expect("an address");
    shard.peers.learn_address(key.expect("a peer"), remote);
    let from = Route {
        remote,
        local: None,
    };
    for seconds in 0..60 {
        let now = born + Duration::from_secs(seconds);
        shard.handle_datagram(now, from, &mut [0x80; 40]);
        shard.run_timers(now);
        shard.settle(now);
    }
    assert_eq!(ends(&shard).0, ["ann never_connected"]);
}

#[test]
fn a_thousand_visits_leave_nothing_behind() {
    let mut shard = shard();
    join(&mut shard, "room", "host");
    let before = (shard.peers.entries(), shard.rooms.len());
    for visit in 0..1000_u16 {
        let room = if visit % 2 == 0 { "room" } else { "other" };
        join(&mut shard, room, "guest");
        let key = shard.peers.iter().last().map(|(key, _)| key);
        let remote = ([127, 0, 0, 1], 10_000 + visit).into();
        shard.peers.learn_address(key.expect("a peer"), remote);
        assert!(shard.execute(Instant::now(), leave(room, "guest")).is_ok());
        shard.settle(Instant::now());
        assert_eq!(ends(&shard).0, ["guest left"]);
    }
    assert_eq!((shard.peers.entries(), shard.rooms.len()), before);
    assert_eq!(shard.peers.len(), 1);
    assert_eq!(shard.shared.peers.load(Ordering::Acquire), 1);
    assert!(
        shard.peers.iter().all(|(key, _)| key.0 < 2),
        "keys are used again"
    );
}
