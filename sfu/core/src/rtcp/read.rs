//! Reading compound packets. Nothing here panics or allocates; what is unknown or cut short is passed over.

use super::twcc::TwccStatuses;
use super::{format, kind};
use crate::rtp::{be16, be32};

/// One packet of a compound.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RtcpPacket<'a> {
    /// Sender report.
    SenderReport {
        /// Who reports.
        ssrc: u32,
        /// NTP time, 32.32 bits.
        ntp: u64,
        /// The same instant in RTP units.
        rtp_timestamp: u32,
        /// What it received.
        blocks: ReportBlocks<'a>,
    },
    /// Receiver report.
    ReceiverReport {
        /// Who reports.
        ssrc: u32,
        /// What it received.
        blocks: ReportBlocks<'a>,
    },
    /// Source description; its items are of no use to an SFU.
    SourceDescription,
    /// These sources end.
    Goodbye(Ssrcs<'a>),
    /// Packets that are missing.
    Nack {
        /// Whose packets.
        media_ssrc: u32,
        /// Which.
        seqs: NackSeqs<'a>,
    },
    /// A key frame is needed.
    PictureLoss {
        /// Whose.
        media_ssrc: u32,
    },
    /// Key frames are needed of all these.
    FullIntra(Ssrcs<'a>),
    /// Receiver-estimated maximum bitrate (draft-alvestrand-rmcat-remb).
    Remb {
        /// Bits per second.
        bitrate_bps: u64,
    },
    /// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    TransportFeedback(TwccStatuses<'a>),
}

/// One report block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// Whose packets.
    pub ssrc: u32,
    /// Share lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Lost in all, 24 bits with sign.
    pub cumulative_lost: i32,
    /// Extended highest sequence number.
    pub highest_seq: u32,
    /// Interarrival jitter in RTP units.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time of the last sender report; zero if none.
    pub last_sr: u32,
    /// Time since then in 1/65536 s.
    pub delay_since_last_sr: u32,
}

/// Iterates over report blocks.
#[derive(Clone, Debug)]
pub struct ReportBlocks<'a>(&'a [u8]);

impl Iterator for ReportBlocks<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        let (block, rest) = self.0.split_at_checked(24)?;
        self.0 = rest;
        let lost = be32(block, 4)?;
        Some(ReportBlock {
            ssrc: be32(block, 0)?,
            fraction_lost: (lost >> 24) as u8,
            cumulative_lost: (lost << 8).cast_signed() >> 8,
            highest_seq: be32(block, 8)?,
            jitter: be32(block, 12)?,
            last_sr: be32(block, 16)?,
            delay_since_last_sr: be32(block, 20)?,
        })
    }
}

/// Iterates over SSRCs that lie `stride` bytes apart.
#[derive(Clone, Debug)]
pub struct Ssrcs<'a> {
    bytes: &'a [u8],
    stride: usize,
}

impl Iterator for Ssrcs<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (entry, rest) = self.bytes.split_at_checked(self.stride)?;
        self.bytes = rest;
        be32(entry, 0)
    }
}

/// Iterates over the sequence numbers of a generic NACK.
#[derive(Clone, Debug)]
pub struct NackSeqs<'a> {
    pairs: &'a [u8],
    base: u16,
    /// Bits still to report; bit n stands for `base + n`.
    mask: u32,
}

impl<'a> NackSeqs<'a> {
    fn new(pairs: &'a [u8]) -> NackSeqs<'a> {
        NackSeqs {
            pairs,
            base: 0,
            mask: 0,
        }
    }
}

impl Iterator for NackSeqs<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.mask == 0 {
            let (pair, rest) = self.pairs.split_at_checked(4)?;
            self.pairs = rest;
            self.base = be16(pair, 0)?;
            self.mask = (u32::from(be16(pair, 2)?) << 1) | 1;
        }
        let bit = self.mask.trailing_zeros();
        self.mask &= self.mask - 1;
        Some(self.base.wrapping_add(bit as u16))
    }
}

/// Iterates over the packets of a compound that are known and whole.
#[derive(Clone, Debug)]
pub struct Packets<'a>(&'a [u8]);

