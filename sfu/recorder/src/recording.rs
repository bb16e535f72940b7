//! One recording: its index, its tracks, their files, and what happens when the disk fails.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest;
use salon_sfu_core::TrackId;

use crate::batch::{Heard, Lost};
use crate::clock::Clock;
use crate::disk::{Disk, Sink};
use crate::index::Line;
use crate::track::{Output, Sealed, Track, TrackInfo, file_name};

/// Frames wait at most this long before they are written.
const FLUSH_US: u64 = 500_000;
const FLUSH_BYTES: usize = 64 * 1024;
/// What was written is on the disk after this.
const SYNC_US: u64 = 1_500_000;
/// After an error the disk is tried again this often.
const RETRY_US: u64 = 2_000_000;
/// Lines kept while the disk does not take them.
const MOST_LINES: usize = 65_536;

/// How a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// What is heard reaches the disk.
    Writing,
    /// Packets are dropped because the disk is behind.
    Slow,
    /// The disk refuses; it is tried again.
    Failed,
    /// All is sealed.
    Stopped,
}

impl State {
    /// The name used outside the engine.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Writing => "writing",
            State::Slow => "slow",
            State::Failed => "failed",
            State::Stopped => "stopped",
        }
    }
}

/// What a recording came to, since it was started by this command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Segments sealed.
    pub segments: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Gaps told.
    pub gaps: u64,
    /// From start to stop, in microseconds.
    pub duration_us: u64,
}

/// A segment under way.
struct OpenFile {
    sink: Box<dyn Sink>,
    buffer: Vec<u8>,
    /// When the oldest byte of the buffer came.
    buffered_us: u64,
    written_us: Option<u64>,
    bytes: u64,
    hash: digest::Context,
}

struct Entry {
    track: Track,
    file: Option<OpenFile>,
}

/// What the writer must pass on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    State(State, String),
    AskKeyframe(TrackId),
}

/// The files of one recording.
pub(crate) struct Recording {
    pub(crate) room: Arc<str>,
    pub(crate) id: Arc<str>,
    pub(crate) shard: usize,
    clock: Clock,
    folder: PathBuf,
    index: Box<dyn Sink>,
    /// Bytes of whole lines.
    index_bytes: u64,
    lines: VecDeque<String>,
    index_dirty_us: Option<u64>,
    tracks: BTreeMap<u32, Entry>,
    state: State,
    /// Nothing has reached the disk since the start or the last failure.
    is_unproven: bool,
    retry_us: Option<u64>,
    started_us: u64,
    summary: Summary,
    gaps_of_ended: u64,
    pub(crate) news: Vec<News>,
    scratch: Vec<Output>,
    /// Bytes written, not yet told to the figures.
    pub(crate) new_bytes: u64,
}

/// What a recording is to be.
pub(crate) struct Plan {
    pub(crate) room: Arc<str>,
    pub(crate) id: Arc<str>,
    pub(crate) shard: usize,
    pub(crate) folder: PathBuf,
    pub(crate) clock: Clock,
}

impl Recording {
    /// Opens the folder and writes the first line.
    pub(crate) fn begin(plan: Plan, run: &str, disk: &mut dyn Disk) -> io::Result<Recording> {
        disk.make_folder(&plan.folder.join("tracks"))?;
        let (index, index_bytes) = disk.append(&plan.folder.join("index.jsonl"))?;
        let now_us = plan.clock.now_us();
        let mut recording = Recording {
            room: plan.room,
            id: plan.id,
            shard: plan.shard,
            clock: plan.clock,
            folder: plan.folder,
            index,
            index_bytes,
            lines: VecDeque::new(),
            index_dirty_us: None,
            tracks: BTreeMap::new(),
            state: State::Stopped,
            is_unproven: true,
            retry_us: None,
            started_us: now_us,
            summary: Summary::default(),
            gaps_of_ended: 0,
            news: Vec::new(),
            scratch: Vec::new(),
            new_bytes: 0,
        };
        let line = Line::new(now_us, "run")
            .text("run", run)
            .text("version", env!("CARGO_PKG_VERSION"));
        recording.lines.push_back(line.end());
        recording.write_lines(now_us)?;
        recording.index.sync()?;
        Ok(recording)
    }

    pub(crate) fn now_us(&self) -> u64 {
        self.clock.now_us()
    }

    /// A track was published. One of the same id has ended before.
    pub(crate) fn add_track(&mut self, id: TrackId, info: TrackInfo, disk: &mut dyn Disk) {
        let now_us = self.now_us();
        self.end_track(id, now_us, disk);
        let kind = match info.kind {
            salon_sfu_core::Kind::Audio => "audio",
            salon_sfu_core::Kind::Video => "video",
        };
        let line = Line::new(now_us, "track")
            .text("track", &info.name)
            .text("peer", &info.peer)
            .text("stream", &info.stream)
            .text("media", kind)
            .text("codec", &info.codec.name().to_ascii_lowercase());
        self.push_line(line.end());
        let folder = self.folder.join("tracks").join(&info.name);
        let number = disk.highest_number(&folder).saturating_add(1);
        let mut track = Track::new(info, number);
        if self.retry_us.is_some() {
            track.fail(now_us);
        }
        self.tracks.insert(id.0, Entry { track, file: None });
    }

