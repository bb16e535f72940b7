//! Both directions of a peer: indices, replay, and the transforms applied to whole packets.

use super::cipher::{Cipher, Use};
use super::keys::{BadKeyLength, SrtpKeys, SrtpProfile};
use crate::rtp::{SeqWindow, be32};

/// Why a packet was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// Too short, or not encrypted.
    Malformed,
    /// Seen before, or too old to tell.
    Replayed,
    /// Authentication failed.
    Forged,
}

/// Protects what we send to a peer. The index of an RTP packet is its extended sequence number, kept by the caller:
/// never seal twice with the same SSRC and index.
pub struct SrtpSender {
    rtp: Cipher,
    rtcp: Cipher,
    profile: SrtpProfile,
    rtcp_index: u32,
}

/// Part of an RTCP packet that stays in the clear.
const RTCP_CLEAR_BYTES: usize = 8;

impl SrtpSender {
    /// Derives the session keys.
    ///
    /// # Errors
    /// [`BadKeyLength`] if the keys do not fit their profile.
    pub fn new(keys: &SrtpKeys) -> Result<SrtpSender, BadKeyLength> {
        Ok(SrtpSender {
            rtp: Cipher::new(keys.profile, &keys.local, Use::Rtp)?,
            rtcp: Cipher::new(keys.profile, &keys.local, Use::Rtcp)?,
            profile: keys.profile,
            rtcp_index: 0,
        })
    }

    /// The profile in use.
    #[must_use]
    pub const fn profile(&self) -> SrtpProfile {
        self.profile
    }

    /// Seals an RTP packet whose header is written already. The buffer ends with room for the tag. With `payload` the
    /// plain text is taken from there, else it lies in the buffer. False if the lengths do not fit: drop the packet.
    #[inline]
    #[must_use]
    pub fn seal_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_bytes: usize,
        packet: &mut [u8],
        payload: Option<&[u8]>,
    ) -> bool {
        match packet.split_at_mut_checked(header_bytes) {
            Some((header, body)) => self
                .rtp
                .seal_rtp(ssrc, index, header, body, payload)
                .is_ok(),
            None => false,
        }
    }

    /// Seals an RTCP packet in place. The buffer ends with [`SrtpProfile::rtcp_overhead_bytes`] of room. False if the
    /// lengths do not fit or all 2^31 indices are spent.
    #[must_use]
    pub fn seal_rtcp(&mut self, packet: &mut [u8]) -> bool {
        let Some(ssrc) = be32(packet, 4) else {
            return false;
        };
        let Some((header, body)) = packet.split_at_mut_checked(RTCP_CLEAR_BYTES) else {
            return false;
        };
        if self.rtcp_index > u32::MAX >> 1 {
            return false;
        }
        let index = self.rtcp_index;
        self.rtcp_index += 1;
        self.rtcp.seal_rtcp(ssrc, index, header, body).is_ok()
    }
}

/// Opens what a peer sends. Which RTP packets are new is kept per source, by the caller, in a [`SeqWindow`].
pub struct SrtpReceiver {
    rtp: Cipher,
    rtcp: RtcpOpener,
}

impl SrtpReceiver {
    /// Derives the session keys.
    ///
    /// # Errors
    /// [`BadKeyLength`] if the keys do not fit their profile.
    pub fn new(keys: &SrtpKeys) -> Result<SrtpReceiver, BadKeyLength> {
        Ok(SrtpReceiver {
            rtp: Cipher::new(keys.profile, &keys.remote, Use::Rtp)?,
            rtcp: RtcpOpener {
                cipher: Cipher::new(keys.profile, &keys.remote, Use::Rtcp)?,
                senders: Vec::with_capacity(MAX_RTCP_SENDERS),
                next: 0,
            },
        })
    }

    /// Opens an RTP packet in place; gives the length of the plain packet. `index` is the extended sequence number
    /// ([`SeqWindow::extend`]); check it against the window before, insert it after.
    ///
    /// # Errors
    /// [`OpenError::Malformed`], [`OpenError::Forged`]; the packet's bytes are then of no use.
    pub fn open_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header_bytes: usize,
        packet: &mut [u8],
    ) -> Result<usize, OpenError> {
        let (header, body) = packet
            .split_at_mut_checked(header_bytes)
            .ok_or(OpenError::Malformed)?;
        if body.len() < self.rtp.tag_bytes() {
            return Err(OpenError::Malformed);
        }
        let plain = self
            .rtp
            .open_rtp(ssrc, index, header, body)
            .map_err(|_| OpenError::Forged)?;
        Ok(header_bytes + plain)
    }

    /// Opens an RTCP packet in place; gives the length of the plain packet.
    ///
    /// # Errors
    /// Any [`OpenError`]; the packet's bytes are then of no use.
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        self.rtcp.open(packet)
    }
}

/// RTCP senders remembered per peer; beyond, the longest known is forgotten.
const MAX_RTCP_SENDERS: usize = 32;

/// Opens RTCP and refuses replays per sender.
pub struct RtcpOpener {
    cipher: Cipher,
    senders: Vec<(u32, SeqWindow<2>)>,
    next: usize,
}

impl RtcpOpener {
    fn open(&mut self, packet: &mut [u8]) -> Result<usize, OpenError> {
        let (index, is_encrypted) = self.cipher.rtcp_index(packet).ok_or(OpenError::Malformed)?;
        let ssrc = be32(packet, 4).ok_or(OpenError::Malformed)?;
        let known = self.senders.iter().position(|(sender, _)| *sender == ssrc);
        let is_new = known
            .and_then(|at| self.senders.get(at))
            .is_none_or(|(_, window)| window.is_new(index.into()));
        if !is_new {
            return Err(OpenError::Replayed);
        }
        let (header, body) = packet
            .split_at_mut_checked(RTCP_CLEAR_BYTES)
            .ok_or(OpenError::Malformed)?;
        if !is_encrypted || body.len() < self.cipher.tag_bytes() + 4 {
            return Err(OpenError::Malformed);
        }
        let plain = self
            .cipher
            .open_rtcp(ssrc, index, header, body)
            .map_err(|_| OpenError::Forged)?;
        let at = known.unwrap_or_else(|| self.place_for(ssrc));
        if let Some((_, window)) = self.senders.get_mut(at) {
            window.insert(index.into());
        }
        Ok(RTCP_CLEAR_BYTES + plain)
    }

    fn place_for(&mut self, ssrc: u32) -> usize {
        if self.senders.len() < MAX_RTCP_SENDERS {
            self.senders.push((ssrc, SeqWindow::default()));
            return self.senders.len() - 1;
        }
        let at = self.next;
        self.next = (self.next + 1) % MAX_RTCP_SENDERS;
        if let Some(place) = self.senders.get_mut(at) {
            *place = (ssrc, SeqWindow::default());
        }
        at
    }
}
