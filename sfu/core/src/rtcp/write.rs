//! Writing packets into a fixed buffer.

use super::{ReportBlock, format, kind};

/// Room for a compound: one datagram with its protection.
pub const MAX_RTCP_BYTES: usize = 1200;

/// Builds a compound packet. What does not fit is refused whole, so the compound stays valid.
pub struct RtcpWriter {
    bytes: [u8; MAX_RTCP_BYTES],
    len: usize,
}

impl Default for RtcpWriter {
    fn default() -> Self {
        RtcpWriter {
            bytes: [0; MAX_RTCP_BYTES],
            len: 0,
        }
    }
}

impl RtcpWriter {
    /// What has been written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Whether nothing has been written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Starts again.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    /// Bytes still free.
    #[must_use]
    pub const fn room(&self) -> usize {
        MAX_RTCP_BYTES - self.len
    }

    /// Writes a packet of `body_bytes` (a multiple of four) by the closure; false if it does not fit.
    pub(super) fn packet(
        &mut self,
        count: u8,
        kind: u8,
        body_bytes: usize,
        fill: impl FnOnce(&mut Cursor<'_>),
    ) -> bool {
        let end = self.len + 4 + body_bytes;
        let Some(space) = self.bytes.get_mut(self.len..end) else {
            return false;
        };
        let Ok(words) = u16::try_from(body_bytes / 4) else {
            return false;
        };
        let mut cursor = Cursor { space };
        cursor.u8(0x80 | (count & 0x1f));
        cursor.u8(kind);
        cursor.u16(words);
        fill(&mut cursor);
        cursor.space.fill(0);
        self.len = end;
        true
    }

    /// Sender report without blocks.
    pub fn sender_report(
        &mut self,
        ssrc: u32,
        ntp: u64,
        rtp_timestamp: u32,
        packets: u32,
        octets: u32,
    ) -> bool {
        self.packet(0, kind::SR, 24, |out| {
            out.u32(ssrc);
            out.u32((ntp >> 32) as u32);
            out.u32(ntp as u32);
            out.u32(rtp_timestamp);
            out.u32(packets);
            out.u32(octets);
        })
    }

    /// Receiver report with at most 31 blocks.
    pub fn receiver_report(&mut self, ssrc: u32, blocks: &[ReportBlock]) -> bool {
        let blocks = blocks.get(..31).unwrap_or(blocks);
        self.packet(blocks.len() as u8, kind::RR, 4 + 24 * blocks.len(), |out| {
            out.u32(ssrc);
            for block in blocks {
                out.u32(block.ssrc);
                let lost = block
                    .cumulative_lost
                    .clamp(-0x80_0000, 0x7f_ffff)
                    .cast_unsigned()
                    & 0xff_ffff;
                out.u32((u32::from(block.fraction_lost) << 24) | lost);
                out.u32(block.highest_seq);
                out.u32(block.jitter);
                out.u32(block.last_sr);
                out.u32(block.delay_since_last_sr);
            }
        })
    }

    /// Source description with a canonical name, cut at 255 bytes.
    pub fn source_description(&mut self, ssrc: u32, cname: &str) -> bool {
        let name = cname.as_bytes();
        let name = name.get(..255).unwrap_or(name);
        let body = (4 + 2 + name.len() + 1).next_multiple_of(4);
        self.packet(1, kind::SDES, body, |out| {
            out.u32(ssrc);
            out.u8(1);
            out.u8(name.len() as u8);
            out.bytes(name);
        })
    }

    /// These sources end; at most 31.
    pub fn goodbye(&mut self, ssrcs: &[u32]) -> bool {
        let ssrcs = ssrcs.get(..31).unwrap_or(ssrcs);
        self.packet(ssrcs.len() as u8, kind::BYE, 4 * ssrcs.len(), |out| {
            for ssrc in ssrcs {
                out.u32(*ssrc);
            }
        })
    }

    /// Asks for missing packets. `seqs` ascend on the 16-bit circle. Gives how many were taken; the rest needs another
    /// packet.
    pub fn nack(&mut self, sender_ssrc: u32, media_ssrc: u32, seqs: &[u16]) -> usize {
        let mut pairs = [(0u16, 0u16); MAX_NACK_PAIRS];
        let fitting = (self.room().saturating_sub(12) / 4).min(MAX_NACK_PAIRS);
        let (mut used, mut taken) = (0_usize, 0_usize);
        for &seq in seqs {
            let open = used
                .checked_sub(1)
                .and_then(|last: usize| pairs.get_mut(last));
            if let Some((base, mask)) = open {
                let ahead = seq.wrapping_sub(*base);
                if ahead == 0 || ahead <= 16 {
                    *mask |= if ahead == 0 { 0 } else { 1 << (ahead - 1) };
                    taken += 1;
                    continue;
                }
            }
            match pairs.get_mut(used) {
                Some(pair) if used < fitting => *pair = (seq, 0),
                _ => break,
            }
            used += 1;
            taken += 1;
        }
        let pairs = pairs.get(..used).unwrap_or_default();
        if pairs.is_empty() {
            return 0;
        }
        let is_written = self.packet(
            format::NACK,
            kind::TRANSPORT_FEEDBACK,
            8 + 4 * pairs.len(),
            |out| {
                out.u32(sender_ssrc);
                out.u32(media_ssrc);
                for (base, mask) in pairs {
                    out.u16(*base);
                    out.u16(*mask);
                }
            },
        );
        if is_written { taken } else { 0 }
    }

    /// Asks for a key frame.
    pub fn picture_loss(&mut self, sender_ssrc: u32, media_ssrc: u32) -> bool {
        self.packet(format::PLI, kind::PAYLOAD_FEEDBACK, 8, |out| {
            out.u32(sender_ssrc);
            out.u32(media_ssrc);
        })
    }

    /// Asks for a key frame the older way; `number` goes up with each new request (RFC 5104 section 4.3.1).
    pub fn full_intra(&mut self, sender_ssrc: u32, media_ssrc: u32, number: u8) -> bool {
        self.packet(format::FIR, kind::PAYLOAD_FEEDBACK, 16, |out| {
            out.u32(sender_ssrc);
            out.u32(0);
            out.u32(media_ssrc);
            out.u8(number);
        })
    }
}

/// Pairs of one NACK: enough for a burst, and small on the stack.
const MAX_NACK_PAIRS: usize = 64;

/// Writes ahead through a slice; what does not fit is left out.
pub(super) struct Cursor<'a> {
    space: &'a mut [u8],
}

