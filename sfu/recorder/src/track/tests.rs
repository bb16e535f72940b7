//! Where segments begin and end, packet by packet.

use super::*;
use crate::batch::tests::heard;

const KEY: [u8; 11] = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01];
const DELTA: [u8; 4] = [0x10, 0x11, 0, 0];

fn track(codec: Codec) -> Track {
    let info = TrackInfo {
        name: "t".to_owned(),
        peer: "p".to_owned(),
        stream: "s".to_owned(),
        kind: codec.kind(),
        codec,
    };
    Track::new(info, 1)
}

/// A picture of one packet, thirty a second.
fn picture(seq: u64, is_key: bool) -> (Heard, &'static [u8]) {
    let mut head = heard(0, seq);
    (head.codec, head.clock_hz, head.marker) = (Codec::Vp8, 90_000, true);
    head.starts_keyframe = is_key;
    head.timestamp = (seq as u32).wrapping_mul(3000);
    head.capture_us = 1_000_000 + seq * 33_333;
    head.arrival_us = head.capture_us + 5000;
    (head, if is_key { &KEY } else { &DELTA })
}

fn sealed(out: &[Output]) -> Vec<Sealed> {
    let sealed = |output: &Output| match output {
        Output::Seal(sealed) => Some(*sealed),
        _ => None,
    };
    out.iter().filter_map(sealed).collect()
}

fn lines<'a>(out: &'a [Output], kind: &str) -> Vec<&'a str> {
    let wanted = format!("\"kind\":\"{kind}\"");
    let line = |output: &'a Output| match output {
        Output::Line(line) | Output::Open { line, .. } if line.contains(&wanted) => {
            Some(line.as_str())
        }
        _ => None,
    };
    out.iter().filter_map(line).collect()
}

#[test]
fn sound_is_cut_after_ten_seconds_and_nothing_is_between() {
    let (mut track, mut out) = (track(Codec::Opus), Vec::new());
    for seq in 0..1200 {
        track.hear(&heard(0, seq), &[0x78, 1, 2], &mut out);
    }
    track.end(30_000_000, &mut out);
    let sealed = sealed(&out);
    let frames: Vec<u64> = sealed.iter().map(|sealed| sealed.frames).collect();
    assert_eq!(frames, [500, 500, 200]);
    assert!(
        sealed
            .windows(2)
            .all(|pair| pair[0].end_us == pair[1].start_us)
    );
    assert!(lines(&out, "gap").is_empty());
    assert!(!out.contains(&Output::AskKeyframe));
}

#[test]
fn video_is_cut_at_the_key_frame_that_is_asked_for() {
    let (mut track, mut out) = (track(Codec::Vp8), Vec::new());
    let mut asked_at = None;
    for seq in 0..500 {
        let (head, payload) = picture(seq, seq == 0 || asked_at == Some(seq.wrapping_sub(10)));
        track.hear(&head, payload, &mut out);
        if asked_at.is_none() && out.contains(&Output::AskKeyframe) {
            asked_at = Some(seq);
        }
    }
    track.end(30_000_000, &mut out);
    let frames: Vec<u64> = sealed(&out).iter().map(|sealed| sealed.frames).collect();
    assert_eq!((asked_at, frames), (Some(300), vec![310, 190]));
    assert!(lines(&out, "gap").is_empty());
}

#[test]
fn a_lost_packet_costs_the_pictures_until_the_next_key_frame() {
    let (mut track, mut out) = (track(Codec::Vp8), Vec::new());
    for seq in (0..200).filter(|seq| *seq != 50) {
        let (head, payload) = picture(seq, seq == 0 || seq == 100);
        track.hear(&head, payload, &mut out);
    }
    track.end(30_000_000, &mut out);
    let gaps = lines(&out, "gap");
    let [gap] = gaps[..] else { panic!("{gaps:?}") };
    assert!(gap.contains("\"cause\":\"loss\""), "{gap}");
    let (from, to) = (1_000_000 + 50 * 33_333, 1_000_000 + 100 * 33_333);
    let number = |name: &str| -> i64 {
        let rest = gap
            .split(&format!("\"{name}\":"))
            .nth(1)
            .expect("the field");
        rest.split(',')
            .next()
            .and_then(|text| text.parse().ok())
            .expect("a number")
    };
    assert!((number("from_us") - from).abs() < 1000, "{gap}");
    assert!((number("to_us") - to).abs() < 1000, "{gap}");
    assert!(out.contains(&Output::AskKeyframe));
    let frames: u64 = sealed(&out).iter().map(|sealed| sealed.frames).sum();
    assert_eq!(frames, 150);
}

#[test]
fn another_source_and_a_moved_clock_begin_another_segment() {
    let (mut track, mut out) = (track(Codec::Opus), Vec::new());
    for seq in 0..300 {
        let mut head = heard(0, seq);
        head.is_mapped = seq >= 100;
        head.capture_us += if seq >= 100 { 60_000 } else { 0 };
        if seq >= 200 {
            (head.ssrc, head.generation) = (8, 1);
        }
        track.hear(&head, &[0x78, 1, 2], &mut out);
    }
    track.end(30_000_000, &mut out);
    let sealed = sealed(&out);
    let frames: Vec<u64> = sealed.iter().map(|sealed| sealed.frames).collect();
    assert_eq!(frames, [100, 100, 100]);
    assert_eq!(sealed[1].start_us, 1_000_000 + 100 * 20_000 + 60_000);
    assert_eq!(lines(&out, "source").len(), 1);
}

#[test]
fn a_codec_that_is_not_written_is_a_gap() {
    let (mut track, mut out) = (track(Codec::G722), Vec::new());
    for seq in 0..100 {
        let mut head = heard(0, seq);
        head.codec = Codec::G722;
        track.hear(&head, &[1, 2, 3], &mut out);
    }
    track.end(4_000_000, &mut out);
    assert!(sealed(&out).is_empty());
    let gaps = lines(&out, "gap");
    assert!(
        gaps.len() == 1 && gaps[0].contains("\"cause\":\"codec\",\"packets\":100"),
        "{gaps:?}"
    );
}
