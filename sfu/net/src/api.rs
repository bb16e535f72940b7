//! What goes into the engine and what comes out: plain values.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use salon_sfu_recorder::State as RecorderState;

/// Number of a command; its end arrives as [`Event::Completed`] with the same number.
pub type Ticket = u64;

/// How an engine is to be built.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Address the UDP sockets bind to.
    pub bind_ip: IpAddr,
    /// Port of the first shard's socket, shard `n` takes the `n`th above; 0 takes free ones.
    pub udp_port: u16,
    /// Addresses named as host candidates; at least one.
    pub advertised_ips: Vec<IpAddr>,
    /// Media threads. A room lives on one of them.
    pub shards: usize,
    /// Peers of the whole engine.
    pub max_peers: usize,
    /// m-lines of one peer, dead ones included.
    pub max_lines: usize,
    /// Bytes of each shard that may wait for the disk while a recording runs; beyond, packets are left out of it.
    pub recording_buffer_bytes: usize,
    /// Media threads go before everything ordinary on the machine, where this process may ask for that.
    pub real_time: bool,
}

impl Default for EngineConfig {
    /// One shard of ordinary priority on a free loopback port, 500 peers of 100 lines.
    fn default() -> Self {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        Self {
            bind_ip: loopback,
            udp_port: 0,
            advertised_ips: vec![loopback],
            shards: 1,
            max_peers: 500,
            max_lines: 100,
            // About ten seconds of ten cameras.
            recording_buffer_bytes: 32 << 20,
            real_time: false,
        }
    }
}

/// A wish; every one ends with exactly one [`Event::Completed`].
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are named after what they hold")]
pub enum Command {
    /// Admit a peer with its first offer. Yields the answer.
    Join {
        room: String,
        peer: String,
        stream: String,
        offer: String,
    },
    /// The client's renegotiation or ICE restart; voids our pending offer. Yields the answer.
    Offer {
        room: String,
        peer: String,
        sdp: String,
    },
    /// The client's answer to our offer `neg`; `None`: to the pending one.
    Answer {
        room: String,
        peer: String,
        sdp: String,
        neg: Option<u32>,
    },
    /// A trickled candidate; empty text means the end of them.
    AddCandidate {
        room: String,
        peer: String,
        candidate: String,
    },
    /// Remove a peer. Succeeds also if it is gone.
    Leave {
        room: String,
        peer: String,
        reason: String,
    },
    /// Remove all peers of a room. Succeeds also if there is none.
    CloseRoom { room: String, reason: String },
    /// Server-side mute, from the next packet on.
    SetPublish {
        room: String,
        peer: String,
        audio: bool,
        video: bool,
    },
    /// Yields JSON text about one room.
    RoomStats { room: String },
    /// Record all tracks of a room from now on, also those to come, also while nobody is there. Continues what lies in
    /// the folder.
    StartRecording {
        room: String,
        recording: String,
        folder: PathBuf,
    },
    /// Seal the recording of a room. Yields JSON text: segments, bytes, gaps, duration.
    StopRecording { room: String, recording: String },
    /// Decode the sound of a room from now on, also of tracks to come, also after it was empty. Idempotent.
    Listen { room: String },
    /// End that. Idempotent.
    Unlisten { room: String },
}

impl Command {
    /// The room it is about; decides which shard gets it.
    pub fn room(&self) -> &str {
        match self {
            Self::Join { room, .. }
            | Self::Offer { room, .. }
            | Self::Answer { room, .. }
            | Self::AddCandidate { room, .. }
            | Self::Leave { room, .. }
            | Self::CloseRoom { room, .. }
            | Self::SetPublish { room, .. }
            | Self::RoomStats { room }
            | Self::StartRecording { room, .. }
            | Self::StopRecording { room, .. }
            | Self::Listen { room }
            | Self::Unlisten { room } => room,
        }
    }
}