impl Cursor<'_> {
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let space = std::mem::take(&mut self.space);
        if let Some((target, rest)) = space.split_at_mut_checked(bytes.len()) {
            target.copy_from_slice(bytes);
            self.space = rest;
        }
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Packets, RtcpPacket};
    use super::*;

    #[test]
    fn a_compound_is_read_back() {
        let block = ReportBlock {
            ssrc: 7,
            fraction_lost: 12,
            cumulative_lost: -3,
            highest_seq: 70_000,
            jitter: 5,
            last_sr: 0x1234_5678,
            delay_since_last_sr: 99,
        };
        let mut writer = RtcpWriter::default();
        assert!(writer.sender_report(1, 0x1_0000_0002, 3, 4, 5));
        assert!(writer.receiver_report(1, &[block]));
        assert!(writer.source_description(1, "someone"));
        assert!(writer.picture_loss(1, 9));
        assert!(writer.full_intra(1, 10, 2));
        assert!(writer.goodbye(&[1, 2]));
        let packets: Vec<_> = Packets::new(writer.as_bytes()).collect();
        assert_eq!(packets.len(), 6);
        assert!(matches!(
            packets[0],
            RtcpPacket::SenderReport {
                ssrc: 1,
                ntp: 0x1_0000_0002,
                rtp_timestamp: 3,
                ..
            }
        ));
        let RtcpPacket::ReceiverReport { blocks, .. } = packets[1].clone() else {
            panic!("a report")
        };
        assert_eq!(blocks.collect::<Vec<_>>(), [block]);
        assert!(matches!(
            packets[3],
            RtcpPacket::PictureLoss { media_ssrc: 9 }
        ));
        let RtcpPacket::FullIntra(ssrcs) = packets[4].clone() else {
            panic!("a request")
        };
        assert_eq!(ssrcs.collect::<Vec<_>>(), [10]);
        let RtcpPacket::Goodbye(ssrcs) = packets[5].clone() else {
            panic!("a goodbye")
        };
        assert_eq!(ssrcs.collect::<Vec<_>>(), [1, 2]);
    }

    proptest! {
        #[test]
        fn nacks_carry_every_number_once(start: u16, steps in prop::collection::vec(1u16..40, 1..60)) {
            let mut at = start;
            let seqs: Vec<u16> = steps.iter().map(|step| { at = at.wrapping_add(*step); at }).collect();
            let mut writer = RtcpWriter::default();
            prop_assert_eq!(writer.nack(1, 2, &seqs), seqs.len());
            let Some(RtcpPacket::Nack { media_ssrc: 2, seqs: read }) = Packets::new(writer.as_bytes()).next() else {
                return Err(TestCaseError::fail("no NACK"));
            };
            prop_assert_eq!(read.collect::<Vec<_>>(), seqs);
        }
    }
}
