//! Offer and answer with one client: which m-line is for what, now and once the pending offer is answered.
//!
//! The client makes the first offer, and whenever it offers, it wins. We offer one at a time, after a pause that
//! gathers changes. m-lines are never reordered; one that is stopped is used again for a new track of its kind.

mod accept;
mod catalog;
pub(crate) mod lines;
mod propose;

use std::time::{Duration, Instant};

use salon_sfu_core::{Codec, Kind, ReceiveLine, SendLine, TrackId};

use crate::error::SessionError;
use crate::ice::Credentials;
use crate::sdp::{Description, Outgoing, write};
use catalog::Catalog;
pub use lines::Wanted;
use lines::{Line, Role, Want};

/// A first description of a browser is about 8 KiB; one of a peer with 100 lines about 100 KiB.
const MAX_FIRST_BYTES: usize = 64 * 1024;
const MAX_LATER_BYTES: usize = 256 * 1024;
/// How long nothing must have changed before we offer, and how long a change may wait at most.
const QUIET: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_millis(250);

/// What stays the same in all our descriptions to one client.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) fingerprint: &'a str,
    pub(crate) candidates: &'a [std::net::SocketAddr],
    /// Our role in an answer.
    pub(crate) is_dtls_client: bool,
}

/// An offer of ours that the client has not answered.
#[derive(Debug)]
struct Pending {
    neg: u32,
    lines: Vec<Line>,
}

/// A change that wants to be offered.
#[derive(Clone, Copy, Debug)]
struct Dirty {
    since: Instant,
    latest: Instant,
}

/// The m-lines of one client.
#[derive(Debug)]
pub(crate) struct Negotiation {
    lines: Vec<Line>,
    pending: Option<Pending>,
    wants: Vec<Want>,
    catalog: Catalog,
    /// Video codecs everybody else in the room decodes; `None` while that does not matter.
    room_codecs: Option<Vec<Codec>>,
    dirty: Option<Dirty>,
    neg: u32,
    session_id: u64,
    version: u64,
    next_mid: u32,
    max_lines: usize,
}

impl Negotiation {
    pub(crate) fn new(max_lines: usize) -> Result<Self, SessionError> {
        let session_id = u64::from_be_bytes(crate::random()?) >> 2;
        Ok(Self {
            lines: Vec::new(),
            pending: None,
            wants: Vec::new(),
            catalog: Catalog::default(),
            room_codecs: None,
            dirty: None,
            neg: 0,
            session_id,
            version: 0,
            next_mid: 0,
            max_lines,
        })
    }

    /// Parses what a client sent, within the limits.
    pub(crate) fn parse(&self, text: &str) -> Result<Description, SessionError> {
        let max_bytes = if self.lines.is_empty() {
            MAX_FIRST_BYTES
        } else {
            MAX_LATER_BYTES
        };
        Description::parse(text, max_bytes, self.max_lines)
    }

    /// Asks for a line that carries a track. Offered after the pause.
    pub(crate) fn want(&mut self, now: Instant, wanted: Wanted) -> Result<(), SessionError> {
        if self.wants.iter().any(|w| w.wanted.track == wanted.track) {
            return Ok(());
        }
        let ssrc = self.unused_ssrc()?;
        let rtx_ssrc = match wanted.kind {
            Kind::Video => Some(self.unused_ssrc()?),
            Kind::Audio => None,
        };
        self.wants.push(Want {
            wanted,
            mid: None,
            ssrc,
            rtx_ssrc,
            is_refused: false,
        });
        self.touch(now);
        Ok(())
    }

    /// The track is over: stop its line, if it has one.
    pub(crate) fn unwant(&mut self, now: Instant, track: TrackId) {
        self.wants.retain(|w| w.wanted.track != track);
        self.touch(now);
    }

