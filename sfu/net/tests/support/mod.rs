//! A call for the tests: an engine, client peers, and the signaling between them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use salon_sfu_net::{Command, Connection, Engine, EngineConfig, Event, Failure, Ticket};
use salon_sfu_testkit::{
    AudioPattern, Driver, PeerConfig, PeerState, TestPeer, VideoCodec, VideoPattern,
};

/// Longest wait for anything that should happen.
pub const SOON: Duration = Duration::from_secs(5);
const ROOM: &str = "room_1";

/// What became of a command.
pub type Outcome = Result<Option<String>, Failure>;

/// One engine and the peers of one room, stepped by the test.
pub struct Call {
    pub engine: Engine,
    pub driver: Driver,
    /// Whether offers of the engine are answered as they come.
    pub answers_offers: bool,
    /// The newest unanswered offer by peer, while offers are not answered.
    pub offers: HashMap<usize, (u32, String)>,
    /// All other events so far.
    pub log: Vec<Event>,
    outcomes: HashMap<Ticket, Outcome>,
    names: Vec<String>,
    rooms: Vec<String>,
}

impl Call {
    pub fn new() -> Self {
        Self::with(EngineConfig::default())
    }

    pub fn with(config: EngineConfig) -> Self {
        Self::on(Engine::start(config).expect("an engine"))
    }

    /// A call through an engine that was made otherwise.
    pub fn on(engine: Engine) -> Self {
        Self {
            engine,
            driver: Driver::new().expect("a driver"),
            answers_offers: true,
            offers: HashMap::new(),
            log: Vec::new(),
            outcomes: HashMap::new(),
            names: Vec::new(),
            rooms: Vec::new(),
        }
    }

    /// A call in which so many peers publish audio and video and get it from all others.
    pub fn of(publishers: usize) -> Self {
        let mut call = Self::new();
        for _ in 0..publishers {
            let position = call.join();
            call.publish(position);
        }
        call.until("everybody to get everybody", |call| {
            (0..publishers).all(|position| call.hears_and_sees(position, publishers - 1))
        });
        call
    }

    pub fn room() -> String {
        ROOM.to_owned()
    }

    fn room_of(&self, position: usize) -> String {
        self.rooms[position].clone()
    }

    pub fn name(&self, position: usize) -> String {
        self.names[position].clone()
    }

    pub fn stream(position: usize) -> String {
        format!("web_{position:08x}")
    }

    pub fn peer(&self, position: usize) -> &TestPeer {
        self.driver.peer(position)
    }

    pub fn peer_mut(&mut self, position: usize) -> &mut TestPeer {
        self.driver.peer_mut(position)
    }

    /// A new peer joins and takes the answer.
    pub fn join(&mut self) -> usize {
        self.join_with(vec![VideoCodec::Vp8])
    }

    pub fn join_with(&mut self, codecs: Vec<VideoCodec>) -> usize {
        let position = self.add_peer(codecs);
        self.enter(position);
        position
    }

    fn enter(&mut self, position: usize) {
        let offer = self.peer_mut(position).make_offer().expect("an offer");
        let answer = self
            .order(self.join_command(position, offer))
            .expect("an answer");
        let answer = answer.expect("a text");
        self.peer_mut(position)
            .accept_answer(&answer)
            .expect("a good answer");
    }

    /// A new peer joins another room than that of the others.
    pub fn join_room(&mut self, room: &str) -> usize {
        let position = self.add_peer(vec![VideoCodec::Vp8]);
        self.rooms[position] = room.to_owned();
        self.enter(position);
        position
    }

    /// A peer that has not joined yet.
    pub fn add_peer(&mut self, codecs: Vec<VideoCodec>) -> usize {
        let seed = self.names.len() as u64 + 100;
        let position = self
            .driver
            .add_peer(PeerConfig { seed, codecs })
            .expect("a peer");
        self.names.push(format!("peer-{position}"));
        self.rooms.push(Self::room());
        position
    }

    pub fn join_command(&self, position: usize, offer: String) -> Command {
        Command::Join {
            room: self.room_of(position),
            peer: self.name(position),
            stream: Self::stream(position),
            offer,
        }
    }

    /// Opens microphone and camera.
    pub fn publish(&mut self, position: usize) {
        self.publish_as(position, VideoCodec::Vp8);
    }

    pub fn publish_as(&mut self, position: usize, codec: VideoCodec) {
        self.peer_mut(position)
            .start_audio(&AudioPattern::default());
        self.peer_mut(position)
            .start_video(VideoPattern::small(codec));
    }

    pub fn leave(&mut self, position: usize) {
        let command = Command::Leave {
            room: self.room_of(position),
            peer: self.name(position),
            reason: "left".to_owned(),
        };
        self.order(command).expect("a leave never fails");
    }

    pub fn set_publish(&mut self, position: usize, audio: bool, video: bool) {
        let command = Command::SetPublish {
            room: self.room_of(position),
            peer: self.name(position),
            audio,
            video,
        };
        self.order(command).expect("the peer is there");
    }

    /// Gives a command and waits for its end.
    pub fn order(&mut self, command: Command) -> Outcome {
        let ticket = self.engine.submit(command).expect("a free queue");
        self.until("a command to end", |call| {
            call.outcomes.contains_key(&ticket)
        });
        self.outcomes.remove(&ticket).expect("just seen")
    }

