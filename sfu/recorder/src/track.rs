//! One track of a recording: where its segments begin and end, and what is missing between.

#[cfg(test)]
mod tests;

use salon_sfu_core::{Codec, Kind};

use crate::batch::{Heard, Lost};
use crate::config::{Config, Frame};
use crate::depacketize::Depacketizer;
use crate::index::{Cause, Line};
use crate::matroska::Muxer;
use crate::reorder::{Next, Reorder, Turn};
use crate::speech::{Change, Speech};

/// A segment lasts this long; video goes on to the next key frame.
const SEGMENT_US: u64 = 10_000_000;
/// Between two requests for a key frame.
const ASK_EVERY_US: u64 = 1_000_000;
/// A jump of the mapping from RTP to wall time that begins a new segment.
const DRIFT_US: u64 = 20_000;
/// The same while only arrival tells the time: jitter is no jump.
const COARSE_DRIFT_US: u64 = 1_000_000;
/// A pause that begins a new segment.
const LONGEST_PAUSE_US: u64 = 2_000_000;
/// What a picture lasts until the next tells.
const PICTURE_US: u64 = 33_000;
const LONGEST_PICTURE_US: u64 = 200_000;

/// What is to be done with files and lines, in this order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// A line of the index.
    Line(String),
    /// Open the next segment.
    Open { number: u32, line: String },
    /// Write to the open segment.
    Append(Vec<u8>),
    /// Close the open segment; the line lacks what only the file knows.
    Seal(Sealed),
    /// The publisher should send a key frame.
    AskKeyframe,
}

/// A segment that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) number: u32,
    pub(crate) start_us: u64,
    pub(crate) end_us: u64,
    pub(crate) frames: u64,
}

struct Segment {
    number: u32,
    config: Config,
    muxer: Muxer,
    start_us: u64,
    /// Timestamp of the latest frame, and how far it is from the start.
    timestamp: u32,
    units: i64,
    last_ms: u64,
    end_us: u64,
    frames: u64,
}

/// Whether a frame should begin another segment.
enum Roll {
    No,
    /// Yes, and a key frame is worth asking for.
    Now,
    /// Yes, if it is a key frame.
    AtKey,
}

#[derive(Clone, Copy, Debug)]
struct Gap {
    from_us: u64,
    cause: Cause,
    packets: u64,
}

/// What a track is called and what it carries.
#[derive(Clone, Debug)]
pub(crate) struct TrackInfo {
    pub(crate) name: String,
    pub(crate) peer: String,
    pub(crate) stream: String,
    pub(crate) kind: Kind,
    pub(crate) codec: Codec,
}

/// Decides; does nothing itself.
pub(crate) struct Track {
    pub(crate) info: TrackInfo,
    reorder: Reorder,
    depacketizer: Depacketizer,
    /// Codec, source and generation of the latest packet.
    source: Option<(Codec, u32, u32)>,
    clock_hz: u32,
    segment: Option<Segment>,
    number: u32,
    gap: Option<Gap>,
    /// Begin of the latest frame, and end of what was written last, also in earlier segments.
    latest_us: u64,
    written_us: Option<u64>,
    /// End of what is known to have reached the file.
    flushed_us: Option<u64>,
    needs_key: bool,
    /// The disk refuses: nothing is begun until it is tried again.
    is_suspended: bool,
    asked_us: u64,
    speech: Speech,
    frames: Vec<Frame>,
    /// Gaps told so far.
    pub(crate) gaps: u64,
}

impl Track {
    /// A track whose next segment has this number.
    pub(crate) fn new(info: TrackInfo, number: u32) -> Track {
        let needs_key = info.kind == Kind::Video;
        Track {
            depacketizer: Depacketizer::new(info.codec),
            info,
            reorder: Reorder::default(),
            source: None,
            clock_hz: 1,
            segment: None,
            number,
            gap: None,
            latest_us: 0,
            written_us: None,
            flushed_us: None,
            needs_key,
            is_suspended: false,
            asked_us: 0,
            speech: Speech::default(),
            frames: Vec::new(),
            gaps: 0,
        }
    }

    /// A packet, in whatever order it came.
    pub(crate) fn hear(&mut self, head: &Heard, payload: &[u8], out: &mut Vec<Output>) {
        let source = (head.codec, head.ssrc, head.generation);
        if self.source != Some(source) {
            self.change_source(head, source, out);
        }
        match self.reorder.offer(head, payload) {
            Turn::Now => self.take(head, payload, out),
            Turn::Waits | Turn::Late => {}
        }
        self.run(head.arrival_us, out);
    }

    /// Does what time demands.
    pub(crate) fn run(&mut self, now_us: u64, out: &mut Vec<Output>) {
        while let Some(next) = self.reorder.pop(now_us) {
            match next {
                Next::Packet(head, payload) => self.take(&head, &payload, out),
                Next::Lost(packets) => self.miss(now_us, Cause::Loss, packets, out),
            }
        }
        let change = self
            .speech
            .rest(now_us.saturating_sub(crate::reorder::PATIENCE_US));
        self.say(change, out);
    }