/// Why a command failed: a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The SDP does not parse, lacks what is needed, or breaks a rule of offer and answer.
    BadSdp,
    /// The candidate does not parse.
    BadCandidate,
    /// No such peer in that room.
    UnknownPeer,
    /// No such room.
    UnknownRoom,
    /// The answer belongs to an offer that is no longer pending.
    StaleNegotiation,
    /// More m-lines than a peer may have.
    TooManyLines,
    /// The engine has as many peers as it may.
    Full,
    /// The peer id is taken, or the room is being recorded.
    Exists,
    /// The room is not being recorded under that name.
    UnknownRecording,
    /// The disk refuses the recording.
    Disk,
    /// The engine is closing.
    Closed,
    /// A bug on our side; the peer or room it touched is gone.
    Internal,
}

impl FailureKind {
    /// The name used outside the engine.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadSdp => "bad_sdp",
            Self::BadCandidate => "bad_candidate",
            Self::UnknownPeer => "unknown_peer",
            Self::UnknownRoom => "unknown_room",
            Self::StaleNegotiation => "stale_negotiation",
            Self::TooManyLines => "too_many_lines",
            Self::Full => "full",
            Self::Exists => "exists",
            Self::UnknownRecording => "unknown_recording",
            Self::Disk => "disk",
            Self::Closed => "closed",
            Self::Internal => "internal",
        }
    }
}

/// A failed command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// One sentence for a log or an answer; may be empty.
    pub detail: String,
}

impl Failure {
    /// A failure with a sentence.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }
}

/// State of a peer's transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Admitted; ICE and DTLS under way.
    Connecting,
    /// ICE and DTLS are up, also after an interruption.
    Connected,
    /// Silent for five seconds.
    Interrupted,
    /// Removed. Said exactly once, and the last word on a peer.
    Gone,
}

impl Connection {
    /// The name used outside the engine.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Interrupted => "interrupted",
            Self::Gone => "gone",
        }
    }
}

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

impl MediaKind {
    /// The name used outside the engine.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// News from the engine.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are named after what they hold")]
pub enum Event {
    /// The end of one command.
    Completed {
        ticket: Ticket,
        outcome: Result<Option<String>, Failure>,
    },
    /// A peer's transport changed its state.
    PeerState {
        room: Arc<str>,
        peer: Arc<str>,
        state: Connection,
        cause: String,
    },
    /// We want to renegotiate; these bytes stand until answered or replaced.
    OfferReady {
        room: Arc<str>,
        peer: Arc<str>,
        neg: u32,
        sdp: String,
    },
    /// The first packet of a track arrived.
    TrackPublished {
        room: Arc<str>,
        peer: Arc<str>,
        track: String,
        kind: MediaKind,
        codec: &'static str,
    },
    /// A published track is over.
    TrackEnded {
        room: Arc<str>,
        peer: Arc<str>,
        track: String,
    },
    /// A recording changed its state.
    RecordingState {
        room: Arc<str>,
        recording: Arc<str>,
        state: RecorderState,
        detail: String,
    },
    /// A bug ended this room; its peers are gone with cause `fault`.
    RoomFault { room: Arc<str>, detail: String },
}

/// The command queue is full, or nobody reads the events: try again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineBusy;

impl std::fmt::Display for EngineBusy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the engine's command queue is full")
    }
}

impl std::error::Error for EngineBusy {}

/// Counters of the whole engine, from snapshots at most a second old.
#[derive(Clone, Debug, Default)]
pub struct EngineStats {
    /// Name and value; names end with their unit or `_total`.
    pub values: Vec<(String, u64)>,
}

impl EngineStats {
    /// The value of that name, 0 if there is none.
    pub fn get(&self, name: &str) -> u64 {
        self.values
            .iter()
            .find(|(n, _)| *n == name)
            .map_or(0, |(_, v)| *v)
    }

    /// Adds another shard's snapshot to this one.
    pub(crate) fn add(&mut self, other: &Self) {
        for (name, value) in &other.values {
            match self.values.iter_mut().find(|(n, _)| n == name) {
                Some((_, sum)) => *sum = sum.saturating_add(*value),
                None => self.values.push((name.clone(), *value)),
            }
        }
    }
}
