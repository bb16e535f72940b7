//! RTP packets (RFC 3550): reading and writing headers, header extensions, sequence arithmetic, key frames.

mod extension;
mod header;
mod keyframe;
mod seq;

pub use extension::{ExtensionForm, ExtensionKind, ExtensionSet, ReadTable};
pub use header::{HEADER_BYTES, RtpHeader, is_rtcp, write_header};
pub use keyframe::starts_keyframe;
pub use seq::{SeqWindow, extend_seq, seq_diff};

/// Reads two bytes, big endian.
pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|b| u16::from_be_bytes(*b))
}

/// Reads four bytes, big endian.
pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|b| u32::from_be_bytes(*b))
}
