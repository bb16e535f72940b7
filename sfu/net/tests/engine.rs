//! The engine as its owner sees it: ports, threads, queues.

mod support;

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use salon_sfu_net::{Command, Engine, EngineConfig, Event};
use support::Call;

fn has_thread(id: i32) -> bool {
    Path::new(&format!("/proc/self/task/{id}")).exists()
}

#[test]
fn a_closed_engine_leaves_no_thread_and_no_port() {
    let call = Call::of(2);
    let (threads, port) = (call.engine.thread_ids(), call.engine.udp_port());
    assert!(!threads.is_empty() && threads.iter().all(|id| has_thread(*id)));
    drop(call);
    // The thread is joined, but the kernel forgets it a moment later.
    let deadline = Instant::now() + Duration::from_secs(2);
    while threads.iter().any(|id| has_thread(*id)) {
        assert!(Instant::now() < deadline, "a media thread is still there");
        std::thread::yield_now();
    }
    let config = EngineConfig {
        udp_port: port,
        ..EngineConfig::default()
    };
    Engine::start(config).expect("the port is free again");
}

#[test]
fn media_goes_first_where_that_is_allowed() {
    let is_allowed = std::process::Command::new("chrt")
        .args(["--rr", "1", "true"])
        .status();
    let expected = if is_allowed.is_ok_and(|status| status.success()) {
        SCHED_RR
    } else {
        SCHED_OTHER
    };
    for (real_time, policy) in [(true, expected), (false, SCHED_OTHER)] {
        let config = EngineConfig {
            real_time,
            ..EngineConfig::default()
        };
        let engine = Engine::start(config).expect("an engine");
        for id in engine.thread_ids() {
            assert_eq!(policy_of(id), policy, "asked: {real_time}");
        }
    }
}

/// As in the `policy` of `proc_pid_stat(5)`.
const SCHED_OTHER: u32 = 0;
const SCHED_RR: u32 = 2;

fn policy_of(thread: i32) -> u32 {
    let text = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).expect("a thread");
    let (_, fields) = text.rsplit_once(')').expect("a name in brackets");
    // The name is the second field, the policy the 41st.
    let policy = fields.split_whitespace().nth(38).expect("a policy");
    policy.parse().expect("a number")
}

#[test]
fn a_taken_port_is_said_so() {
    let first = Engine::start(EngineConfig::default()).expect("an engine");
    let config = EngineConfig {
        udp_port: first.udp_port(),
        ..EngineConfig::default()
    };
    let error = Engine::start(config).expect_err("the port is taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

#[test]
fn a_full_queue_says_so_and_recovers() {
    let mut call = Call::of(2);
    let ask = || Command::RoomStats { room: Call::room() };
    let mut taken = 0;
    let refused = (0..200_000).any(|_| match call.engine.submit(ask()) {
        Ok(_) => {
            taken += 1;
            false
        }
        Err(_) => true,
    });
    assert!(refused, "{taken} commands were taken");
    let mut ended = 0;
    let deadline = Instant::now() + Duration::from_secs(4);
    while ended < taken {
        assert!(
            Instant::now() < deadline,
            "{ended} of {taken} commands ended"
        );
        let mut events = Vec::new();
        call.engine.wait_events(Duration::from_millis(50));
        call.engine.poll_events(&mut events);
        ended += events
            .iter()
            .filter(|e| matches!(e, Event::Completed { .. }))
            .count();
    }
    call.order(ask()).expect("taken again").expect("a text");
    call.until_flows(0, 1, "video", 20);
}

#[test]
fn commands_after_the_end_are_told_so() {
    let engine = Engine::start(EngineConfig::default()).expect("an engine");
    engine.close();
    engine.close();
    let ticket = engine
        .submit(Command::RoomStats { room: Call::room() })
        .expect("taken");
    let mut events = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(2);
    let is_told = |events: &[Event]| {
        events.iter().any(|event| {
            matches!(event, Event::Completed { ticket: t, outcome: Err(_) } if *t == ticket)
        })
    };
    while !is_told(&events) {
        assert!(Instant::now() < deadline, "no end of the command");
        engine.wait_events(Duration::from_millis(50));
        engine.poll_events(&mut events);
    }
}
