//! One client's session: its negotiation, its path, its keys, its life.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use salon_sfu_core::{Codec, ReceiveLine, SendLine, SrtpKeys, TrackId};

use crate::dtls::{DtlsEnd, DtlsEvent, DtlsLink};
use crate::error::SessionError;
use crate::ice::{Check, Credentials, IceLite};
use crate::identity::Identity;
use crate::negotiation::{Frame, Negotiation, Wanted};
use crate::sdp::{Description, Setup};
use crate::stun::BindingRequest;

/// Silence after which a peer counts as interrupted. Firefox and aiortc check their path every 4 to 6 s.
const INTERRUPTED_AFTER: Duration = Duration::from_secs(7);
/// Silence after which it is gone.
const GONE_AFTER: Duration = Duration::from_secs(30);
/// How long ICE and DTLS may take in all, checks arriving.
const CONNECT_WITHIN: Duration = Duration::from_secs(120);

/// What is the same for all sessions of a shard.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// Who we are.
    pub identity: Identity,
    /// Where clients reach us: host candidates, best first.
    pub candidates: Vec<SocketAddr>,
    /// m-lines of one client, dead ones included.
    pub max_lines: usize,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Connected,
    Interrupted,
    Gone,
}

/// News of a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionEvent {
    /// The SRTP keys are agreed: media may flow.
    Keys(Box<SrtpKeys>),
    /// ICE and DTLS are up, for the first time or again.
    Connected,
    /// Nothing was heard for a while.
    Interrupted,
    /// It is over. The last event.
    Gone(GoneCause),
}

/// Why a session is over: a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoneCause {
    /// ICE or DTLS did not come about in time.
    NeverConnected,
    /// DTLS failed, or the certificate is not the announced one.
    DtlsFailed,
    /// The client closed DTLS.
    Closed,
    /// Nothing was heard for too long.
    Timeout,
}

impl GoneCause {
    /// The name used outside the engine.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverConnected => "never_connected",
            Self::DtlsFailed => "dtls_failed",
            Self::Closed => "closed",
            Self::Timeout => "timeout",
        }
    }
}

/// Everything about one client but its media. Sans-IO: told the time, handed datagrams.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    ice: IceLite,
    dtls: DtlsLink,
    negotiation: Negotiation,
    state: State,
    has_keys: bool,
    born: Instant,
    /// The last sign of life: an authentic check, or media.
    heard: Instant,
}

impl Session {
    /// Takes a client's first offer; gives the session and the answer.
    ///
    /// `room_codecs`: video codecs everybody else in the room decodes, see [`Session::set_room_codecs`].
    ///
    /// # Errors
    /// [`SessionError::BadSdp`], [`SessionError::TooManyLines`].
    pub fn accept(
        config: &SessionConfig,
        now: Instant,
        offer: &str,
        room_codecs: Option<Vec<Codec>>,
    ) -> Result<(Self, String), SessionError> {
        let mut negotiation = Negotiation::new(config.max_lines)?;
        let offer = negotiation.parse(offer)?;
        let remote = credentials(&offer)?;
        let fingerprint = offer.transport.fingerprint.clone();
        let fingerprint = fingerprint.ok_or_else(|| bad("a=fingerprint is missing"))?;
        // We want to be the DTLS server: it chooses the SRTP profile, and Chrome would choose AES-CM.
        let is_client = offer.transport.setup == Some(Setup::Passive);
        let dtls = DtlsLink::new(&config.identity, fingerprint, is_client, now)?;
        negotiation.set_room_codecs(now, room_codecs);
        negotiation.accept_offer(now, &offer)?;
        let mut session = Self {
            config: config.clone(),
            ice: IceLite::new(remote)?,
            dtls,
            negotiation,
            state: State::Connecting,
            has_keys: false,
            born: now,
            heard: now,
        };
        let answer = session.answer();
        Ok((session, answer))
    }

    /// Takes a later offer of the client, ICE restart included; gives the answer. Our pending offer is void.
    ///
    /// # Errors
    /// [`SessionError::BadSdp`], [`SessionError::TooManyLines`]; nothing has changed then.
    pub fn accept_offer(&mut self, now: Instant, offer: &str) -> Result<String, SessionError> {
        let offer = self.negotiation.parse(offer)?;
        let remote = credentials(&offer)?;
        if offer
            .transport
            .fingerprint
            .as_ref()
            .is_some_and(|f| f != self.dtls.fingerprint())
        {
            return Err(bad("the certificate changed: start a new peer"));
        }
        self.negotiation.accept_offer(now, &offer)?;
        self.ice.set_remote(remote)?;
        Ok(self.answer())
    }

