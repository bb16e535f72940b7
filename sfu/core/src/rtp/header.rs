//! The fixed header and where its parts lie.

use super::{ExtensionForm, be16, be32};

/// Length of a header without CSRCs and extensions.
pub const HEADER_BYTES: usize = 12;

/// A parsed header: values and offsets, no borrow. Encrypted packets can be parsed too; only padding has to wait for
/// decryption ([`RtpHeader::payload_end`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpHeader {
    /// Last packet of a frame (video), first of a talk spurt (audio).
    pub marker: bool,
    /// The padding bit.
    pub has_padding: bool,
    /// Payload type.
    pub pt: u8,
    /// Sequence number.
    pub seq: u16,
    /// Timestamp in units of the payload's clock.
    pub timestamp: u32,
    /// Source.
    pub ssrc: u32,
    /// Form of the extension elements.
    pub extension_form: ExtensionForm,
    /// Where the extension elements start.
    pub extension_start: usize,
    /// How long they are.
    pub extension_bytes: usize,
    /// Where the payload starts.
    pub payload_start: usize,
}

/// Whether a datagram with first byte 128..=191 is RTCP: by its second byte (RFC 5761 section 4).
#[must_use]
pub fn is_rtcp(packet: &[u8]) -> bool {
    packet
        .get(1)
        .is_some_and(|second| (192..=223).contains(second))
}

impl RtpHeader {
    /// Reads the header; `None` if it is no RTP version 2 or is cut short.
    #[must_use]
    pub fn parse(packet: &[u8]) -> Option<RtpHeader> {
        let (&[first, second], _) = packet.split_first_chunk()?;
        if first >> 6 != 2 {
            return None;
        }
        let mut payload_start = HEADER_BYTES + 4 * usize::from(first & 0x0f);
        let (mut extension_form, mut extension_start, mut extension_bytes) =
            (ExtensionForm::None, payload_start, 0);
        if first & 0x10 != 0 {
            extension_form = ExtensionForm::from_profile(be16(packet, payload_start)?);
            extension_bytes = 4 * usize::from(be16(packet, payload_start + 2)?);
            extension_start = payload_start + 4;
            payload_start = extension_start + extension_bytes;
        }
        if packet.len() < payload_start {
            return None;
        }
        Some(RtpHeader {
            marker: second & 0x80 != 0,
            has_padding: first & 0x20 != 0,
            pt: second & 0x7f,
            seq: be16(packet, 2)?,
            timestamp: be32(packet, 4)?,
            ssrc: be32(packet, 8)?,
            extension_form,
            extension_start,
            extension_bytes,
            payload_start,
        })
    }

    /// Where the payload of the plain packet ends, padding left out; `None` if the padding does not fit.
    #[must_use]
    pub fn payload_end(&self, packet: &[u8]) -> Option<usize> {
        if !self.has_padding {
            return Some(packet.len());
        }
        let padding = usize::from(*packet.last()?);
        let end = packet.len().checked_sub(padding)?;
        (padding > 0 && end >= self.payload_start).then_some(end)
    }
}

/// Writes a fixed header; `None` if there is no room.
#[inline]
pub fn write_header(
    packet: &mut [u8],
    has_extension: bool,
    marker: bool,
    pt: u8,
    seq: u16,
    timestamp: u32,
    ssrc: u32,
) -> Option<()> {
    let header: &mut [u8; HEADER_BYTES] = packet.first_chunk_mut()?;
    let [first, second, seq_hi, seq_lo, rest @ ..] = header;
    *first = if has_extension { 0x90 } else { 0x80 };
    *second = (u8::from(marker) << 7) | (pt & 0x7f);
    [*seq_hi, *seq_lo] = seq.to_be_bytes();
    *rest = ((u64::from(timestamp) << 32) | u64::from(ssrc)).to_be_bytes();
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_parse_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            if let Some(header) = RtpHeader::parse(&bytes) {
                prop_assert!(header.payload_start <= bytes.len());
                if let Some(end) = header.payload_end(&bytes) {
                    prop_assert!(header.payload_start <= end && end <= bytes.len());
                }
            }
        }

        #[test]
        fn what_is_written_is_read(marker: bool, pt in 0u8..128, seq: u16, timestamp: u32, ssrc: u32) {
            let mut packet = [0; 12];
            write_header(&mut packet, false, marker, pt, seq, timestamp, ssrc).unwrap();
            let read = RtpHeader::parse(&packet).unwrap();
            prop_assert_eq!(
                (read.marker, read.pt, read.seq, read.timestamp, read.ssrc, read.payload_start),
                (marker, pt, seq, timestamp, ssrc, 12)
            );
        }
    }

    #[test]
    fn csrcs_extension_and_padding_are_skipped() {
        let mut packet = vec![0xb1, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        packet.extend([9, 9, 9, 9]); // one CSRC
        packet.extend([0xbe, 0xde, 0, 1, 0x10, 42, 0, 0]);
        packet.extend([1, 2, 3, 0, 0, 3]); // payload 1 2 3, three bytes of padding
        let header = RtpHeader::parse(&packet).unwrap();
        assert_eq!(header.extension_form, ExtensionForm::OneByte);
        assert_eq!(
            &packet[header.payload_start..header.payload_end(&packet).unwrap()],
            &[1, 2, 3]
        );
    }
}