    /// Answers the waiting offer of the engine to a peer.
    pub fn answer_waiting(&mut self, position: usize) -> Outcome {
        let (neg, offer) = self.offers.remove(&position).expect("a waiting offer");
        let sdp = self
            .peer_mut(position)
            .accept_offer(&offer)
            .expect("a good offer");
        self.order(self.answer_command(position, sdp, Some(neg)))
    }

    pub fn answer_command(&self, position: usize, sdp: String, neg: Option<u32>) -> Command {
        let (room, peer) = (self.room_of(position), self.name(position));
        Command::Answer {
            room,
            peer,
            sdp,
            neg,
        }
    }

    pub fn offer_command(&self, position: usize, sdp: String) -> Command {
        let (room, peer) = (self.room_of(position), self.name(position));
        Command::Offer { room, peer, sdp }
    }

    /// Steps until it holds; the test fails if it does not soon.
    pub fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + SOON;
        while !holds(self) {
            assert!(
                Instant::now() < deadline,
                "waited in vain for {what}\n{}",
                self.describe()
            );
            self.step();
        }
    }

    pub fn run_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.step();
        }
    }

    fn step(&mut self) {
        self.driver
            .step(Duration::from_millis(5))
            .expect("peers that work");
        let mut events = Vec::new();
        self.engine.poll_events(&mut events);
        for event in events {
            match event {
                Event::Completed { ticket, outcome } => {
                    self.outcomes.insert(ticket, outcome);
                }
                Event::OfferReady {
                    ref peer,
                    neg,
                    ref sdp,
                    ..
                } => {
                    let position = self.position(peer);
                    self.on_offer(position, neg, sdp);
                    self.log.push(event);
                }
                other => self.log.push(other),
            }
        }
    }

    fn position(&self, peer: &str) -> usize {
        let known = self.names.iter().position(|name| name == peer);
        known.expect("a peer of this call")
    }

    fn on_offer(&mut self, position: usize, neg: u32, sdp: &str) {
        // A browser that waits for the answer to its own offer lets ours lie.
        if !self.answers_offers || self.peer(position).has_offer_out() {
            self.offers.insert(position, (neg, sdp.to_owned()));
            return;
        }
        let answer = self
            .peer_mut(position)
            .accept_offer(sdp)
            .expect("a good offer");
        let command = self.answer_command(position, answer, Some(neg));
        self.engine.submit(command).expect("a free queue");
    }

    /// Whether a peer receives audio and video of so many others.
    pub fn hears_and_sees(&self, position: usize, others: usize) -> bool {
        let flowing = |kind: &str| {
            let tracks = self.peer(position).live_tracks();
            tracks
                .filter(|track| track.kind == kind && track.packets > 5)
                .count()
        };
        flowing("audio") == others && flowing("video") == others
    }

    /// Packets one peer has of another's live track of that kind.
    pub fn packets(&self, at: usize, from: usize, kind: &str) -> u64 {
        let track = self.peer(at).track(&Self::stream(from), kind);
        track.map_or(0, |track| track.packets)
    }

    /// Waits until that many further packets of a track came.
    pub fn until_flows(&mut self, at: usize, from: usize, kind: &str, further: u64) {
        let before = self.packets(at, from, kind);
        self.until("media to flow", |call| {
            call.packets(at, from, kind) >= before + further
        });
    }

    pub fn is_connected(&self, position: usize) -> bool {
        self.peer(position).state() == PeerState::Connected
    }

    /// How often a peer was said to be in a state.
    pub fn times_in(&self, position: usize, wanted: Connection) -> usize {
        let name = self.name(position);
        let is_it = |event: &&Event| {
            matches!(event, Event::PeerState { peer, state, .. }
                if **peer == *name && *state == wanted)
        };
        self.log.iter().filter(is_it).count()
    }

    /// How many tracks of a peer were said to have ended.
    pub fn ended_tracks(&self, position: usize) -> usize {
        let name = self.name(position);
        let is_it =
            |event: &&Event| matches!(event, Event::TrackEnded { peer, .. } if **peer == *name);
        self.log.iter().filter(is_it).count()
    }

    /// How many offers the engine made to a peer.
    pub fn offers_made(&self, position: usize) -> usize {
        let name = self.name(position);
        let is_it =
            |event: &&Event| matches!(event, Event::OfferReady { peer, .. } if **peer == *name);
        self.log.iter().filter(is_it).count()
    }

    /// The state of all peers, for a failed test.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        for (position, peer) in self.driver.peers().iter().enumerate() {
            text += &format!("{position}: {:?}, sent {:?}\n", peer.state(), peer.sent());
            for track in peer.tracks() {
                text += &format!(
                    "   {} {} {}{}: {} packets, {} lost, {} key frames\n",
                    track.mid,
                    track.stream,
                    track.kind,
                    if track.is_ended { " (ended)" } else { "" },
                    track.packets,
                    track.lost(),
                    track.key_frames,
                );
            }
        }
        let counters = self.engine.stats().values;
        text += &format!(
            "{:?}\n",
            counters.iter().filter(|(_, v)| *v != 0).collect::<Vec<_>>()
        );
        for event in &self.log {
            match event {
                Event::OfferReady { peer, neg, .. } => text += &format!("offer {neg} to {peer}\n"),
                other => text += &format!("{other:?}\n"),
            }
        }
        text
    }
}
