//! The session descriptions of browsers: read, limited, and written again.
//!
//! Only what an SFU needs of RFC 8866 and RFC 8829, and nothing that could surprise: one bundle, RTCP mux, DTLS-SRTP.

mod codec;
mod parse;
mod write;

pub(crate) use codec::{Format, formats_of};
pub(crate) use parse::{Description, Extension, Section, SectionKind, Setup};
pub(crate) use write::{Outgoing, Part, PartKind, SendPart, write};

/// Header extensions we understand, by the field of [`salon_sfu_core::ExtensionIds`] they fill.
pub(crate) mod uri {
    pub(crate) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
    pub(crate) const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    pub(crate) const ABS_SEND_TIME: &str =
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    pub(crate) const TRANSPORT_CC: &str =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    pub(crate) const ORIENTATION: &str = "urn:3gpp:video-orientation";
    pub(crate) const PLAYOUT_DELAY: &str =
        "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    pub(crate) const ABS_CAPTURE_TIME: &str =
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
    pub(crate) const DEPENDENCY_DESCRIPTOR: &str =
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
}
