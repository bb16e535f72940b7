//! Offers and answers that cross, repeat, lie or are nonsense.

mod support;

use std::time::Duration;

use salon_sfu_net::{Command, Connection, EngineConfig, FailureKind};
use salon_sfu_testkit::VideoCodec;
use support::{Call, Outcome};

fn kind(outcome: Outcome) -> FailureKind {
    outcome.expect_err("a refusal").kind
}

#[test]
fn the_clients_offer_wins_over_ours() {
    let mut call = Call::new();
    call.join();
    call.until("the first to connect", |call| call.is_connected(0));
    call.answers_offers = false;
    let guest = call.join();
    call.publish(guest);
    call.until("an offer to wait", |call| call.offers.contains_key(&0));
    let (old_neg, old_offer) = call.offers.remove(&0).expect("just seen");
    // The client's own offer is made before it has looked at ours.
    let own = call.peer_mut(0).restart_ice().expect("an offer");
    let answer = call
        .order(call.offer_command(0, own))
        .expect("an answer")
        .expect("a text");
    call.peer_mut(0)
        .accept_answer(&answer)
        .expect("a good answer");
    call.until("the engine to offer again", |call| {
        call.offers.get(&0).is_some_and(|(neg, _)| *neg > old_neg)
    });
    let stale = call.order(call.answer_command(0, old_offer, Some(old_neg)));
    assert_eq!(kind(stale), FailureKind::StaleNegotiation);
    call.answer_waiting(0).expect("accepted");
    call.answers_offers = true;
    call.until_flows(0, guest, "video", 20);
}

#[test]
fn media_goes_on_over_an_ice_restart() {
    let mut call = Call::of(2);
    let offer = call.peer_mut(1).restart_ice().expect("an offer");
    let answer = call
        .order(call.offer_command(1, offer))
        .expect("an answer")
        .expect("a text");
    call.peer_mut(1)
        .accept_answer(&answer)
        .expect("a good answer");
    call.until_flows(1, 0, "video", 60);
    call.until_flows(0, 1, "video", 60);
    assert!(call.is_connected(1));
}

#[test]
fn media_follows_a_peer_to_another_network() {
    let mut call = Call::of(2);
    let old = call.peer(1).address();
    let offer = call.driver.move_peer(1).expect("an offer");
    assert_ne!(call.peer(1).address(), old);
    let answer = call
        .order(call.offer_command(1, offer))
        .expect("an answer")
        .expect("a text");
    call.peer_mut(1)
        .accept_answer(&answer)
        .expect("a good answer");
    call.until_flows(1, 0, "video", 30);
    call.until_flows(0, 1, "video", 30);
    assert_eq!(call.times_in(1, Connection::Gone), 0);
}

#[test]
fn one_offer_is_out_at_a_time_and_later_changes_follow() {
    let mut call = Call::new();
    call.join();
    call.until("the first to connect", |call| call.is_connected(0));
    call.answers_offers = false;
    for _ in 0..2 {
        let guest = call.join();
        call.publish(guest);
        call.until("an offer to wait", |call| call.offers.contains_key(&0));
        call.run_for(Duration::from_millis(400));
    }
    assert_eq!(call.offers_made(0), 1, "{}", call.describe());
    call.answer_waiting(0).expect("accepted");
    call.until("the rest to be offered", |call| {
        call.offers.contains_key(&0)
    });
    call.answer_waiting(0).expect("accepted");
    call.until("both guests to be seen", |call| call.hears_and_sees(0, 2));
}

#[test]
fn nothing_is_sent_on_a_line_before_its_answer() {
    let mut call = Call::new();
    call.join();
    call.until("the first to connect", |call| call.is_connected(0));
    call.answers_offers = false;
    let guest = call.join();
    call.publish(guest);
    call.until("an offer to wait", |call| call.offers.contains_key(&0));
    call.run_for(Duration::from_millis(300));
    assert_eq!(call.peer(0).unexpected(), 0);
    call.answer_waiting(0).expect("accepted");
    call.until_flows(0, guest, "video", 5);
    let track = call
        .peer(0)
        .track(&Call::stream(guest), "video")
        .expect("a track");
    assert!(track.began_with_key_frame);
}

