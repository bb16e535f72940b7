//! The peers, in rooms of equal size, the engine, and the signaling between them.

use std::path::Path;
use std::time::{Duration, Instant};

use salon_sfu_testkit::{
    AudioPattern, Driver, Latency, PeerConfig, PeerState, TestPeer, VideoCodec, VideoPattern,
};

use crate::Failure;
use crate::child::{News, Order, STREAM};
use crate::engine::EngineProcess;
use crate::machine::{Cores, CpuTime, own_cpu_time};

/// The load of one publisher: 200 packets of 1100 bytes as 25 frames, 50 audio packets of 100.
pub const VIDEO_BYTES: usize = 1100;
pub const VIDEO_FRAMES_PER_S: u32 = 25;
pub const VIDEO_PACKETS_PER_FRAME: u32 = 8;
pub const AUDIO_BYTES: usize = 100;

/// Handshakes under way at once: as many as arrive in the first seconds of a large meeting.
pub const JOINS_AT_ONCE: usize = 10;
/// The publishers' repair caches and all pools reach their size in this time.
pub const WARM_UP: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(60);
/// Packets under way when the publishers stop, and their repairs, arrive in this time.
const DRAIN: Duration = Duration::from_millis(500);
/// Longest wait for the peers' next datagram, for the sake of the engine's news.
const STEP: Duration = Duration::from_millis(5);

/// All that takes part. Peers are named by their position, and fill one room after the other.
pub struct Call {
    pub driver: Driver,
    pub engine: EngineProcess,
    room_size: usize,
    /// Recordings that were stopped and are sealed.
    sealed: usize,
    counters: Option<Vec<(String, u64)>>,
}

/// CPU time of those who work.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// The engine's media threads.
    pub media: CpuTime,
    /// The engine's thread that writes recordings.
    pub recorder: CpuTime,
    /// The thread of all peers.
    pub generator: CpuTime,
}

/// The measured time.
pub struct Window {
    pub work: Work,
    pub taken: Duration,
    /// Each peer's packet numbers (audio, video) before and after.
    sent_from: Vec<(u64, u64)>,
    sent_until: Vec<(u64, u64)>,
}

/// What receivers got of the packets their publishers numbered in the window, all together.
#[derive(Debug, Default)]
pub struct Arrivals {
    /// Received tracks.
    pub tracks: usize,
    /// Packets the receivers should have.
    pub expected: u64,
    pub lost: u64,
    pub duplicates: u64,
    pub damaged: u64,
    pub latency: Latency,
    /// Whole UDP payload of a forwarded video packet, tag included.
    pub video_datagram: usize,
    /// The same for audio.
    pub audio_datagram: usize,
}

impl Window {
    /// Adds up what these receivers got.
    ///
    /// # Errors
    /// A track is not of one of the peers.
    pub fn count(&self, receivers: &[TestPeer]) -> Result<Arrivals, Failure> {
        let mut sum = Arrivals::default();
        let mut latencies = Vec::new();
        for track in receivers.iter().flat_map(TestPeer::live_tracks) {
            let publisher = track.stream.strip_prefix(STREAM).map(str::parse::<usize>);
            let publisher = publisher.ok_or("a track of nobody")??;
            let sent = |all: &[(u64, u64)]| all.get(publisher).copied();
            let (from, until) = sent(&self.sent_from)
                .zip(sent(&self.sent_until))
                .ok_or("a track of a peer that was not there")?;
            let (from, until) = match track.kind.as_str() {
                "audio" => (from.0, until.0),
                _ => (from.1, until.1),
            };
            sum.tracks += 1;
            sum.expected += until - from;
            sum.lost += track.missing(from, until);
            sum.duplicates += track.duplicates;
            sum.damaged += track.damaged + track.foreign;
            latencies.extend_from_slice(track.latencies_ns());
            match track.kind.as_str() {
                "audio" => sum.audio_datagram = track.datagram_bytes,
                _ => sum.video_datagram = track.datagram_bytes,
            }
        }
        sum.latency = Latency::of(latencies).unwrap_or_default();
        Ok(sum)
    }

    /// CPU time as microseconds in each second of the window.
    pub fn us_per_s(&self, time: &CpuTime) -> f64 {
        time.on_cpu_ns as f64 / 1000.0 / self.taken.as_secs_f64()
    }
}

impl Call {
    /// An engine and nobody there yet.
    ///
    /// # Errors
    /// The engine does not start.
    pub fn new(room_size: usize, cores: &Cores) -> Result<Self, Failure> {
        Ok(Self {
            driver: Driver::new()?,
            engine: EngineProcess::start(cores)?,
            room_size,
            sealed: 0,
            counters: None,
        })
    }

    fn room_of(&self, position: usize) -> String {
        room_name(position / self.room_size)
    }

    /// Begins to record a room, which may be empty still.
    ///
    /// # Errors
    /// The engine is gone.
    pub fn record(&mut self, room: usize, folder: &Path) -> Result<(), Failure> {
        self.engine.order(&Order::Record {
            room: room_name(room),
            folder: folder.display().to_string(),
        })
    }

    /// Ends the recordings of the first rooms and waits until all their segments are sealed.
    ///
    /// # Errors
    /// A room was not being recorded, or the disk is too slow.
    pub fn stop_recordings(&mut self, rooms: usize) -> Result<(), Failure> {
        for room in (0..rooms).map(room_name) {
            self.engine.order(&Order::StopRecording { room })?;
        }
        let deadline = Instant::now() + CONNECT;
        while self.sealed < rooms {
            if Instant::now() > deadline {
                return Err("waited in vain for the recordings to be sealed".into());
            }
            self.turn(STEP)?;
        }
        Ok(())
    }