impl<'a> Packets<'a> {
    /// Starts at the first packet.
    #[must_use]
    pub const fn new(compound: &'a [u8]) -> Packets<'a> {
        Packets(compound)
    }

    /// Cuts off the next packet: its count field, type and body without padding.
    fn cut(&mut self) -> Option<(u8, u8, &'a [u8])> {
        let (&[first, kind], _) = self.0.split_first_chunk()?;
        if first >> 6 != 2 {
            return None;
        }
        let bytes = 4 * (usize::from(be16(self.0, 2)?) + 1);
        let (packet, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        let mut body = packet.get(4..)?;
        if first & 0x20 != 0 {
            let padding = usize::from(*body.last()?);
            body = body.get(..body.len().checked_sub(padding)?)?;
        }
        Some((first & 0x1f, kind, body))
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = RtcpPacket<'a>;

    fn next(&mut self) -> Option<RtcpPacket<'a>> {
        loop {
            let (count, kind, body) = self.cut()?;
            if let Some(packet) = read(count, kind, body) {
                return Some(packet);
            }
        }
    }
}

fn read(count: u8, kind: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    match kind {
        kind::SR => Some(RtcpPacket::SenderReport {
            ssrc: be32(body, 0)?,
            ntp: (u64::from(be32(body, 4)?) << 32) | u64::from(be32(body, 8)?),
            rtp_timestamp: be32(body, 12)?,
            blocks: blocks(count, body.get(24..)?),
        }),
        kind::RR => Some(RtcpPacket::ReceiverReport {
            ssrc: be32(body, 0)?,
            blocks: blocks(count, body.get(4..)?),
        }),
        kind::SDES => Some(RtcpPacket::SourceDescription),
        kind::BYE => Some(RtcpPacket::Goodbye(Ssrcs {
            bytes: body.get(..4 * usize::from(count))?,
            stride: 4,
        })),
        kind::TRANSPORT_FEEDBACK => read_transport_feedback(count, body),
        kind::PAYLOAD_FEEDBACK => read_payload_feedback(count, body),
        _ => None,
    }
}

fn blocks(count: u8, bytes: &[u8]) -> ReportBlocks<'_> {
    ReportBlocks(bytes.get(..24 * usize::from(count)).unwrap_or(bytes))
}

fn read_transport_feedback(count: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    match count {
        format::NACK => Some(RtcpPacket::Nack {
            media_ssrc: be32(body, 4)?,
            seqs: NackSeqs::new(body.get(8..)?),
        }),
        format::TWCC => Some(RtcpPacket::TransportFeedback(TwccStatuses::new(
            body.get(8..)?,
        )?)),
        _ => None,
    }
}

fn read_payload_feedback(count: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    match count {
        format::PLI => Some(RtcpPacket::PictureLoss {
            media_ssrc: be32(body, 4)?,
        }),
        format::FIR => Some(RtcpPacket::FullIntra(Ssrcs {
            bytes: body.get(8..)?,
            stride: 8,
        })),
        format::APPLICATION if body.get(8..12)? == b"REMB" => {
            let word = be32(body, 12)?;
            let exponent = (word >> 18) & 0x3f;
            let mantissa = u64::from(word & 0x3_ffff);
            Some(RtcpPacket::Remb {
                bitrate_bps: mantissa.checked_shl(exponent).unwrap_or(u64::MAX),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 199u8..208) {
            if let [first, second, ..] = bytes.as_mut_slice() {
                *first = 0x80 | (*first & 0x3f);
                *second = kind;
            }
            for packet in Packets::new(&bytes) {
                match packet {
                    RtcpPacket::SenderReport { blocks, .. } | RtcpPacket::ReceiverReport { blocks, .. } => {
                        prop_assert!(blocks.count() <= 31);
                    }
                    RtcpPacket::Goodbye(ssrcs) | RtcpPacket::FullIntra(ssrcs) => prop_assert!(ssrcs.count() <= 50),
                    RtcpPacket::Nack { seqs, .. } => prop_assert!(seqs.count() <= 17 * 50),
                    RtcpPacket::TransportFeedback(statuses) => prop_assert!(statuses.count() <= 65_535),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn remb_bitrates_are_read() {
        let packet = [
            0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 1, 0x0b, 0xd0, 0x90,
            0, 0, 0, 2,
        ];
        let Some(RtcpPacket::Remb { bitrate_bps }) = Packets::new(&packet).next() else {
            panic!("a REMB")
        };
        assert_eq!(bitrate_bps, 0x3_d090 << 2);
    }

    #[test]
    fn an_unknown_packet_is_passed_over() {
        let compound = [0x80, 207, 0, 0, 0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
        let packets: Vec<_> = Packets::new(&compound).collect();
        assert!(matches!(
            packets[..],
            [RtcpPacket::PictureLoss { media_ssrc: 9 }]
        ));
    }
}
