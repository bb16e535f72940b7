//! Losses are repaired on both sides, key frames are asked for and not too often.

mod support;

use std::time::Duration;

use salon_sfu_testkit::Loss;
use support::Call;

/// Video packets still missing after a while under loss and a moment without, and those lost.
fn left_after_loss(call: &mut Call, at: usize, from: usize, lossy: usize) -> (u64, u64) {
    call.run_for(Duration::from_millis(1500));
    let (incoming, outgoing) = call.peer(lossy).dropped();
    call.peer_mut(lossy).set_loss(Loss::none(), Loss::none());
    call.run_for(Duration::from_millis(500));
    let track = call
        .peer(at)
        .track(&Call::stream(from), "video")
        .expect("a track");
    (track.lost(), incoming + outgoing)
}

#[test]
fn what_a_subscriber_loses_is_sent_again() {
    let mut call = Call::of(2);
    call.peer_mut(1).begin_window();
    call.peer_mut(1)
        .set_loss(Loss::seeded(50, 41), Loss::none());
    let (missing, dropped) = left_after_loss(&mut call, 1, 0, 1);
    assert!(dropped >= 3, "only {dropped} lost on purpose");
    assert_eq!(missing, 0, "{}", call.describe());
    call.until("repairs to be counted", |call| {
        call.engine.stats().get("rtx_out_total") > 0
    });
}

#[test]
fn what_a_publisher_loses_is_asked_for_again() {
    let mut call = Call::of(2);
    call.peer_mut(1).begin_window();
    call.peer_mut(0)
        .set_loss(Loss::none(), Loss::seeded(50, 43));
    let (missing, dropped) = left_after_loss(&mut call, 1, 0, 0);
    assert!(dropped >= 3, "only {dropped} lost on purpose");
    assert_eq!(missing, 0, "{}", call.describe());
    call.until("repairs to be counted", |call| {
        call.engine.stats().get("recovered_total") > 0
    });
}

#[test]
fn a_wish_for_a_key_frame_reaches_the_publisher() {
    let mut call = Call::of(2);
    // The one for the new subscription is over, and with it the publisher's quiet time.
    call.run_for(Duration::from_millis(700));
    let frames = |call: &Call| {
        call.peer(1)
            .track(&Call::stream(0), "video")
            .map_or(0, |track| track.key_frames)
    };
    let (before, seen) = (call.peer(0).key_frame_requests(), frames(&call));
    call.peer_mut(1)
        .ask_key_frame(&Call::stream(0))
        .expect("asked");
    call.until("the publisher to be asked and to send it", |call| {
        call.peer(0).key_frame_requests() > before && frames(call) > seen
    });
}

#[test]
fn many_wishes_become_few_requests() {
    let mut call = Call::of(2);
    call.run_for(Duration::from_millis(700));
    let before = call.peer(0).key_frame_requests();
    for _ in 0..20 {
        call.peer_mut(1)
            .ask_key_frame(&Call::stream(0))
            .expect("asked");
        call.run_for(Duration::from_millis(10));
    }
    call.run_for(Duration::from_millis(600));
    let asked = call.peer(0).key_frame_requests() - before;
    assert!(
        (1..=3).contains(&asked),
        "{asked} requests for 20 wishes in 0.2 s"
    );
}