    /// Makes a peer and lets it ask to be admitted; its answer comes later.
    ///
    /// # Errors
    /// It cannot be made, or the engine is gone.
    pub fn join(&mut self) -> Result<(), Failure> {
        let seed = self.driver.peers().len() as u64 + 1;
        let codecs = vec![VideoCodec::Vp8];
        let position = self.driver.add_peer(PeerConfig { seed, codecs })?;
        let offer = self.driver.peer_mut(position).make_offer()?;
        self.engine.order(&Order::Join {
            room: self.room_of(position),
            peer: position.to_string(),
            offer,
        })
    }

    /// Opens the microphone and the camera of a peer.
    pub fn publish(&mut self, position: usize, packets_per_frame: u32) {
        let publisher = self.driver.peer_mut(position);
        publisher.start_audio(&AudioPattern {
            payload_bytes: AUDIO_BYTES,
        });
        publisher.start_video(VideoPattern {
            codec: VideoCodec::Vp8,
            frames_per_s: VIDEO_FRAMES_PER_S,
            packets_per_frame,
            payload_bytes: VIDEO_BYTES,
        });
    }

    /// Lets the call go on for so long, then stops all publishers.
    ///
    /// # Errors
    /// A peer or the engine failed.
    pub fn measure(&mut self, seconds: u64) -> Result<Window, Failure> {
        for peer in self.driver.peers_mut() {
            peer.begin_window();
        }
        let sent_from = self.sent();
        let before = self.work()?;
        let start = Instant::now();
        self.run_for(Duration::from_secs(seconds))?;
        for peer in self.driver.peers_mut() {
            peer.set_paused(true);
        }
        let (sent_until, taken) = (self.sent(), start.elapsed());
        self.run_for(DRAIN)?;
        let after = self.work()?;
        Ok(Window {
            work: Work {
                media: after.media.since(&before.media),
                recorder: after.recorder.since(&before.recorder),
                generator: after.generator.since(&before.generator),
            },
            taken,
            sent_from,
            sent_until,
        })
    }

    fn sent(&self) -> Vec<(u64, u64)> {
        self.driver.peers().iter().map(TestPeer::sent).collect()
    }

    fn work(&self) -> Result<Work, Failure> {
        Ok(Work {
            media: self.engine.media_cpu_time()?,
            recorder: self.engine.recorder_cpu_time()?,
            generator: own_cpu_time()?,
        })
    }

    /// The engine's own counters that are not zero.
    ///
    /// # Errors
    /// The engine does not say them.
    pub fn read_counters(&mut self) -> Result<Vec<(String, u64)>, Failure> {
        // The engine's snapshots are at most a second old.
        self.run_for(Duration::from_millis(1100))?;
        self.engine.order(&Order::Stats)?;
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.counters.is_none() && Instant::now() < deadline {
            self.turn(STEP)?;
        }
        let counters = self
            .counters
            .take()
            .ok_or("the engine does not say its counters")?;
        Ok(counters
            .into_iter()
            .filter(|(_, value)| *value != 0)
            .collect())
    }

    /// Waits until something holds of the peers.
    ///
    /// # Errors
    /// It takes too long, or a peer or the engine failed.
    pub fn wait(&mut self, what: &str, holds: impl Fn(&[TestPeer]) -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + CONNECT;
        while !holds(self.driver.peers()) {
            if Instant::now() > deadline {
                return Err(format!("waited in vain for {what}").into());
            }
            self.turn(STEP)?;
        }
        Ok(())
    }

    /// Lets the call go on for a while.
    ///
    /// # Errors
    /// A peer or the engine failed.
    pub fn run_for(&mut self, time: Duration) -> Result<(), Failure> {
        self.run_until(Instant::now() + time)
    }

    /// Lets the call go on until then.
    ///
    /// # Errors
    /// A peer or the engine failed.
    pub fn run_until(&mut self, until: Instant) -> Result<(), Failure> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.turn(left.min(STEP))?;
        }
    }

    fn turn(&mut self, longest: Duration) -> Result<(), Failure> {
        self.driver.step(longest)?;
        while let Some(news) = self.engine.find_news()? {
            self.on_news(news)?;
        }
        Ok(())
    }

    fn on_news(&mut self, news: News) -> Result<(), Failure> {
        match news {
            News::Answer { peer, sdp } => {
                self.driver.peer_mut(peer.parse()?).accept_answer(&sdp)?;
            }
            News::Offer { peer, neg, sdp } => {
                let position = peer.parse()?;
                let sdp = self.driver.peer_mut(position).accept_offer(&sdp)?;
                self.engine.order(&Order::Answer {
                    room: self.room_of(position),
                    peer,
                    neg,
                    sdp,
                })?;
            }
            News::State { peer, state, cause } if state == "gone" => {
                return Err(format!("peer {peer} is gone: {cause}").into());
            }
            News::Sealed => self.sealed += 1,
            News::Stats { values } => self.counters = Some(values),
            News::Trouble { text } => return Err(format!("the engine: {text}").into()),
            News::Ready { .. } | News::State { .. } => {}
        }
        Ok(())
    }
}

fn room_name(room: usize) -> String {
    format!("bench-{room}")
}

/// Whether the connection of every one of these peers is up.
pub fn are_connected(peers: &[TestPeer]) -> bool {
    peers
        .iter()
        .all(|peer| peer.state() == PeerState::Connected)
}
