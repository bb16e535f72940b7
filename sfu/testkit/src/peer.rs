//! One client peer: what a browser's connection does, on a real socket.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpApi, SdpOffer, SdpPendingOffer};
use str0m::crypto::CryptoProvider;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::rtp::Ssrc;
use str0m::{Candidate, Rtc};

use crate::error::PeerError;
use crate::link::Loss;
use crate::media::{AudioPattern, AudioSource, VideoCodec, VideoPattern, VideoSource};
use crate::random::Random;
use crate::report::ReceivedTrack;
use crate::sdp::{LineDirection, RemoteLine, lines_of, without_stopped_formats};
use crate::socket::Socket;

mod flow;

/// How a client peer is made.
#[derive(Clone, Debug)]
pub struct PeerConfig {
    /// Seed of its payload noise and sequence numbers.
    pub seed: u64,
    /// Video codecs it offers and accepts, in this order of preference.
    pub codecs: Vec<VideoCodec>,
}

impl Default for PeerConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            codecs: vec![VideoCodec::H264, VideoCodec::Vp8],
        }
    }
}

/// How far the connection of a peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerState {
    /// ICE or DTLS are not up yet.
    Connecting,
    /// Media can flow.
    Connected,
    /// ICE lost the other side.
    Disconnected,
}

/// A client peer. It does nothing by itself: a [`crate::Driver`] gives it time and datagrams.
pub struct TestPeer {
    rtc: Rtc,
    socket: Socket,
    state: PeerState,
    timeout_at: Instant,
    is_paused: bool,
    is_moving: bool,
    pending: Option<SdpPendingOffer>,
    audio_mid: Option<Mid>,
    video_mid: Option<Mid>,
    audio: Option<AudioSource>,
    video: Option<VideoSource>,
    next_seq: HashMap<Mid, u64>,
    random: Random,
    lines: Vec<RemoteLine>,
    tracks: Vec<ReceivedTrack>,
    track_of_ssrc: HashMap<Ssrc, Option<usize>>,
    incoming_loss: Loss,
    outgoing_loss: Loss,
    key_frame_requests: u64,
    unexpected: u64,
    unsent: u64,
    received_ns: u64,
    datagram_bytes: usize,
    remote: Option<SocketAddr>,
    own_lines: Vec<RemoteLine>,
    last_media: Vec<u8>,
}

/// One process-wide set of algorithms, as str0m wants it.
fn crypto() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(str0m::crypto::from_feature_flags()))
        .clone()
}

fn candidate(socket: &Socket) -> Result<Candidate, PeerError> {
    Candidate::host(socket.address(), "udp").map_err(|error| PeerError::Sdp(error.to_string()))
}

