//! Two client peers against each other: what the engine's tests rely on.

use std::time::Duration;

use salon_sfu_testkit::{
    AudioPattern, Driver, Loss, PeerConfig, PeerState, VideoCodec, VideoPattern,
};

const SOON: Duration = Duration::from_secs(4);

/// A caller at position 0 and a callee at position 1, negotiated; both send audio and video.
fn call(codec: VideoCodec) -> Driver {
    let mut driver = Driver::new().expect("a driver");
    for seed in [11, 12] {
        let codecs = vec![codec];
        driver
            .add_peer(PeerConfig { seed, codecs })
            .expect("a peer");
    }
    let offer = driver.peer_mut(0).make_offer().expect("an offer");
    let answer = driver.peer_mut(1).accept_offer(&offer).expect("an answer");
    driver.peer_mut(0).accept_answer(&answer).expect("accepted");
    driver.peer_mut(0).start_audio(&AudioPattern::default());
    driver.peer_mut(0).start_video(VideoPattern::small(codec));
    driver
}

fn received(driver: &Driver, kind: &str) -> u64 {
    let tracks = driver.peer(1).live_tracks();
    tracks.filter(|t| t.kind == kind).map(|t| t.packets).sum()
}

#[test]
fn both_kinds_of_media_flow_whole() {
    for codec in [VideoCodec::Vp8, VideoCodec::H264] {
        let mut driver = call(codec);
        let flows = driver
            .run_until(SOON, |peers| {
                peers[1].live_tracks().filter(|t| t.packets > 20).count() == 2
            })
            .expect("no failure");
        assert!(flows, "{codec:?}: {:?}", driver.peer(1).tracks());
        for track in driver.peer(1).live_tracks() {
            assert_eq!((track.lost(), track.damaged, track.foreign), (0, 0, 0));
        }
        assert_eq!(driver.peer(0).unsent(), 0);
    }
}

#[test]
fn a_key_frame_is_sent_when_asked_for() {
    let mut driver = call(VideoCodec::Vp8);
    assert!(
        driver
            .run_until(SOON, |p| p[1].tracks().iter().any(|t| t.key_frames == 1))
            .expect("ok")
    );
    let stream = driver.peer(1).tracks()[1].stream.clone();
    driver.peer_mut(1).ask_key_frame(&stream).expect("asked");
    let came = driver
        .run_until(SOON, |p| p[1].tracks().iter().any(|t| t.key_frames == 2))
        .expect("no failure");
    assert!(came);
    assert_eq!(driver.peer(0).key_frame_requests(), 1);
}

#[test]
fn losses_are_repaired() {
    let mut driver = call(VideoCodec::Vp8);
    assert!(
        driver
            .run_until(SOON, |p| p[1].state() == PeerState::Connected)
            .expect("ok")
    );
    driver
        .peer_mut(1)
        .set_loss(Loss::seeded(50, 5), Loss::none());
    driver
        .run_for(Duration::from_millis(1500))
        .expect("no failure");
    driver.peer_mut(0).set_paused(true);
    driver.peer_mut(1).set_loss(Loss::none(), Loss::none());
    driver
        .run_for(Duration::from_millis(300))
        .expect("no failure");
    assert!(received(&driver, "video") > 80);
    let lost: u64 = driver
        .peer(1)
        .live_tracks()
        .filter(|t| t.kind == "video")
        .map(|t| t.lost())
        .sum();
    assert!(lost <= 1, "{lost} stayed lost");
}

#[test]
fn media_goes_on_over_an_ice_restart() {
    let mut driver = call(VideoCodec::Vp8);
    assert!(
        driver
            .run_until(SOON, |p| p[1].tracks().iter().any(|t| t.packets > 3))
            .expect("ok")
    );
    let offer = driver.peer_mut(0).restart_ice().expect("an offer");
    let answer = driver.peer_mut(1).accept_offer(&offer).expect("an answer");
    driver.peer_mut(0).accept_answer(&answer).expect("accepted");
    let before = received(&driver, "video");
    let flows = driver
        .run_until(SOON, |p| {
            p[1].live_tracks()
                .filter(|t| t.kind == "video")
                .any(|t| t.packets > before + 20)
        })
        .expect("no failure");
    assert!(flows);
}