    /// A packet.
    pub(crate) fn hear(&mut self, head: &Heard, payload: &[u8], disk: &mut dyn Disk) {
        self.with_track(head.track, head.arrival_us, disk, |track, out| {
            track.hear(head, payload, out);
        });
    }

    /// Packets that never came here.
    pub(crate) fn overflow(&mut self, lost: &Lost, disk: &mut dyn Disk) {
        let now_us = self.now_us();
        self.with_track(lost.track, now_us, disk, |track, out| {
            track.overflow(lost, now_us, out);
        });
        if self.retry_us.is_none() {
            self.news.push(News::State(State::Writing, String::new()));
        }
    }

    pub(crate) fn block(
        &mut self,
        id: TrackId,
        is_blocked: bool,
        now_us: u64,
        disk: &mut dyn Disk,
    ) {
        self.with_track(id, now_us, disk, |track, out| {
            track.block(is_blocked, now_us, out);
        });
    }

    /// The publisher stopped the track or left.
    pub(crate) fn end_track(&mut self, id: TrackId, now_us: u64, disk: &mut dyn Disk) {
        self.with_track(id, now_us, disk, |track, out| {
            track.end(now_us, out);
            let line = Line::new(now_us, "ended").text("track", &track.info.name);
            out.push(Output::Line(line.end()));
        });
        if let Some(entry) = self.tracks.remove(&id.0) {
            self.gaps_of_ended += entry.track.gaps;
        }
    }

    pub(crate) fn end_all_tracks(&mut self, now_us: u64, disk: &mut dyn Disk) {
        let ids: Vec<u32> = self.tracks.keys().copied().collect();
        for id in ids {
            self.end_track(TrackId(id), now_us, disk);
        }
    }

    /// Does what time demands: gives up waiting, writes what has waited, tries a failed disk again.
    pub(crate) fn run(&mut self, disk: &mut dyn Disk) {
        let now_us = self.now_us();
        if self.retry_us.is_some_and(|at| at <= now_us) {
            self.retry_us = None;
            self.is_unproven = true;
            self.tracks
                .values_mut()
                .for_each(|entry| entry.track.resume());
        }
        let ids: Vec<u32> = self.tracks.keys().copied().collect();
        for id in ids {
            self.with_track(TrackId(id), now_us, disk, |track, out| {
                track.run(now_us, out)
            });
            if let Err(error) = self.flush(id, now_us, false) {
                self.fail(&error, now_us);
            }
        }
        if let Err(error) = self.write_lines(now_us) {
            self.fail(&error, now_us);
        }
    }

    /// Seals everything.
    pub(crate) fn stop(&mut self, cause: &str, disk: &mut dyn Disk) -> Summary {
        let now_us = self.now_us();
        self.retry_us = None;
        let ids: Vec<u32> = self.tracks.keys().copied().collect();
        for id in ids {
            self.with_track(TrackId(id), now_us, disk, |track, out| {
                track.end(now_us, out)
            });
            if let Some(entry) = self.tracks.remove(&id) {
                self.gaps_of_ended += entry.track.gaps;
            }
        }
        self.push_line(Line::new(now_us, "stop").text("cause", cause).end());
        let last = self.write_lines(now_us).and_then(|()| self.index.sync());
        let detail = last.err().map(|error| error.to_string());
        self.state = State::Stopped;
        self.news
            .push(News::State(State::Stopped, detail.unwrap_or_default()));
        self.summary.gaps = self.gaps_of_ended;
        self.summary.duration_us = now_us.saturating_sub(self.started_us);
        self.summary
    }

    /// Lets a track decide and does what it says.
    fn with_track(
        &mut self,
        id: TrackId,
        now_us: u64,
        disk: &mut dyn Disk,
        decide: impl FnOnce(&mut Track, &mut Vec<Output>),
    ) {
        let mut out = std::mem::take(&mut self.scratch);
        if let Some(entry) = self.tracks.get_mut(&id.0) {
            decide(&mut entry.track, &mut out);
        }
        for output in out.drain(..) {
            let done = match output {
                Output::Line(line) => {
                    self.push_line(line);
                    Ok(())
                }
                Output::AskKeyframe => {
                    self.news.push(News::AskKeyframe(id));
                    Ok(())
                }
                Output::Open { number, line } => self.open(id, number, line, now_us, disk),
                Output::Append(bytes) => self.append(id, &bytes, now_us),
                Output::Seal(sealed) => self.seal(id, sealed, now_us),
            };
            if let Err(error) = done {
                self.fail(&error, now_us);
            }
        }
        self.scratch = out;
    }