    /// Takes the client's answer to our offer `neg` (`None`: to the pending one).
    ///
    /// # Errors
    /// [`SessionError::StaleNegotiation`], [`SessionError::BadSdp`]; the offer stays pending after the latter.
    pub fn accept_answer(
        &mut self,
        now: Instant,
        answer: &str,
        neg: Option<u32>,
    ) -> Result<(), SessionError> {
        let pending = self
            .negotiation
            .pending()
            .ok_or(SessionError::StaleNegotiation)?;
        if neg.is_some_and(|neg| neg != pending) {
            return Err(SessionError::StaleNegotiation);
        }
        let answer = self.negotiation.parse(answer)?;
        if answer
            .transport
            .ufrag
            .as_ref()
            .is_some_and(|ufrag| *ufrag != self.ice.remote().ufrag)
        {
            // The answer to an offer made before an ICE restart of the client.
            return Err(SessionError::StaleNegotiation);
        }
        self.negotiation.accept_answer(now, neg, &answer)
    }

    /// Looks at a trickled candidate. A lite agent needs none: the checks tell where they come from.
    ///
    /// # Errors
    /// [`SessionError::BadCandidate`].
    pub fn add_candidate(&self, candidate: &str) -> Result<(), SessionError> {
        let text = candidate.trim();
        let text = text.strip_prefix("a=").unwrap_or(text);
        let is_candidate = text
            .strip_prefix("candidate:")
            .is_some_and(|rest| rest.split(' ').count() >= 6);
        let is_good = text.is_empty() || text == "end-of-candidates" || is_candidate;
        if is_good && text.len() <= 1024 {
            Ok(())
        } else {
            Err(SessionError::BadCandidate)
        }
    }

    /// Asks for a line that carries a track. It is offered after a short pause.
    ///
    /// # Errors
    /// [`SessionError::Crypto`] without random numbers.
    pub fn want(&mut self, now: Instant, wanted: Wanted) -> Result<(), SessionError> {
        self.negotiation.want(now, wanted)
    }

    /// The track is over: its line is stopped with the next offer.
    pub fn unwant(&mut self, now: Instant, track: TrackId) {
        self.negotiation.unwant(now, track);
    }

    /// Video codecs everybody else in the room decodes (`None`: anything goes). If what this client sends is not among
    /// them, it is asked to prefer one that is.
    pub fn set_room_codecs(&mut self, now: Instant, codecs: Option<Vec<Codec>>) {
        self.negotiation.set_room_codecs(now, codecs);
    }

