//! Packets of libopus against what libopus itself makes of them, and what becomes of loss, disorder and rubbish.

use salon_sfu_core::TrackId;
use salon_sfu_listener::{CHUNK_SAMPLES, Heard, RATE_HZ, RoomKey, Stretch, Voice};

const BEGIN_US: u64 = 1_700_000_000_000_000;
const FRAME_US: u64 = 20_000;

/// Two seconds of a hum with the rhythm of speech: one packet every 20 ms, made by libopus at 24 kbit/s.
fn packets() -> Vec<Vec<u8>> {
    let mut rest = &include_bytes!("data/hum.opus-packets")[..];
    let mut packets = Vec::new();
    while let Some((size, after)) = rest.split_first_chunk::<2>() {
        let (packet, after) = after.split_at(usize::from(u16::from_le_bytes(*size)));
        packets.push(packet.to_vec());
        rest = after;
    }
    packets
}

/// What libopus decodes from them, at 16 kHz.
fn expected() -> Vec<i16> {
    let bytes = include_bytes!("data/hum.s16");
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

fn heard(seq: usize, payload: Vec<u8>) -> Heard {
    Heard {
        room: RoomKey(1),
        track: TrackId(1),
        generation: 1,
        seq: seq as u64,
        timestamp: u32::try_from(seq)
            .expect("small")
            .wrapping_mul(960)
            .wrapping_sub(5000),
        arrival_us: BEGIN_US + seq as u64 * FRAME_US,
        payload,
    }
}

fn listen(heard: impl IntoIterator<Item = Heard>) -> (Vec<Stretch>, Voice) {
    let mut voice = Voice::default();
    let mut stretches = Vec::new();
    for packet in heard {
        voice.take(packet, &mut |stretch| stretches.push(stretch));
    }
    voice.tick(BEGIN_US + 60_000_000, &mut |stretch| {
        stretches.push(stretch)
    });
    (stretches, voice)
}

fn joined(stretches: &[Stretch]) -> Vec<i16> {
    stretches
        .iter()
        .flat_map(|one| one.pcm.iter().copied())
        .collect()
}

/// The best correlation of two sounds, shifted by up to 5 ms against one another: resamplers differ in their delay.
fn likeness(left: &[i16], right: &[i16]) -> f64 {
    let at = |shift: usize, left: &[i16], right: &[i16]| {
        let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
        for (a, b) in left.iter().skip(shift).zip(right) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            (both, one, other) = (both + a * b, one + a * a, other + b * b);
        }
        both / (one * other).sqrt().max(1.0)
    };
    (0..80)
        .flat_map(|shift| [at(shift, left, right), at(shift, right, left)])
        .fold(0.0, f64::max)
}

#[test]
fn it_sounds_as_libopus_makes_it_sound() {
    let (stretches, voice) = listen(packets().into_iter().enumerate().map(|(n, p)| heard(n, p)));
    let (ours, theirs) = (joined(&stretches), expected());
    assert!(
        ours.len().abs_diff(theirs.len()) < 400,
        "{} and {}",
        ours.len(),
        theirs.len()
    );
    let likeness = likeness(&ours, &theirs);
    assert!(likeness > 0.98, "correlation {likeness:.4}");
    assert_eq!(voice.bad_packets(), 0);
}

#[test]
fn decoding_is_far_ahead_of_real_time() {
    let began = std::time::Instant::now();
    let (stretches, _) = listen(packets().into_iter().enumerate().map(|(n, p)| heard(n, p)));
    // Two seconds of sound take a few milliseconds; a decoder without a fast transform takes a hundred times as long.
    assert!(!stretches.is_empty());
    assert!(began.elapsed().as_millis() < 400, "{:?}", began.elapsed());
}

#[test]
fn stretches_are_a_tenth_of_a_second_and_follow_one_another() {
    let (stretches, _) = listen(packets().into_iter().enumerate().map(|(n, p)| heard(n, p)));
    assert_eq!(stretches[0].at_us, BEGIN_US);
    for pair in stretches.windows(2) {
        assert_eq!(pair[0].pcm.len(), CHUNK_SAMPLES);
        assert_eq!(pair[1].at_us - pair[0].at_us, 100_000);
        assert!(!pair[1].has_gap);
    }
}

#[test]
fn a_few_that_change_places_are_put_back() {
    let in_order = packets();
    let mut mixed: Vec<Heard> = in_order
        .iter()
        .cloned()
        .enumerate()
        .map(|(n, p)| heard(n, p))
        .collect();
    // The first says where numbers begin.
    for at in (1..mixed.len() - 3).step_by(7) {
        mixed.swap(at, at + 1);
    }
    let (mixed, _) = listen(mixed);
    let (straight, _) = listen(in_order.into_iter().enumerate().map(|(n, p)| heard(n, p)));
    assert_eq!(joined(&mixed), joined(&straight));
}

#[test]
fn one_lost_is_made_up_for_and_many_lost_are_a_gap() {
    let without = |lost: std::ops::Range<usize>| {
        let all = packets().into_iter().enumerate();
        let kept = all
            .filter(|(n, _)| !lost.contains(n))
            .map(|(n, p)| heard(n, p));
        listen(kept).0
    };
    let one = without(40..41);
    assert!(one.iter().all(|stretch| !stretch.has_gap));
    assert!(joined(&one).len().abs_diff(expected().len()) < 400);
    let many = without(40..60);
    let gap = many
        .iter()
        .position(|stretch| stretch.has_gap)
        .expect("a gap");
    let before: usize = many[..gap].iter().map(|stretch| stretch.pcm.len()).sum();
    let silence_us = many[gap].at_us - BEGIN_US - before as u64 * 1_000_000 / u64::from(RATE_HZ);
    assert!(silence_us.abs_diff(400_000) < 30_000, "{silence_us}");
}

#[test]
fn what_is_no_opus_is_counted_and_the_rest_is_heard() {
    let mixed = packets().into_iter().enumerate().map(|(n, packet)| {
        let rubbish = vec![0xff; 3];
        heard(n, if n % 10 == 5 { rubbish } else { packet })
    });
    let (stretches, voice) = listen(mixed);
    assert!(voice.bad_packets() >= 5, "{}", voice.bad_packets());
    assert!(joined(&stretches).len() > expected().len() / 2);
}

#[test]
fn a_new_source_starts_anew() {
    let first = packets()
        .into_iter()
        .take(30)
        .enumerate()
        .map(|(n, p)| heard(n, p));
    let second = packets()
        .into_iter()
        .take(30)
        .enumerate()
        .map(|(n, p)| Heard {
            generation: 2,
            seq: 900 + n as u64,
            timestamp: 77,
            arrival_us: BEGIN_US + (30 + n as u64) * FRAME_US,
            ..heard(n, p)
        });
    let (stretches, _) = listen(first.chain(second));
    assert_eq!(
        stretches.iter().filter(|stretch| stretch.has_gap).count(),
        1
    );
}
