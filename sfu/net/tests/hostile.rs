//! Whatever comes in from outside: it is dropped and counted, and the call goes on.

mod support;

use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use salon_sfu_testkit::Random;
use support::Call;

fn total(call: &Call, part: &str) -> u64 {
    let counters = call.engine.stats().values;
    counters
        .iter()
        .filter(|(name, _)| name.contains(part))
        .map(|(_, value)| value)
        .sum()
}

/// The counters are snapshots: waits until those of that name have grown by so many.
fn until_counted(call: &mut Call, part: &str, before: u64, further: u64) {
    call.until(&format!("{further} more in {part}"), |call| {
        total(call, part) >= before + further
    });
}

fn stranger(call: &Call) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket
        .connect((Ipv4Addr::LOCALHOST, call.engine.udp_port()))
        .expect("connected");
    socket
        .set_read_timeout(Some(Duration::from_secs(2)))
        .expect("a timeout");
    socket
}

/// Noise that begins like each kind of datagram there is on a media port.
fn noise(random: &mut Random, first: u8) -> Vec<u8> {
    let len = usize::try_from(random.below(300)).expect("small") + 1;
    let mut bytes = vec![0; len];
    random.fill(&mut bytes);
    bytes[0] = first;
    bytes
}

const FIRST_BYTES: [u8; 8] = [0, 1, 20, 22, 63, 128, 144, 191];

#[test]
fn floods_of_strangers_disturb_nobody() {
    let mut call = Call::of(2);
    let before = total(&call, "drop");
    let stranger = stranger(&call);
    let mut random = Random::new(71);
    for round in 0..250 {
        for first in FIRST_BYTES {
            stranger.send(&noise(&mut random, first)).expect("sent");
        }
        if round % 10 == 0 {
            call.run_for(Duration::from_millis(2));
        }
    }
    call.until_flows(0, 1, "video", 30);
    call.until_flows(1, 0, "video", 30);
    assert_eq!(
        call.peer(0)
            .track(&Call::stream(1), "video")
            .map(|t| t.damaged + t.foreign),
        Some(0)
    );
    until_counted(&mut call, "drop", before, 1000);
}

#[test]
fn floods_of_a_member_disturb_nobody() {
    let mut call = Call::of(3);
    let before = total(&call, "drop");
    let mut random = Random::new(73);
    for round in 0..250 {
        for first in FIRST_BYTES {
            let bytes = noise(&mut random, first);
            call.peer_mut(2).send_raw(&bytes).expect("sent");
        }
        if round % 10 == 0 {
            call.run_for(Duration::from_millis(2));
        }
    }
    call.until_flows(0, 1, "video", 30);
    call.until_flows(1, 0, "video", 30);
    call.until_flows(0, 2, "video", 30);
    until_counted(&mut call, "drop", before, 500);
}

#[test]
fn payloads_that_no_codec_makes_disturb_nobody() {
    let mut call = Call::of(3);
    let mut random = Random::new(79);
    for round in 0..500_u64 {
        let len = usize::try_from(random.below(40)).expect("small");
        let mut bytes = vec![0; len];
        random.fill(&mut bytes);
        // VP8 descriptors that promise more than follows, and other short things.
        if let Some(first) = bytes.first_mut().filter(|_| round % 2 == 0) {
            *first = 0x90;
        }
        call.peer_mut(2).send_video_payload(bytes).expect("sent");
        if round % 20 == 0 {
            call.run_for(Duration::from_millis(2));
        }
    }
    call.until_flows(0, 1, "video", 30);
    call.until_flows(1, 0, "video", 30);
    for kind in ["audio", "video"] {
        let track = call.peer(0).track(&Call::stream(1), kind).expect("a track");
        assert_eq!(
            (track.lost(), track.damaged, track.foreign),
            (0, 0, 0),
            "{kind}"
        );
    }
}

#[test]
fn a_forged_ssrc_does_not_touch_the_owners_track() {
    let mut call = Call::of(3);
    let victims = call.peer(2).declared_ssrcs();
    assert!(victims.len() >= 3, "audio, video and its repair");
    for ssrc in victims {
        assert!(call.peer_mut(1).take_ssrc(ssrc), "{ssrc}");
        call.run_for(Duration::from_millis(200));
    }
    call.until_flows(0, 2, "video", 30);
    call.until_flows(0, 2, "audio", 30);
    for kind in ["audio", "video"] {
        let track = call.peer(0).track(&Call::stream(2), kind).expect("a track");
        let state = (track.damaged, track.foreign, track.duplicates, track.lost());
        assert_eq!(state, (0, 0, 0, 0), "{kind}");
    }
}

#[test]
fn a_copy_from_elsewhere_or_sent_twice_is_not_forwarded() {
    let mut call = Call::of(2);
    let elsewhere = stranger(&call);
    for _ in 0..50 {
        let copy = call.peer(0).last_media().expect("media was sent").to_vec();
        elsewhere.send(&copy).expect("sent");
        call.peer_mut(0).send_raw(&copy).expect("sent");
        call.run_for(Duration::from_millis(10));
    }
    call.until_flows(1, 0, "video", 20);
    for kind in ["audio", "video"] {
        let track = call.peer(1).track(&Call::stream(0), kind).expect("a track");
        assert_eq!(
            (track.duplicates, track.damaged, track.lost()),
            (0, 0, 0),
            "{kind}"
        );
    }
    assert!(call.is_connected(0));
    until_counted(&mut call, "replayed", 0, 10);
    until_counted(&mut call, "unknown_address", 0, 10);
}

#[test]
fn a_plain_binding_request_is_told_its_address() {
    let call = Call::new();
    let socket = stranger(&call);
    let mut request = vec![0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42];
    request.extend_from_slice(b"twelve bytes");
    socket.send(&request).expect("sent");
    let mut reply = [0; 256];
    let len = socket.recv(&mut reply).expect("a reply");
    assert_eq!(reply[..2], [1, 1], "a success response");
    assert_eq!(reply[4..20], request[4..20]);
    // RFC 8489 section 14.2: type, length, family, then port and address, both masked.
    let at = reply[..len]
        .windows(4)
        .position(|w| w == [0, 0x20, 0, 8])
        .expect("the attribute");
    let port = u16::from_be_bytes([reply[at + 6], reply[at + 7]]) ^ 0x2112;
    assert_eq!(port, socket.local_addr().expect("bound").port());
}