    /// Video codecs this client decodes.
    pub fn decodes(&self) -> impl Iterator<Item = Codec> + '_ {
        self.negotiation.decodes()
    }

    /// The lines the client sends on, as negotiated last.
    pub fn receive_lines(&self) -> Vec<ReceiveLine> {
        self.negotiation.receive_lines()
    }

    /// The lines the client has agreed to receive on, as negotiated last.
    pub fn send_lines(&self) -> Vec<(TrackId, SendLine)> {
        self.negotiation.send_lines()
    }

    /// All m-lines, and how many of them are stopped.
    pub fn line_counts(&self) -> (usize, usize) {
        self.negotiation.line_counts()
    }

    /// The user fragments by which checks name this session. They change with [`Session::accept_offer`].
    pub fn ufrags(&self) -> impl Iterator<Item = &str> {
        self.ice.ufrags()
    }

    /// Where to send: what the client nominated.
    pub fn path(&self) -> Option<SocketAddr> {
        self.ice.path()
    }

    /// Answers a check that names this session.
    pub fn handle_check(
        &mut self,
        now: Instant,
        from: SocketAddr,
        request: &BindingRequest<'_>,
    ) -> Check {
        let check = self.ice.handle(from, request);
        if matches!(check, Check::Accepted(_)) {
            self.heard = now;
        }
        check
    }

    /// Takes a DTLS record from an address that has proved itself.
    pub fn handle_dtls(&mut self, now: Instant, packet: &[u8]) -> Option<SessionEvent> {
        let event = self.dtls.handle_packet(now, packet);
        event.map(|event| self.on_dtls(event))
    }

    /// Media arrived from an address that has proved itself: the client lives.
    pub fn touch(&mut self, now: Instant) {
        self.heard = now;
    }

    /// DTLS records to be sent to [`Session::path`].
    pub fn take_outgoing(&mut self) -> Vec<Vec<u8>> {
        if self.ice.path().is_some() {
            self.dtls.take_queued()
        } else {
            Vec::new()
        }
    }

    /// Says goodbye on DTLS; see [`Session::take_outgoing`].
    pub fn close(&mut self) {
        self.dtls.close();
        self.state = State::Gone;
    }

    /// When to come back to [`Session::poll`] at the latest.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let life = match self.state {
            State::Connecting => (self.heard + GONE_AFTER).min(self.born + CONNECT_WITHIN),
            State::Connected => self.heard + INTERRUPTED_AFTER,
            State::Interrupted => self.heard + GONE_AFTER,
            State::Gone => return None,
        };
        let offer = self.negotiation.offer_due().filter(|_| self.is_connected());
        let others = [self.dtls.poll_timeout(), offer];
        others.into_iter().flatten().chain([life]).min()
    }

    /// Does what is due. Call again until it says `None`.
    pub fn poll(&mut self, now: Instant) -> Option<SessionEvent> {
        if let Some(event) = self.dtls.handle_timeout(now) {
            return Some(self.on_dtls(event));
        }
        let silence = now.saturating_duration_since(self.heard);
        match self.state {
            State::Connecting if self.has_keys => {
                self.state = State::Connected;
                Some(SessionEvent::Connected)
            }
            State::Connecting
                if silence >= GONE_AFTER
                    || now.saturating_duration_since(self.born) >= CONNECT_WITHIN =>
            {
                Some(self.gone(GoneCause::NeverConnected))
            }
            State::Connected if silence >= INTERRUPTED_AFTER => {
                self.state = State::Interrupted;
                Some(SessionEvent::Interrupted)
            }
            State::Interrupted if silence >= GONE_AFTER => Some(self.gone(GoneCause::Timeout)),
            State::Interrupted if silence < INTERRUPTED_AFTER => {
                self.state = State::Connected;
                Some(SessionEvent::Connected)
            }
            _ => None,
        }
    }

    /// Our next offer and its number, if one is due. Only a connected client gets offers.
    pub fn poll_offer(&mut self, now: Instant) -> Option<(u32, String)> {
        if !self.is_connected() {
            return None;
        }
        let frame = frame(&self.config, &self.ice, &self.dtls);
        self.negotiation.poll_offer(now, &frame)
    }

    fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected | State::Interrupted)
    }

    fn answer(&mut self) -> String {
        let frame = frame(&self.config, &self.ice, &self.dtls);
        self.negotiation.answer(&frame)
    }

    fn on_dtls(&mut self, event: DtlsEvent) -> SessionEvent {
        match event {
            DtlsEvent::Keys(keys) => {
                self.has_keys = true;
                SessionEvent::Keys(keys)
            }
            DtlsEvent::Ended(DtlsEnd::Failed) => self.gone(GoneCause::DtlsFailed),
            DtlsEvent::Ended(DtlsEnd::Closed) => self.gone(GoneCause::Closed),
        }
    }

    fn gone(&mut self, cause: GoneCause) -> SessionEvent {
        self.state = State::Gone;
        SessionEvent::Gone(cause)
    }
}

fn frame<'a>(config: &'a SessionConfig, ice: &'a IceLite, dtls: &DtlsLink) -> Frame<'a> {
    Frame {
        credentials: ice.local(),
        fingerprint: config.identity.fingerprint(),
        candidates: &config.candidates,
        is_dtls_client: dtls.is_client(),
    }
}

/// The ICE credentials of an offer.
fn credentials(offer: &Description) -> Result<Credentials, SessionError> {
    if offer.is_ice_lite {
        return Err(bad("both sides being ICE-lite cannot work"));
    }
    match (&offer.transport.ufrag, &offer.transport.pwd) {
        (Some(ufrag), Some(pwd)) => Ok(Credentials {
            ufrag: ufrag.clone(),
            pwd: pwd.clone(),
        }),
        _ => Err(bad("a=ice-ufrag or a=ice-pwd is missing")),
    }
}

fn bad(why: &str) -> SessionError {
    SessionError::BadSdp(why.to_owned())
}
