//! What forwarding one packet costs, against sealing alone: `cargo run --release -p salon-sfu-core --example fanout`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement, not the engine"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use salon_sfu_core::rtp::write_header;
use salon_sfu_core::srtp::SrtpSender;
use salon_sfu_core::{
    Codec, Egress, ExtensionIds, Kind, Mid, Payload, PeerKey, ReceiveLine, Room, RoomEvent,
    RoomLimits, SendLine, SrtpKeys, SrtpProfile,
};

const PAYLOAD_BYTES: usize = 1100;
const PACKETS: u64 = 4_000;

/// The send arena: one buffer after the other, as a batch would be.
struct Ring {
    bytes: Box<[u8]>,
    at: usize,
}

impl Egress for Ring {
    fn packet(&mut self, _: PeerKey, len: usize) -> Option<&mut [u8]> {
        if self.at + len > self.bytes.len() {
            self.at = 0;
        }
        let start = self.at;
        self.at += len;
        self.bytes.get_mut(start..start + len)
    }
}

fn keys(profile: SrtpProfile, we_are_client: bool) -> SrtpKeys {
    let material = vec![7; 2 * (profile.key_bytes() + profile.salt_bytes())];
    SrtpKeys::from_dtls(profile, &material, we_are_client).expect("material of the right length")
}

fn vp8() -> Vec<Payload> {
    let codec = Codec::Vp8;
    vec![Payload {
        pt: 96,
        rtx_pt: Some(97),
        codec,
        clock_hz: 90_000,
        nack: true,
        pli: true,
        fir: false,
        transport_cc: true,
    }]
}

fn extensions() -> ExtensionIds {
    ExtensionIds {
        mid: Some(4),
        abs_send_time: Some(2),
        transport_cc: Some(3),
        ..Default::default()
    }
}

/// A room in which peer 0 publishes a camera to `subscribers` others.
fn room(profile: SrtpProfile, subscribers: u32, now: Instant) -> Room {
    let mut room = Room::new(RoomLimits::default(), 1);
    for peer in (0..=subscribers).map(PeerKey) {
        room.add_peer(now, peer, peer.0).expect("a free place");
        room.set_keys(peer, keys(profile, false))
            .expect("good keys");
        room.set_connected(now, peer);
    }
    let line = ReceiveLine {
        mid: Mid::new("0").expect("a mid"),
        kind: Kind::Video,
        payloads: vp8(),
        extensions: extensions(),
        ssrcs: Vec::new(),
        active: true,
    };
    room.set_receive_lines(now, PeerKey(0), &[line])
        .expect("a line");
    room
}

/// The publisher's packets, sealed beforehand.
fn packets(profile: SrtpProfile) -> Vec<Vec<u8>> {
    let sender = SrtpSender::new(&keys(profile, true)).expect("good keys");
    let payload = [&[0x10, 0x00][..], &[5; PAYLOAD_BYTES - 2]].concat();
    let sealed = |index: u64| {
        let mut packet = vec![0; 12];
        write_header(
            &mut packet,
            true,
            index % 8 == 7,
            96,
            index as u16,
            (index / 8 * 3600) as u32,
            9,
        );
        packet.extend([0xbe, 0xde, 0, 2, 0x40, b'0', 0x31]);
        packet.extend((index as u16).to_be_bytes());
        packet.extend([0; 3]);
        let header = packet.len();
        packet.resize(header + payload.len() + profile.tag_bytes(), 0);
        assert!(sender.seal_rtp(9, index, header, &mut packet, Some(&payload)));
        packet
    };
    (1..=PACKETS).map(sealed).collect()
}

fn bind(room: &mut Room, now: Instant) {
    while let Some(event) = room.poll_event() {
        let RoomEvent::WantLine {
            subscriber, track, ..
        } = event
        else {
            continue;
        };
        let line = SendLine {
            mid: Mid::new("7").expect("a mid"),
            kind: Kind::Video,
            payloads: vp8(),
            extensions: extensions(),
            ssrc: 1000 + subscriber.0,
            rtx_ssrc: Some(5000 + subscriber.0),
            cname: "publisher".into(),
        };
        room.bind_link(now, subscriber, track, line)
            .expect("a link");
    }
}

/// Nanoseconds for each packet written, opening and all bookkeeping included.
fn forwarding(profile: SrtpProfile, subscribers: u32) -> f64 {
    let mut now = Instant::now();
    let mut room = room(profile, subscribers, now);
    let mut ring = Ring {
        bytes: vec![0; 64 * 1024].into_boxed_slice(),
        at: 0,
    };
    let mut packets = packets(profile);
    let (warm_up, measured) = packets.split_at_mut(PACKETS as usize / 8);
    let mut run = |packets: &mut [Vec<u8>]| {
        let before = room.counters().rtp_out;
        let start = Instant::now();
        for packet in packets {
            now += Duration::from_millis(5);
            room.handle_datagram(now, PeerKey(0), packet, &mut ring);
            room.handle_timeout(now, &mut ring);
            bind(&mut room, now);
        }
        start.elapsed().as_nanos() as f64 / (room.counters().rtp_out - before).max(1) as f64
    };
    run(warm_up);
    run(measured)
}

/// Nanoseconds to seal such a packet and nothing else.
fn sealing(profile: SrtpProfile) -> f64 {
    let sender = SrtpSender::new(&keys(profile, true)).expect("good keys");
    let mut ring = Ring {
        bytes: vec![0; 64 * 1024].into_boxed_slice(),
        at: 0,
    };
    let payload = [3; PAYLOAD_BYTES];
    let rounds = 200_000;
    let start = Instant::now();
    for index in 0..rounds {
        let packet = ring
            .packet(PeerKey(0), 28 + PAYLOAD_BYTES + profile.tag_bytes())
            .expect("room");
        assert!(sender.seal_rtp(9, index, 28, packet, Some(black_box(&payload))));
    }
    start.elapsed().as_nanos() as f64 / rounds as f64
}

fn best(mut measure: impl FnMut() -> f64) -> f64 {
    (0..5).map(|_| measure()).fold(f64::INFINITY, f64::min)
}

fn main() {
    println!(
        "{:<18} {:>11} {:>14} {:>12} {:>7}",
        "profile", "subscribers", "ns per packet", "sealing only", "ratio"
    );
    for profile in [
        SrtpProfile::AeadAes128Gcm,
        SrtpProfile::AeadAes256Gcm,
        SrtpProfile::Aes128CmSha1_80,
    ] {
        let floor = best(|| sealing(profile));
        for subscribers in [1, 10, 100] {
            let cost = best(|| forwarding(profile, subscribers));
            let name = format!("{profile:?}");
            println!(
                "{name:<18} {subscribers:>11} {cost:>14.0} {floor:>12.0} {:>7.2}",
                cost / floor
            );
        }
    }
}