#[test]
fn nonsense_is_refused_and_nobody_else_notices() {
    let mut call = Call::of(2);
    let stranger = call.add_peer(vec![VideoCodec::Vp8]);
    let good = call.peer_mut(stranger).make_offer().expect("an offer");
    let no_fingerprint: String = good
        .lines()
        .filter(|l| !l.starts_with("a=fingerprint"))
        .map(|l| format!("{l}\r\n"))
        .collect();
    let nonsense = [
        String::new(),
        "hello".to_owned(),
        "v=0\r\n".to_owned(),
        good[..good.len() / 2].to_owned() + "\u{0}\u{7f}",
        good.replace("a=ice-ufrag:", "a=ice-ufrog:"),
        good.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        no_fingerprint,
        "a=x\r\n".repeat(40_000),
    ];
    for offer in nonsense {
        let start: String = offer.chars().take(40).collect();
        let outcome = call.order(call.join_command(stranger, offer));
        assert_eq!(kind(outcome), FailureKind::BadSdp, "{start:?}");
    }
    let lines = good
        .split_once("m=audio")
        .map(|(_, rest)| format!("m=audio{rest}"));
    let many = good.clone() + &lines.expect("lines").repeat(60);
    let outcome = call.order(call.join_command(stranger, many));
    assert!(matches!(
        kind(outcome),
        FailureKind::TooManyLines | FailureKind::BadSdp
    ));
    // An answer where an offer belongs, and the other way round, to somebody who is in the call.
    let outcome = call.order(call.answer_command(0, good.clone(), None));
    assert!(matches!(
        kind(outcome),
        FailureKind::StaleNegotiation | FailureKind::BadSdp
    ));
    let outcome = call.order(call.offer_command(0, "v=0".to_owned()));
    assert_eq!(kind(outcome), FailureKind::BadSdp);
    call.until_flows(0, 1, "video", 20);
    call.until_flows(1, 0, "video", 20);
    // The allowed case on the same set-up: the good offer is still taken.
    let answer = call
        .order(call.join_command(stranger, good))
        .expect("an answer")
        .expect("a text");
    call.peer_mut(stranger)
        .accept_answer(&answer)
        .expect("a good answer");
    call.until("the stranger to see both", |call| {
        call.hears_and_sees(stranger, 2)
    });
}

#[test]
fn who_is_not_there_is_not_found_and_who_is_there_is_not_made_twice() {
    let mut call = Call::with(EngineConfig {
        max_peers: 2,
        ..EngineConfig::default()
    });
    call.join();
    let offer = {
        let second = call.add_peer(vec![VideoCodec::Vp8]);
        call.peer_mut(second).make_offer().expect("an offer")
    };
    let again = Command::Join {
        room: Call::room(),
        peer: call.name(0),
        stream: Call::stream(0),
        offer: offer.clone(),
    };
    assert_eq!(kind(call.order(again)), FailureKind::Exists);
    let unknown = call.order(call.answer_command(1, offer.clone(), None));
    assert_eq!(kind(unknown), FailureKind::UnknownPeer);
    let elsewhere = Command::Offer {
        room: "room_2".to_owned(),
        peer: call.name(0),
        sdp: offer.clone(),
    };
    assert!(matches!(
        kind(call.order(elsewhere)),
        FailureKind::UnknownRoom | FailureKind::UnknownPeer
    ));
    call.order(call.join_command(1, offer))
        .expect("room for a second");
    let third = call.add_peer(vec![VideoCodec::Vp8]);
    let offer = call.peer_mut(third).make_offer().expect("an offer");
    let outcome = call.order(call.join_command(third, offer));
    assert_eq!(kind(outcome), FailureKind::Full);
}