    fn change_source(&mut self, head: &Heard, source: (Codec, u32, u32), out: &mut Vec<Output>) {
        let is_first = self.source.is_none();
        self.run(u64::MAX, out);
        self.seal(out);
        self.reorder.restart();
        self.depacketizer = Depacketizer::new(head.codec);
        self.source = Some(source);
        self.clock_hz = head.clock_hz;
        self.info.codec = head.codec;
        self.needs_key = self.info.kind == Kind::Video;
        let line = Line::new(head.arrival_us, "source").text("track", &self.info.name);
        let line = line.number("ssrc", head.ssrc.into()).end();
        if !is_first {
            out.push(Output::Line(line));
        }
    }

    /// The next packet in order.
    fn take(&mut self, head: &Heard, payload: &[u8], out: &mut Vec<Output>) {
        if payload.is_empty() {
            return;
        }
        if let Some(level) = head.audio_level {
            let change = self.speech.hear(head.capture_us, level);
            self.say(change, out);
        }
        if !self.depacketizer.is_known() {
            self.open_gap(head.capture_us, Cause::Codec, 1);
            return;
        }
        if self.is_suspended {
            self.open_gap(head.capture_us, Cause::Disk, 1);
            return;
        }
        // A picture whose beginning was passed over is passed over whole.
        let is_useless = !head.starts_keyframe && !self.depacketizer.is_midway();
        if self.needs_key && is_useless {
            self.open_gap(head.capture_us, Cause::Keyframe, 1);
            self.ask(head.arrival_us, out);
            return;
        }
        let mut frames = std::mem::take(&mut self.frames);
        let pushed = self.depacketizer.push(head, payload, &mut frames);
        for frame in frames.drain(..) {
            self.place(&frame, head.arrival_us, out);
        }
        self.frames = frames;
        if pushed.is_err() {
            self.miss(head.arrival_us, Cause::Loss, 1, out);
        }
    }

    /// A frame finds its segment.
    fn place(&mut self, frame: &Frame, now_us: u64, out: &mut Vec<Output>) {
        if self.needs_key && !frame.is_key {
            self.open_gap(frame.capture_us, Cause::Keyframe, 0);
            self.ask(now_us, out);
            return;
        }
        self.needs_key = false;
        match self.roll(frame) {
            Roll::No => {}
            Roll::Now | Roll::AtKey if frame.is_key => self.seal(out),
            Roll::Now => self.ask(now_us, out),
            Roll::AtKey => {}
        }
        if self.segment.is_none() {
            let Some(config) = frame.config.clone() else {
                self.needs_key = true;
                return;
            };
            self.open(config, frame, now_us, out);
        }
        let clock_hz = i64::from(self.clock_hz);
        let Some(segment) = &mut self.segment else {
            return;
        };
        let step = frame
            .timestamp
            .wrapping_sub(segment.timestamp)
            .cast_signed();
        segment.units += i64::from(step);
        segment.timestamp = frame.timestamp;
        let since_us = u64::try_from(segment.units * 1_000_000 / clock_hz).unwrap_or(0);
        let at_us = segment.start_us + since_us;
        let at_ms = (since_us / 1000).max(segment.last_ms);
        segment.last_ms = at_ms;
        segment.frames += 1;
        let step_us = u64::try_from(i64::from(step) * 1_000_000 / clock_hz).unwrap_or(0);
        let lasts_us = frame.duration_us.unwrap_or(if step_us == 0 {
            PICTURE_US
        } else {
            step_us.min(LONGEST_PICTURE_US)
        });
        segment.end_us = segment.end_us.max(at_us + lasts_us);
        let mut bytes = Vec::with_capacity(frame.data.len() + 32);
        segment
            .muxer
            .frame(at_ms, frame.is_key, &frame.data, &mut bytes);
        let end_us = segment.end_us;
        self.close_gap(at_us, now_us, out);
        self.latest_us = at_us;
        self.written_us = Some(end_us);
        out.push(Output::Append(bytes));
    }

    /// Whether a frame should begin another segment.
    fn roll(&self, frame: &Frame) -> Roll {
        let Some(segment) = &self.segment else {
            return Roll::No;
        };
        let step = frame
            .timestamp
            .wrapping_sub(segment.timestamp)
            .cast_signed();
        let units = segment.units + i64::from(step);
        let Ok(since_us) = u64::try_from(units * 1_000_000 / i64::from(self.clock_hz)) else {
            return Roll::Now;
        };
        let at_us = segment.start_us + since_us;
        let drift_us = at_us.abs_diff(frame.capture_us);
        let is_other = frame
            .config
            .as_ref()
            .is_some_and(|config| *config != segment.config);
        if since_us >= SEGMENT_US || is_other || drift_us > COARSE_DRIFT_US {
            Roll::Now
        } else if (frame.is_mapped && drift_us > DRIFT_US)
            || at_us.saturating_sub(segment.end_us) > LONGEST_PAUSE_US
        {
            Roll::AtKey
        } else {
            Roll::No
        }
    }

