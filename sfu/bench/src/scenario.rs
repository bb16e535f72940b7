//! One measurement: a publisher, N subscribers, some seconds.

use std::path::Path;
use std::time::{Duration, Instant};

use salon_sfu_testkit::{
    AudioPattern, Driver, Latency, PeerConfig, PeerState, TestPeer, VideoCodec, VideoPattern,
};

use crate::Failure;
use crate::child::{News, Order};
use crate::engine::EngineProcess;
use crate::machine::{Cores, CpuTime, own_cpu_time};

/// The load of the comparison: 200 packets of 1100 bytes as 25 frames, 50 audio packets of 100.
pub const VIDEO_BYTES: usize = 1100;
pub const VIDEO_FRAMES_PER_S: u32 = 25;
pub const VIDEO_PACKETS_PER_FRAME: u32 = 8;
pub const AUDIO_BYTES: usize = 100;

const ROOM: &str = "bench";
/// Handshakes under way at once: as many as arrive in the first seconds of a large meeting.
const JOINS_AT_ONCE: usize = 10;
const CONNECT: Duration = Duration::from_secs(60);
/// The publisher's repair cache and all pools reach their size in this time.
const WARM_UP: Duration = Duration::from_secs(2);
/// Packets under way when the publisher stops, and their repairs, arrive in this time.
const DRAIN: Duration = Duration::from_millis(500);

/// What the floor needs to know to do the same work.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub subscribers: usize,
    /// Whole UDP payload of a forwarded video packet, tag included.
    pub video_datagram: usize,
    /// The same for audio.
    pub audio_datagram: usize,
}

/// What was measured.
#[derive(Debug)]
pub struct Load {
    pub subscribers: usize,
    pub seconds: f64,
    /// Packets the subscribers should have, all together.
    pub expected: u64,
    pub lost: u64,
    pub duplicates: u64,
    pub damaged: u64,
    pub engine: CpuTime,
    pub generator: CpuTime,
    pub latency: Latency,
    pub kib_per_subscriber: f64,
    pub video_datagram: usize,
    pub audio_datagram: usize,
    /// The engine's own counters that are not zero.
    pub counters: Vec<(String, u64)>,
}

/// The measured time.
struct Window {
    engine: CpuTime,
    generator: CpuTime,
    /// The publisher's packet numbers (audio, video) before and after.
    sent_from: (u64, u64),
    sent_until: (u64, u64),
    taken: Duration,
}

impl Load {
    /// CPU of the engine's threads per second, in microseconds.
    pub fn engine_us_per_s(&self) -> f64 {
        self.engine.on_cpu_ns as f64 / 1000.0 / self.seconds
    }

    pub fn shape(&self) -> Shape {
        Shape {
            subscribers: self.subscribers,
            video_datagram: self.video_datagram,
            audio_datagram: self.audio_datagram,
        }
    }
}

/// Measures with so many subscribers.
///
/// # Errors
/// A peer does not connect, or the engine fails.
pub fn run(
    subscribers: usize,
    seconds: u64,
    record: Option<&Path>,
    cores: &Cores,
) -> Result<Load, Failure> {
    let mut call = Call {
        driver: Driver::new()?,
        engine: EngineProcess::start(cores)?,
        answered: 0,
        counters: None,
    };
    if let Some(folder) = record {
        call.engine.count_recorder()?;
        call.engine.order(&Order::Record {
            room: ROOM.to_owned(),
            folder: folder.display().to_string(),
        })?;
    }
    call.join()?;
    call.publish()?;
    call.run_for(WARM_UP)?;
    let resident_before = call.engine.resident_kib()?;
    call.subscribe(subscribers)?;
    call.run_for(WARM_UP)?;
    let window = call.measure(seconds)?;
    let resident = call.engine.resident_kib()?;
    let counters = call.read_counters()?;
    let mut load = Load {
        subscribers,
        seconds: window.taken.as_secs_f64(),
        expected: 0,
        lost: 0,
        duplicates: 0,
        damaged: 0,
        engine: window.engine,
        generator: window.generator,
        latency: Latency::default(),
        kib_per_subscriber: resident.saturating_sub(resident_before) as f64 / subscribers as f64,
        video_datagram: 0,
        audio_datagram: 0,
        counters,
    };
    load.count(&call.driver.peers()[1..], &window);
    Ok(load)
}

impl Load {
    /// Adds up what the subscribers got of the packets the publisher numbered in the window.
    fn count(&mut self, subscribers: &[TestPeer], window: &Window) {
        let mut latencies = Vec::new();
        for peer in subscribers {
            for track in peer.live_tracks() {
                let (from, until) = match track.kind.as_str() {
                    "audio" => (window.sent_from.0, window.sent_until.0),
                    _ => (window.sent_from.1, window.sent_until.1),
                };
                self.expected += until - from;
                self.lost += track.missing(from, until);
                self.duplicates += track.duplicates;
                self.damaged += track.damaged + track.foreign;
                latencies.extend_from_slice(track.latencies_ns());
                match track.kind.as_str() {
                    "audio" => self.audio_datagram = track.datagram_bytes,
                    _ => self.video_datagram = track.datagram_bytes,
                }
            }
        }
        self.latency = Latency::of(latencies).unwrap_or_default();
    }
}

