//! What a negotiation says about media: lines, payloads, header extensions, and the names of peers and tracks.

use std::fmt;

/// A peer of this shard: a dense index given by the shell, never reused while in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerKey(pub u32);

/// A published track; given by the room, never reused within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrackId(pub u32);

/// What a line or a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Picture: a camera or a screen.
    Video,
}

/// The identification tag of an m-line (RFC 8843), at most 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mid {
    bytes: [u8; Mid::MAX_BYTES],
    len: u8,
}

/// A mid of more than [`Mid::MAX_BYTES`] bytes, or an empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MidTooLong;

impl fmt::Display for MidTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mid has 1 to 16 bytes")
    }
}

impl std::error::Error for MidTooLong {}

impl Mid {
    /// Longest tag that fits a one-byte header extension.
    pub const MAX_BYTES: usize = 16;

    /// Makes a mid.
    ///
    /// # Errors
    /// [`MidTooLong`] if the text is empty or longer than [`Mid::MAX_BYTES`].
    pub fn new(text: &str) -> Result<Mid, MidTooLong> {
        let mut bytes = [0; Mid::MAX_BYTES];
        let len = u8::try_from(text.len()).map_err(|_| MidTooLong)?;
        let target = bytes.get_mut(..text.len()).ok_or(MidTooLong)?;
        if len == 0 {
            return Err(MidTooLong);
        }
        target.copy_from_slice(text.as_bytes());
        Ok(Mid { bytes, len })
    }

    /// The bytes as they stand in the header extension.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl fmt::Debug for Mid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mid({})", self.as_str())
    }
}

/// A codec with the parameters that decide whether a receiver can decode it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// Opus (RFC 7587).
    Opus,
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722.
    G722,
    /// VP8 (RFC 7741).
    Vp8,
    /// H.264 (RFC 6184).
    H264 {
        /// `profile-level-id`, three bytes in the low bits.
        profile_level_id: u32,
        /// `packetization-mode`: 0 or 1.
        packetization_mode: u8,
    },
    /// VP9 (RFC 9628).
    Vp9 {
        /// `profile-id`.
        profile_id: u8,
    },
    /// AV1.
    Av1 {
        /// `profile`.
        profile: u8,
    },
}

impl Codec {
    /// The name in an `a=rtpmap` line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Opus => "opus",
            Codec::Pcmu => "PCMU",
            Codec::Pcma => "PCMA",
            Codec::G722 => "G722",
            Codec::Vp8 => "VP8",
            Codec::H264 { .. } => "H264",
            Codec::Vp9 { .. } => "VP9",
            Codec::Av1 { .. } => "AV1",
        }
    }

    /// Sound or picture.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Codec::Opus | Codec::Pcmu | Codec::Pcma | Codec::G722 => Kind::Audio,
            Codec::Vp8 | Codec::H264 { .. } | Codec::Vp9 { .. } | Codec::Av1 { .. } => Kind::Video,
        }
    }

    /// Whether a stream of this codec may be sent under a payload negotiated as `receiver`.
    ///
    /// For H.264 the packetization mode must be the same; the level is left aside, since the stream is forwarded as it
    /// is and browsers decode above the level they announce. Constrained baseline decodes as any profile (RFC 6184 8.2.2).
    #[must_use]
    pub fn decodes_as(self, receiver: Codec) -> bool {
        match (self, receiver) {
            (
                Codec::H264 {
                    profile_level_id: sent,
                    packetization_mode: sent_mode,
                },
                Codec::H264 {
                    profile_level_id: taken,
                    packetization_mode: taken_mode,
                },
            ) => {
                let is_constrained_baseline = sent >> 16 == 0x42 && sent & 0x4000 != 0;
                sent_mode == taken_mode && (is_constrained_baseline || sent >> 16 == taken >> 16)
            }
            _ => self == receiver,
        }
    }
}