    fn open(
        &mut self,
        id: TrackId,
        number: u32,
        line: String,
        now_us: u64,
        disk: &mut dyn Disk,
    ) -> io::Result<()> {
        let Some(entry) = self.tracks.get_mut(&id.0) else {
            return Ok(());
        };
        let path = self.folder.join(file_name(&entry.track.info.name, number));
        if let Some(folder) = path.parent() {
            disk.make_folder(folder)?;
        }
        entry.file = Some(OpenFile {
            sink: disk.create(&path)?,
            buffer: Vec::with_capacity(FLUSH_BYTES * 2),
            buffered_us: now_us,
            written_us: None,
            bytes: 0,
            hash: digest::Context::new(&digest::SHA256),
        });
        self.push_line(line);
        Ok(())
    }

    fn append(&mut self, id: TrackId, bytes: &[u8], now_us: u64) -> io::Result<()> {
        let Some(entry) = self.tracks.get_mut(&id.0) else {
            return Ok(());
        };
        let Some(file) = &mut entry.file else {
            // The disk refused a moment ago: what was decided before that comes to nothing.
            return Ok(());
        };
        if file.buffer.is_empty() {
            file.buffered_us = now_us;
        }
        file.buffer.extend_from_slice(bytes);
        if file.buffer.len() >= FLUSH_BYTES {
            self.flush(id.0, now_us, true)?;
        }
        Ok(())
    }

    /// Writes what waits in a track's buffer, if it has waited long enough, and makes it durable in time.
    fn flush(&mut self, id: u32, now_us: u64, is_full: bool) -> io::Result<()> {
        let Some(entry) = self.tracks.get_mut(&id) else {
            return Ok(());
        };
        let Some(file) = &mut entry.file else {
            return Ok(());
        };
        let is_old = now_us.saturating_sub(file.buffered_us) >= FLUSH_US;
        if !file.buffer.is_empty() && (is_full || is_old) {
            file.sink.write(&file.buffer)?;
            file.hash.update(&file.buffer);
            file.bytes += file.buffer.len() as u64;
            self.new_bytes += file.buffer.len() as u64;
            file.buffer.clear();
            file.written_us.get_or_insert(now_us);
            entry.track.flushed();
        }
        let is_due = file
            .written_us
            .is_some_and(|since| now_us.saturating_sub(since) >= SYNC_US);
        if is_due || (self.is_unproven && file.written_us.is_some()) {
            file.sink.sync()?;
            file.written_us = None;
            self.prove();
        }
        Ok(())
    }

    /// Something has reached the disk.
    fn prove(&mut self) {
        if std::mem::take(&mut self.is_unproven) && self.state != State::Writing {
            self.state = State::Writing;
            self.news.push(News::State(State::Writing, String::new()));
        }
    }

    fn seal(&mut self, id: TrackId, sealed: Sealed, now_us: u64) -> io::Result<()> {
        self.flush(id.0, now_us, true)?;
        let Some(entry) = self.tracks.get_mut(&id.0) else {
            return Ok(());
        };
        let Some(mut file) = entry.file.take() else {
            return Ok(());
        };
        file.sink.sync()?;
        let sha256 = hex(file.hash.finish().as_ref());
        let line = Line::new(now_us, "sealed")
            .text("track", &entry.track.info.name)
            .text("file", &file_name(&entry.track.info.name, sealed.number))
            .number("start_us", sealed.start_us)
            .number("end_us", sealed.end_us)
            .number("frames", sealed.frames)
            .number("bytes", file.bytes)
            .text("sha256", &sha256);
        self.summary.segments += 1;
        self.summary.bytes += file.bytes;
        self.push_line(line.end());
        self.prove();
        Ok(())
    }

    fn push_line(&mut self, line: String) {
        if self.lines.len() < MOST_LINES {
            self.lines.push_back(line);
        }
    }

    /// Writes the lines that wait, each whole.
    fn write_lines(&mut self, now_us: u64) -> io::Result<()> {
        if self.retry_us.is_some() {
            return Ok(());
        }
        while let Some(line) = self.lines.front() {
            if let Err(error) = self.index.write(line.as_bytes()) {
                self.index.truncate(self.index_bytes)?;
                return Err(error);
            }
            self.index_bytes += line.len() as u64;
            self.lines.pop_front();
            self.index_dirty_us.get_or_insert(now_us);
        }
        let is_due = |since: u64| now_us.saturating_sub(since) >= SYNC_US;
        if self.index_dirty_us.is_some_and(is_due) {
            self.index.sync()?;
            self.index_dirty_us = None;
        }
        Ok(())
    }

    /// The disk refused: all open segments stay as they are, and it is tried again later.
    fn fail(&mut self, error: &io::Error, now_us: u64) {
        for entry in self.tracks.values_mut() {
            entry.file = None;
            entry.track.fail(now_us);
        }
        self.retry_us = Some(now_us + RETRY_US);
        if self.state != State::Failed {
            self.state = State::Failed;
            self.news
                .push(News::State(State::Failed, error.to_string()));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