impl TestPeer {
    /// A peer with its socket on loopback.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn new(config: PeerConfig) -> Result<Self, PeerError> {
        let now = Instant::now();
        let socket = Socket::bind()?;
        let mut builder = Rtc::builder()
            .set_crypto_provider(crypto())
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true);
        for codec in &config.codecs {
            builder = match codec {
                VideoCodec::Vp8 => builder.enable_vp8(true),
                VideoCodec::H264 => builder.enable_h264(true),
            };
        }
        let mut rtc = builder.build(now);
        rtc.add_local_candidate(candidate(&socket)?);
        Ok(Self {
            rtc,
            socket,
            state: PeerState::Connecting,
            timeout_at: now,
            is_paused: false,
            is_moving: false,
            pending: None,
            audio_mid: None,
            video_mid: None,
            audio: None,
            video: None,
            next_seq: HashMap::new(),
            random: Random::new(config.seed),
            lines: Vec::new(),
            tracks: Vec::new(),
            track_of_ssrc: HashMap::new(),
            incoming_loss: Loss::none(),
            outgoing_loss: Loss::none(),
            key_frame_requests: 0,
            unexpected: 0,
            unsent: 0,
            received_ns: 0,
            datagram_bytes: 0,
            remote: None,
            own_lines: Vec::new(),
            last_media: Vec::new(),
        })
    }

    /// The first offer of a browser: one audio and one video line, both `sendrecv`.
    ///
    /// # Errors
    /// An offer was made before.
    pub fn make_offer(&mut self) -> Result<String, PeerError> {
        if self.audio_mid.is_some() {
            return Err(PeerError::NothingToOffer);
        }
        let both = Direction::SendRecv;
        let stream = || Some("-".to_owned());
        let (mut audio, mut video) = (None, None);
        let offer = self.offer(|changes| {
            audio = Some(changes.add_media(MediaKind::Audio, both, stream(), None, None));
            video = Some(changes.add_media(MediaKind::Video, both, stream(), None, None));
        })?;
        self.audio_mid = audio;
        self.video_mid = video;
        Ok(offer)
    }

    /// A further offer that restarts ICE with new credentials, on the same socket.
    ///
    /// # Errors
    /// str0m sees nothing to negotiate.
    pub fn restart_ice(&mut self) -> Result<String, PeerError> {
        self.offer(|changes| {
            changes.ice_restart(true);
        })
    }

    /// Leaves the socket for a new one, as a device that changes its network, and offers to
    /// restart ICE there. The answer must be taken before anything can be sent again.
    pub(crate) fn move_to_new_socket(&mut self) -> Result<String, PeerError> {
        let socket = Socket::bind()?;
        let offer = self.offer(|changes| {
            changes.ice_restart(false);
        })?;
        self.socket = socket;
        self.is_moving = true;
        Ok(offer)
    }

    /// A further offer that adds a line, like a second camera.
    ///
    /// # Errors
    /// str0m sees nothing to negotiate.
    pub fn add_video_line(&mut self) -> Result<String, PeerError> {
        self.offer(|changes| {
            changes.add_media(MediaKind::Video, Direction::SendOnly, None, None, None);
        })
    }

    fn offer(&mut self, change: impl FnOnce(&mut SdpApi<'_>)) -> Result<String, PeerError> {
        let mut changes = self.rtc.sdp_api();
        change(&mut changes);
        let (offer, pending) = changes.apply().ok_or(PeerError::NothingToOffer)?;
        self.pending = Some(pending);
        self.drain(Instant::now())?;
        let sdp = without_candidates(&offer.to_sdp_string());
        self.own_lines = lines_of(&sdp);
        Ok(sdp)
    }

    /// Takes the answer to the last offer of this peer.
    ///
    /// # Errors
    /// No offer is out, or the answer is refused.
    pub fn accept_answer(&mut self, sdp: &str) -> Result<(), PeerError> {
        let pending = self.pending.take().ok_or(PeerError::NoPendingOffer)?;
        let answer = SdpAnswer::from_sdp_string(&without_stopped_formats(sdp))
            .map_err(|e| PeerError::Sdp(e.to_string()))?;
        self.rtc.sdp_api().accept_answer(pending, answer)?;
        if std::mem::take(&mut self.is_moving) {
            self.rtc.add_local_candidate(candidate(&self.socket)?);
        }
        self.note_lines(sdp);
        self.drain(Instant::now())
    }

    /// Takes an offer of the other side and gives the answer. An own offer that is out is dropped.
    ///
    /// # Errors
    /// The offer is refused.
    pub fn accept_offer(&mut self, sdp: &str) -> Result<String, PeerError> {
        self.pending = None;
        let offer = SdpOffer::from_sdp_string(&without_stopped_formats(sdp))
            .map_err(|e| PeerError::Sdp(e.to_string()))?;
        let answer = self.rtc.sdp_api().accept_offer(offer)?.to_sdp_string();
        self.note_lines(sdp);
        self.drain(Instant::now())?;
        Ok(answer)
    }

    /// Whether an offer of this peer waits for its answer; a browser ignores offers meanwhile.
    #[must_use]
    pub fn has_offer_out(&self) -> bool {
        self.pending.is_some()
    }

    /// Opens the microphone: one packet every 20 ms once connected.
    pub fn start_audio(&mut self, pattern: &AudioPattern) {
        let seed = self.random.next_u64();
        self.audio = Some(AudioSource::new(pattern, Instant::now(), seed));
    }

    /// Opens the camera: a steady picture once connected.
    pub fn start_video(&mut self, pattern: VideoPattern) {
        let seed = self.random.next_u64();
        self.video = Some(VideoSource::new(pattern, Instant::now(), seed));
    }

    /// Stops sending for now, or goes on; numbering continues.
    pub fn set_paused(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Loses datagrams on purpose, before the session sees them and after it sent them.
    pub fn set_loss(&mut self, incoming: Loss, outgoing: Loss) {
        self.incoming_loss = incoming;
        self.outgoing_loss = outgoing;
    }

    /// Datagrams lost on purpose: incoming, outgoing.
    #[must_use]
    pub fn dropped(&self) -> (u64, u64) {
        (self.incoming_loss.dropped(), self.outgoing_loss.dropped())
    }

    /// How far the connection is.
    #[must_use]
    pub fn state(&self) -> PeerState {
        self.state
    }

    /// The lines of the last SDP the other side sent.
    #[must_use]
    pub fn remote_lines(&self) -> &[RemoteLine] {
        &self.lines
    }

    /// Every remote track there ever was, ended ones too.
    #[must_use]
    pub fn tracks(&self) -> &[ReceivedTrack] {
        &self.tracks
    }

    /// Remote tracks whose line is not stopped.
    pub fn live_tracks(&self) -> impl Iterator<Item = &ReceivedTrack> {
        self.tracks.iter().filter(|track| !track.is_ended)
    }

    /// The live track of a publisher, by kind.
    #[must_use]
    pub fn track(&self, stream: &str, kind: &str) -> Option<&ReceivedTrack> {
        self.live_tracks()
            .find(|track| track.stream == stream && track.kind == kind)
    }

    /// Begins a new window of counting for all tracks.
    pub fn begin_window(&mut self) {
        for track in &mut self.tracks {
            track.begin_window();
        }
    }

    /// Packets handed over so far: audio, video.
    #[must_use]
    pub fn sent(&self) -> (u64, u64) {
        (
            self.audio.as_ref().map_or(0, AudioSource::sent),
            self.video.as_ref().map_or(0, VideoSource::sent),
        )
    }

    /// Key frames the other side asked for.
    #[must_use]
    pub fn key_frame_requests(&self) -> u64 {
        self.key_frame_requests
    }

    /// Datagrams and packets that belong to nothing this peer knows.
    #[must_use]
    pub fn unexpected(&self) -> u64 {
        self.unexpected
    }

    /// Packets that could not be sent because no line or payload type was negotiated for them.
    #[must_use]
    pub fn unsent(&self) -> u64 {
        self.unsent
    }

    /// The last RTP or RTCP datagram sent, as it was on the wire.
    #[must_use]
    pub fn last_media(&self) -> Option<&[u8]> {
        Some(self.last_media.as_slice()).filter(|bytes| !bytes.is_empty())
    }

    /// The SSRCs this peer named in its own offers.
    #[must_use]
    pub fn declared_ssrcs(&self) -> Vec<u32> {
        self.own_lines
            .iter()
            .flat_map(|line| line.ssrcs.clone())
            .collect()
    }

    /// Where the peer's own socket is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.socket.address()
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Follows the lines of an SDP of the other side: tracks begin and end with them.
    fn note_lines(&mut self, sdp: &str) {
        self.lines = lines_of(sdp);
        self.track_of_ssrc.clear();
        for track in &mut self.tracks {
            let goes_on = self
                .lines
                .iter()
                .any(|line| line.mid == track.mid && line.track == track.track && is_sending(line));
            track.is_ended |= !goes_on;
        }
        for line in self.lines.iter().filter(|line| is_sending(line)) {
            let is_known = self
                .tracks
                .iter()
                .any(|track| !track.is_ended && track.mid == line.mid);
            if !is_known {
                self.tracks.push(ReceivedTrack::of(line));
            }
        }
    }
}

/// Browsers trickle: their offer leaves before the first candidate is gathered.
fn without_candidates(sdp: &str) -> String {
    sdp.split_inclusive('\n')
        .filter(|line| {
            !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates")
        })
        .collect()
}

fn is_sending(line: &RemoteLine) -> bool {
    let sends = matches!(
        line.direction,
        LineDirection::SendRecv | LineDirection::SendOnly
    );
    sends && !line.is_stopped && line.kind != "application"
}
