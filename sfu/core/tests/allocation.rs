//! Forwarding allocates nothing once warm, and a subscriber takes little memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it finds a fault"
)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use salon_sfu_core::{Egress, Kind, PeerKey};
use support::*;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<i64> = const { Cell::new(0) };
}

struct Counting;

fn count(calls: u64, bytes: i64) {
    // Not during the teardown of a thread.
    let _ = ALLOCATIONS.try_with(|all| all.set(all.get() + calls));
    let _ = BYTES.try_with(|all| all.set(all.get() + bytes));
}

// SAFETY: everything is passed to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, -(layout.size() as i64));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A fixed arena, as the shell's is.
struct Slots {
    bytes: Box<[u8]>,
    packets: u64,
}

impl Egress for Slots {
    fn packet(&mut self, _: PeerKey, len: usize) -> Option<&mut [u8]> {
        self.packets += 1;
        self.bytes.get_mut(..len)
    }
}

#[test]
fn a_forwarded_packet_allocates_nothing() {
    let mut studio = Studio::with(10);
    for n in 1..20 {
        studio.send(0, video(n, KEY));
        studio.send(0, audio(n, b"a"));
    }
    studio.ms(2000);
    let mut packets: Vec<Vec<u8>> = Vec::new();
    for n in (20..2000u64).filter(|n| n % 50 != 7) {
        packets.push(studio.seal(0, video(n, &[&[0x10, 1][..], &[3; 900]].concat())));
        packets.push(studio.seal(0, audio(n, &[3; 100])));
    }
    let mut slots = Slots {
        bytes: vec![0; 2000].into_boxed_slice(),
        packets: 0,
    };
    let (room, mut now) = (&mut studio.room, studio.now);
    let mut run = |packets: &mut [Vec<u8>]| {
        let before = ALLOCATIONS.get();
        for packet in packets {
            now += Duration::from_micros(500);
            room.handle_datagram(now, PeerKey(0), packet, &mut slots);
            if room.poll_timeout().is_some_and(|due| due <= now) {
                room.handle_timeout(now, &mut slots);
            }
        }
        ALLOCATIONS.get() - before
    };
    let (warm_up, measured) = packets.split_at_mut(400);
    run(warm_up);
    assert_eq!(run(measured), 0, "NACKs, feedback and reports included");
    assert!(slots.packets > 9 * 3000);
    assert!(room_sent(&studio) > 9 * 3000);
}

fn room_sent(studio: &Studio) -> u64 {
    studio.room.counters().rtp_out
}

#[test]
fn a_subscriber_takes_little_memory() {
    let mut studio = Studio::with(2);
    studio.send(0, video(1, KEY));
    studio.send(0, audio(1, b"a"));
    let (video_track, audio_track) = (
        studio.track_of(0, Kind::Video),
        studio.track_of(0, Kind::Audio),
    );
    studio.clients.clear();
    studio.answers = false;
    const SUBSCRIBERS: u32 = 100;
    let before = BYTES.get();
    for peer in 2..2 + SUBSCRIBERS {
        let peer = PeerKey(peer);
        let (ours, _) = keys(peer, salon_sfu_core::SrtpProfile::AeadAes128Gcm);
        studio.room.add_peer(studio.now, peer, peer.0).unwrap();
        studio.room.set_keys(peer, ours).unwrap();
        studio
            .room
            .set_receive_lines(studio.now, peer, &[audio_line(), video_line()])
            .unwrap();
        studio.room.set_connected(studio.now, peer);
        while studio.room.poll_event().is_some() {}
        studio
            .room
            .bind_link(
                studio.now,
                peer,
                video_track,
                send_line(Kind::Video, video_track),
            )
            .unwrap();
        studio
            .room
            .bind_link(
                studio.now,
                peer,
                audio_track,
                send_line(Kind::Audio, audio_track),
            )
            .unwrap();
    }
    let per_subscriber = (BYTES.get() - before) / i64::from(SUBSCRIBERS);
    println!("{per_subscriber} bytes for each subscriber");
    assert!(per_subscriber < 48 * 1024, "{per_subscriber} bytes");
}