    /// What everybody else in the room decodes, so that this client sends something they all can.
    pub(crate) fn set_room_codecs(&mut self, now: Instant, codecs: Option<Vec<Codec>>) {
        if self.room_codecs != codecs {
            self.room_codecs = codecs;
            self.touch(now);
        }
    }

    /// Video codecs this client decodes.
    pub(crate) fn decodes(&self) -> impl Iterator<Item = Codec> + '_ {
        self.catalog
            .formats(Kind::Video)
            .iter()
            .map(|f| f.payload.codec)
    }

    /// When [`Negotiation::poll_offer`] has something to say; `None` while an offer is out or nothing changed.
    pub(crate) fn offer_due(&self) -> Option<Instant> {
        let dirty = self.dirty.filter(|_| self.pending.is_none())?;
        Some((dirty.latest + QUIET).min(dirty.since + PATIENCE))
    }

    /// Our next offer and its number, if one is due and anything is left to be said.
    pub(crate) fn poll_offer(&mut self, now: Instant, frame: &Frame<'_>) -> Option<(u32, String)> {
        if self.offer_due()? > now {
            return None;
        }
        self.dirty = None;
        let lines = self.propose()?;
        self.neg = self.neg.wrapping_add(1);
        let sdp = self.render(&lines, frame, "actpass");
        self.pending = Some(Pending {
            neg: self.neg,
            lines,
        });
        Some((self.neg, sdp))
    }

    /// Number of the offer that waits for an answer.
    pub(crate) fn pending(&self) -> Option<u32> {
        self.pending.as_ref().map(|p| p.neg)
    }

    /// Our answer to what was accepted last.
    pub(crate) fn answer(&mut self, frame: &Frame<'_>) -> String {
        let lines = std::mem::take(&mut self.lines);
        let setup = if frame.is_dtls_client {
            "active"
        } else {
            "passive"
        };
        let sdp = self.render(&lines, frame, setup);
        self.lines = lines;
        sdp
    }

    /// The lines the client sends on.
    pub(crate) fn receive_lines(&self) -> Vec<ReceiveLine> {
        self.lines
            .iter()
            .filter_map(Line::to_receive_line)
            .collect()
    }

    /// The lines the client has agreed to receive on.
    pub(crate) fn send_lines(&self) -> Vec<(TrackId, SendLine)> {
        self.lines.iter().filter_map(Line::to_send_line).collect()
    }

    /// Lines in all, and those of them that are stopped.
    pub(crate) fn line_counts(&self) -> (usize, usize) {
        let dead = self
            .lines
            .iter()
            .filter(|l| matches!(l.role, Role::Dead { .. }))
            .count();
        (self.lines.len(), dead)
    }

    fn touch(&mut self, now: Instant) {
        let since = self.dirty.map_or(now, |d| d.since);
        self.dirty = Some(Dirty { since, latest: now });
    }

    fn render(&mut self, lines: &[Line], frame: &Frame<'_>, setup: &str) -> String {
        self.version = self.version.wrapping_add(1);
        write(&Outgoing {
            session_id: self.session_id,
            version: self.version,
            ufrag: &frame.credentials.ufrag,
            pwd: &frame.credentials.pwd,
            fingerprint: frame.fingerprint,
            setup,
            allows_mixed_extensions: self.catalog.allows_mixed_extensions,
            candidates: frame.candidates,
            parts: lines.iter().map(Line::to_part).collect(),
        })
    }

    /// One that neither side uses on this transport. SSRC 0 is kept free: Chrome probes with it.
    fn unused_ssrc(&self) -> Result<u32, SessionError> {
        loop {
            let ssrc = u32::from_be_bytes(crate::random()?);
            let is_wanted = self
                .wants
                .iter()
                .any(|w| w.ssrc == ssrc || w.rtx_ssrc == Some(ssrc));
            if ssrc != 0 && !is_wanted && !self.lines.iter().any(|l| l.uses_ssrc(ssrc)) {
                return Ok(ssrc);
            }
        }
    }
}