/// The peers, the engine, and the signaling between them. Peer 0 publishes.
struct Call {
    driver: Driver,
    engine: EngineProcess,
    answered: usize,
    counters: Option<Vec<(String, u64)>>,
}

impl Call {
    fn join(&mut self) -> Result<(), Failure> {
        let seed = self.driver.peers().len() as u64 + 1;
        let codecs = vec![VideoCodec::Vp8];
        let position = self.driver.add_peer(PeerConfig { seed, codecs })?;
        let offer = self.driver.peer_mut(position).make_offer()?;
        self.engine.order(&Order::Join {
            room: ROOM.to_owned(),
            peer: position.to_string(),
            offer,
        })
    }

    fn publish(&mut self) -> Result<(), Failure> {
        let publisher = self.driver.peer_mut(0);
        publisher.start_audio(&AudioPattern {
            payload_bytes: AUDIO_BYTES,
        });
        publisher.start_video(VideoPattern {
            codec: VideoCodec::Vp8,
            frames_per_s: VIDEO_FRAMES_PER_S,
            packets_per_frame: VIDEO_PACKETS_PER_FRAME,
            payload_bytes: VIDEO_BYTES,
        });
        self.wait("the publisher to connect", |peers| {
            peers[0].state() == PeerState::Connected
        })
    }

    fn subscribe(&mut self, subscribers: usize) -> Result<(), Failure> {
        while self.driver.peers().len() <= subscribers {
            let joining = JOINS_AT_ONCE.min(subscribers + 1 - self.driver.peers().len());
            for _ in 0..joining {
                self.join()?;
            }
            self.wait("the subscribers to get both tracks", |peers| {
                peers[1..].iter().all(has_both_tracks)
            })?;
        }
        Ok(())
    }

    fn measure(&mut self, seconds: u64) -> Result<Window, Failure> {
        for peer in self.driver.peers_mut() {
            peer.begin_window();
        }
        let sent_from = self.driver.peer(0).sent();
        let (engine, generator) = (self.engine.cpu_time()?, own_cpu_time()?);
        let start = Instant::now();
        self.run_for(Duration::from_secs(seconds))?;
        self.driver.peer_mut(0).set_paused(true);
        let (sent_until, taken) = (self.driver.peer(0).sent(), start.elapsed());
        self.run_for(DRAIN)?;
        Ok(Window {
            engine: self.engine.cpu_time()?.since(&engine),
            generator: own_cpu_time()?.since(&generator),
            sent_from,
            sent_until,
            taken,
        })
    }

    fn read_counters(&mut self) -> Result<Vec<(String, u64)>, Failure> {
        // The engine's snapshots are at most a second old.
        self.run_for(Duration::from_millis(1100))?;
        self.engine.order(&Order::Stats)?;
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.counters.is_none() && Instant::now() < deadline {
            self.turn()?;
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

    fn wait(&mut self, what: &str, holds: impl Fn(&[TestPeer]) -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + CONNECT;
        while !holds(self.driver.peers()) {
            if Instant::now() > deadline {
                return Err(format!("waited in vain for {what}").into());
            }
            self.turn()?;
        }
        Ok(())
    }

    fn run_for(&mut self, time: Duration) -> Result<(), Failure> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.turn()?;
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<(), Failure> {
        self.driver.step(Duration::from_millis(5))?;
        while let Some(news) = self.engine.find_news()? {
            self.on_news(news)?;
        }
        Ok(())
    }

    fn on_news(&mut self, news: News) -> Result<(), Failure> {
        match news {
            News::Answer { peer, sdp } => {
                self.driver.peer_mut(peer.parse()?).accept_answer(&sdp)?;
                self.answered += 1;
            }
            News::Offer { peer, neg, sdp } => {
                let sdp = self.driver.peer_mut(peer.parse()?).accept_offer(&sdp)?;
                let room = ROOM.to_owned();
                self.engine.order(&Order::Answer {
                    room,
                    peer,
                    neg,
                    sdp,
                })?;
            }
            News::State { peer, state, cause } if state == "gone" => {
                return Err(format!("peer {peer} is gone: {cause}").into());
            }
            News::Stats { values } => self.counters = Some(values),
            News::Trouble { text } => return Err(format!("the engine: {text}").into()),
            News::Ready { .. } | News::State { .. } => {}
        }
        Ok(())
    }
}

fn has_both_tracks(peer: &TestPeer) -> bool {
    let has = |kind: &str| peer.live_tracks().any(|t| t.kind == kind && t.packets > 0);
    has("audio") && has("video")
}