    fn open(&mut self, config: Config, frame: &Frame, now_us: u64, out: &mut Vec<Output>) {
        // Time does not go back within a track, even if the sender's clock was set back.
        let start_us = frame.capture_us.max(self.latest_us);
        let number = self.number;
        self.number += 1;
        let line = Line::new(now_us, "segment")
            .text("track", &self.info.name)
            .text("file", &file_name(&self.info.name, number))
            .number("start_us", start_us)
            .text("codec", config.name());
        let line = match config.size() {
            Some((width, height)) => line
                .number("width", width.into())
                .number("height", height.into()),
            None => line,
        };
        let mut head = Vec::new();
        let muxer = Muxer::begin(&config, start_us, &mut head);
        out.push(Output::Open {
            number,
            line: line.end(),
        });
        out.push(Output::Append(head));
        self.segment = Some(Segment {
            number,
            config,
            muxer,
            start_us,
            timestamp: frame.timestamp,
            units: 0,
            last_ms: 0,
            end_us: start_us,
            frames: 0,
        });
    }

    fn seal(&mut self, out: &mut Vec<Output>) {
        if let Some(segment) = self.segment.take() {
            out.push(Output::Seal(Sealed {
                number: segment.number,
                start_us: segment.start_us,
                end_us: segment.end_us,
                frames: segment.frames,
            }));
        }
    }

    /// Something is missing from here on.
    fn miss(&mut self, now_us: u64, cause: Cause, packets: u64, out: &mut Vec<Output>) {
        self.depacketizer.lose();
        self.open_gap(now_us, cause, packets);
        if self.info.kind == Kind::Video {
            self.needs_key = true;
            self.ask(now_us, out);
        }
    }

    fn open_gap(&mut self, at_us: u64, cause: Cause, packets: u64) {
        let from_us = self.written_us.map_or(at_us, |written| written.min(at_us));
        let gap = self.gap.get_or_insert(Gap {
            from_us,
            cause,
            packets: 0,
        });
        gap.packets += packets;
        // What kept the rest from being written says more than a packet lost before.
        if matches!(cause, Cause::Disk | Cause::Overflow | Cause::Muted) {
            gap.cause = cause;
        }
    }

    fn close_gap(&mut self, to_us: u64, now_us: u64, out: &mut Vec<Output>) {
        let Some(gap) = self.gap.take().filter(|gap| gap.from_us < to_us) else {
            return;
        };
        self.gaps += 1;
        let line = Line::gap(
            now_us,
            &self.info.name,
            gap.from_us,
            to_us,
            gap.cause,
            gap.packets,
        );
        out.push(Output::Line(line));
    }

    fn ask(&mut self, now_us: u64, out: &mut Vec<Output>) {
        if now_us.saturating_sub(self.asked_us) >= ASK_EVERY_US {
            self.asked_us = now_us;
            out.push(Output::AskKeyframe);
        }
    }

    fn say(&self, change: Option<Change>, out: &mut Vec<Output>) {
        if let Some(change) = change {
            let line = Line::new(change.at_us, "speech").text("track", &self.info.name);
            out.push(Output::Line(line.flag("on", change.is_on).end()));
        }
    }

    /// Packets never reached the writer.
    pub(crate) fn overflow(&mut self, lost: &Lost, now_us: u64, out: &mut Vec<Output>) {
        self.run(u64::MAX, out);
        self.reorder.restart();
        self.miss(lost.from_us, Cause::Overflow, lost.packets, out);
        self.asked_us = 0;
        if self.info.kind == Kind::Video {
            self.ask(now_us, out);
        }
    }

    /// The server began or ceased to drop what the publisher sends.
    pub(crate) fn block(&mut self, is_blocked: bool, now_us: u64, out: &mut Vec<Output>) {
        if !is_blocked {
            return;
        }
        self.run(u64::MAX, out);
        self.seal(out);
        self.reorder.restart();
        self.depacketizer.lose();
        self.needs_key = self.info.kind == Kind::Video;
        self.open_gap(now_us, Cause::Muted, 0);
        let change = self.speech.end();
        self.say(change, out);
    }

    /// The disk refuses: an open segment stays as it is, and nothing is begun before [`Track::resume`].
    pub(crate) fn fail(&mut self, now_us: u64) {
        self.is_suspended = true;
        self.segment = None;
        self.needs_key = self.info.kind == Kind::Video;
        self.depacketizer.lose();
        self.written_us = self.flushed_us;
        self.open_gap(now_us, Cause::Disk, 0);
    }

    /// The disk may take things again.
    pub(crate) const fn resume(&mut self) {
        self.is_suspended = false;
        self.asked_us = 0;
    }

    /// What was appended so far has reached the file.
    pub(crate) const fn flushed(&mut self) {
        self.flushed_us = self.written_us;
    }

    /// Nothing more will come: all that waits is written, the segment sealed.
    pub(crate) fn end(&mut self, now_us: u64, out: &mut Vec<Output>) {
        self.run(u64::MAX, out);
        self.seal(out);
        self.close_gap(now_us, now_us, out);
        let change = self.speech.end();
        self.say(change, out);
    }
}

/// The name of a segment within the recording's folder.
pub(crate) fn file_name(track: &str, number: u32) -> String {
    format!("tracks/{track}/{number:06}.mkv")
}