/// One payload type of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Payload type of the media.
    pub pt: u8,
    /// Payload type of its retransmissions (RFC 4588), if negotiated.
    pub rtx_pt: Option<u8>,
    /// What it carries.
    pub codec: Codec,
    /// RTP clock rate.
    pub clock_hz: u32,
    /// Generic NACK was negotiated.
    pub nack: bool,
    /// Picture loss indication was negotiated.
    pub pli: bool,
    /// Full intra request was negotiated.
    pub fir: bool,
    /// Transport-wide congestion feedback was negotiated.
    pub transport_cc: bool,
}

/// Ids of the header extensions of a line, each 1..=14; `None` where not negotiated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtensionIds {
    /// `urn:ietf:params:rtp-hdrext:sdes:mid`
    pub mid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id`
    pub rid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id`
    pub repaired_rid: Option<u8>,
    /// `urn:ietf:params:rtp-hdrext:ssrc-audio-level`
    pub audio_level: Option<u8>,
    /// `http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time`
    pub abs_send_time: Option<u8>,
    /// `http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`
    pub transport_cc: Option<u8>,
    /// `urn:3gpp:video-orientation`
    pub video_orientation: Option<u8>,
    /// `http://www.webrtc.org/experiments/rtp-hdrext/playout-delay`
    pub playout_delay: Option<u8>,
    /// `http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time`
    pub abs_capture_time: Option<u8>,
    /// `https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension`
    pub dependency_descriptor: Option<u8>,
}

/// A media SSRC and that of its retransmissions (`a=ssrc-group:FID`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsrcPair {
    /// SSRC of the media.
    pub ssrc: u32,
    /// SSRC of the retransmissions.
    pub rtx: Option<u32>,
}

/// A line on which a peer sends to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiveLine {
    /// Its tag.
    pub mid: Mid,
    /// What it carries.
    pub kind: Kind,
    /// Payload types as negotiated.
    pub payloads: Vec<Payload>,
    /// Header extensions as negotiated.
    pub extensions: ExtensionIds,
    /// What the offer announced; empty if it announces nothing.
    pub ssrcs: Vec<SsrcPair>,
    /// False once the line is stopped or its direction no longer lets the peer send: its track ends.
    pub active: bool,
}

/// A line on which we send one track to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendLine {
    /// Its tag.
    pub mid: Mid,
    /// What it carries.
    pub kind: Kind,
    /// Payload types as the subscriber answered them.
    pub payloads: Vec<Payload>,
    /// Header extensions as the subscriber answered them.
    pub extensions: ExtensionIds,
    /// Our SSRC of the line; the same for the life of the line.
    pub ssrc: u32,
    /// Our SSRC of its retransmissions.
    pub rtx_ssrc: Option<u32>,
    /// Canonical name for SDES; audio and video of one publisher share it.
    pub cname: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn h264(profile_level_id: u32, packetization_mode: u8) -> Codec {
        Codec::H264 {
            profile_level_id,
            packetization_mode,
        }
    }

    #[test]
    fn h264_is_decoded_by_its_own_or_a_wider_profile_in_the_same_packetization() {
        let baseline = h264(0x42_e01f, 1);
        assert!(baseline.decodes_as(h264(0x42_e034, 1)), "another level");
        assert!(
            baseline.decodes_as(h264(0x64_001f, 1)),
            "high decodes constrained baseline"
        );
        assert!(
            !baseline.decodes_as(h264(0x42_e01f, 0)),
            "another packetization"
        );
        assert!(
            !h264(0x64_001f, 1).decodes_as(baseline),
            "high is more than baseline"
        );
        assert!(!baseline.decodes_as(Codec::Vp8));
        assert!(!Codec::Vp9 { profile_id: 2 }.decodes_as(Codec::Vp9 { profile_id: 0 }));
    }

    #[test]
    fn a_mid_has_one_to_sixteen_bytes() {
        assert_eq!(Mid::new("0").unwrap().as_str(), "0");
        assert_eq!(Mid::new("0123456789abcdef").unwrap().as_bytes().len(), 16);
        assert_eq!(Mid::new(""), Err(MidTooLong));
        assert_eq!(Mid::new("0123456789abcdefg"), Err(MidTooLong));
        assert_ne!(Mid::new("1"), Mid::new("10"));
    }
}
