//! Transport-wide feedback, both ways.
//!
//! Source: draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.

use super::write::RtcpWriter;
use super::{format, kind};
use crate::rtp::be16;

/// Arrival of one transport-wide sequence number, in microseconds on the receiver's clock; `None` if missing.
pub type Arrival = Option<i64>;

const TICK_US: i64 = 250;
const REFERENCE_US: i64 = 64_000;
/// Symbols of one feedback packet: with two bytes of delta each it still fits [`super::MAX_RTCP_BYTES`].
const MAX_STATUSES: usize = 400;

const MISSING: u8 = 0;
const SMALL: u8 = 1;
const LARGE: u8 = 2;

/// Writes feedback for the packets from `base` on. Gives how many statuses were taken; call again with the rest. The
/// first arrival must not be missing, and every one lies within 2^24 * 64 ms of clock zero, modulo.
pub fn write_twcc(
    writer: &mut RtcpWriter,
    sender_ssrc: u32,
    media_ssrc: u32,
    base: u16,
    number: u8,
    arrivals: impl Iterator<Item = Arrival>,
) -> usize {
    let mut symbols = [MISSING; MAX_STATUSES];
    let mut deltas = [0i16; MAX_STATUSES];
    let (mut count, mut received) = (0, 0);
    let mut delta_bytes = 0;
    let mut clock: Option<i64> = None;
    let mut reference = 0;
    for (arrival, (symbol, _)) in arrivals.zip(symbols.iter_mut().zip(0..)) {
        let Some(at) = arrival else {
            count += 1;
            continue;
        };
        let last = *clock.get_or_insert_with(|| {
            reference = at.div_euclid(REFERENCE_US);
            reference * REFERENCE_US
        });
        let ticks = (at - last).div_euclid(TICK_US);
        let Ok(delta) = i16::try_from(ticks) else {
            break;
        };
        let is_small = (0..256).contains(&ticks);
        *symbol = if is_small { SMALL } else { LARGE };
        delta_bytes += if is_small { 1 } else { 2 };
        if let Some(place) = deltas.get_mut(received) {
            *place = delta;
        }
        received += 1;
        count += 1;
        clock = Some(last + ticks * TICK_US);
    }
    let symbols = symbols.get(..count).unwrap_or_default();
    let deltas = deltas.get(..received).unwrap_or_default();
    let chunk_bytes = 2 * chunks(symbols).count();
    let body = (16 + chunk_bytes + delta_bytes).next_multiple_of(4);
    let is_written = !symbols.is_empty()
        && writer.packet(format::TWCC, kind::TRANSPORT_FEEDBACK, body, |out| {
            out.u32(sender_ssrc);
            out.u32(media_ssrc);
            out.u16(base);
            out.u16(count as u16);
            out.u32(((reference as u32) << 8) | u32::from(number));
            chunks(symbols).for_each(|chunk| out.u16(chunk));
            for delta in deltas {
                match u8::try_from(*delta) {
                    Ok(small) => out.u8(small),
                    Err(_) => out.u16(delta.cast_unsigned()),
                }
            }
        });
    if is_written { count } else { 0 }
}

/// Cuts symbols into packet chunks: runs where they are long, vectors of two-bit symbols otherwise.
fn chunks(symbols: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let mut rest = symbols;
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        let run = rest.iter().take_while(|symbol| **symbol == first).count();
        let (taken, chunk) = if run >= 7 {
            (run, (u16::from(first) << 13) | run as u16)
        } else {
            let vector = rest
                .iter()
                .take(7)
                .zip(0..)
                .fold(0xc000u16, |chunk, (symbol, place)| {
                    chunk | (u16::from(*symbol) << (12 - 2 * place))
                });
            (rest.len().min(7), vector)
        };
        rest = rest.get(taken..).unwrap_or_default();
        Some(chunk)
    })
}

/// Iterates over the statuses of a feedback packet: sequence number and, if it arrived, the time in microseconds.
#[derive(Clone, Debug)]
pub struct TwccStatuses<'a> {
    chunks: &'a [u8],
    deltas: &'a [u8],
    next: u16,
    left: u16,
    clock_us: i64,
    /// Symbols of the current chunk: how many are left, and their bits.
    chunk_left: u16,
    chunk: u16,
}

impl<'a> TwccStatuses<'a> {
    /// Reads the header of a feedback; `bytes` start at the base sequence number.
    #[must_use]
    pub(super) fn new(bytes: &'a [u8]) -> Option<TwccStatuses<'a>> {
        let left = be16(bytes, 2)?;
        let reference = (crate::rtp::be32(bytes, 4)?.cast_signed()) >> 8;
        let body = bytes.get(8..)?;
        let mut statuses = TwccStatuses {
            chunks: body,
            deltas: &[],
            next: be16(bytes, 0)?,
            left,
            clock_us: i64::from(reference) * REFERENCE_US,
            chunk_left: 0,
            chunk: 0,
        };
        let mut covered = 0;
        let mut at = 0;
        while covered < usize::from(left) {
            covered += usize::from(symbols_in(be16(body, at)?));
            at += 2;
        }
        (statuses.chunks, statuses.deltas) = body.split_at_checked(at)?;
        Some(statuses)
    }

    fn symbol(&mut self) -> Option<u8> {
        while self.chunk_left == 0 {
            self.chunk = be16(self.chunks, 0)?;
            self.chunks = self.chunks.get(2..)?;
            self.chunk_left = symbols_in(self.chunk);
        }
        self.chunk_left -= 1;
        let chunk = self.chunk;
        Some(match chunk >> 14 {
            0b10 => ((chunk >> self.chunk_left) & 1) as u8,
            0b11 => ((chunk >> (2 * self.chunk_left)) & 3) as u8,
            _ => ((chunk >> 13) & 3) as u8,
        })
    }
}

fn symbols_in(chunk: u16) -> u16 {
    match chunk >> 14 {
        0b10 => 14,
        0b11 => 7,
        _ => chunk & 0x1fff,
    }
}

impl Iterator for TwccStatuses<'_> {
    type Item = (u16, Arrival);

    fn next(&mut self) -> Option<(u16, Arrival)> {
        self.left = self.left.checked_sub(1)?;
        let seq = self.next;
        self.next = seq.wrapping_add(1);
        let delta = match self.symbol()? {
            SMALL => {
                let (delta, rest) = self.deltas.split_first()?;
                self.deltas = rest;
                i64::from(*delta)
            }
            LARGE => {
                let delta = be16(self.deltas, 0)?.cast_signed();
                self.deltas = self.deltas.get(2..)?;
                i64::from(delta)
            }
            _ => return Some((seq, None)),
        };
        self.clock_us += delta * TICK_US;
        Some((seq, Some(self.clock_us)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Packets, RtcpPacket};
    use super::*;

    proptest! {
        #[test]
        fn feedback_is_read_back(
            base: u16,
            start_us in 0i64..4_000_000_000,
            steps in prop::collection::vec((any::<bool>(), -20_000i64..200_000), 0..300),
        ) {
            let mut at = start_us;
            let mut arrivals = vec![Some(at)];
            for (is_lost, step) in steps {
                at += step;
                arrivals.push((!is_lost).then_some(at));
            }
            let (mut taken, mut read) = (0, Vec::new());
            while taken < arrivals.len() {
                let mut writer = RtcpWriter::default();
                let skip = arrivals[taken..].iter().take_while(|a| a.is_none()).count();
                read.extend((0..skip).map(|i| (base.wrapping_add((taken + i) as u16), None)));
                taken += skip;
                if taken == arrivals.len() {
                    break;
                }
                let from = base.wrapping_add(taken as u16);
                let count = write_twcc(&mut writer, 1, 2, from, 3, arrivals[taken..].iter().copied());
                prop_assert!(count > 0);
                let Some(RtcpPacket::TransportFeedback(statuses)) = Packets::new(writer.as_bytes()).next() else {
                    return Err(TestCaseError::fail("no feedback"));
                };
                let before = read.len();
                read.extend(statuses);
                prop_assert_eq!(read.len() - before, count);
                taken += count;
            }
            prop_assert_eq!(read.len(), arrivals.len());
            for (i, ((seq, got), sent)) in read.into_iter().zip(arrivals).enumerate() {
                prop_assert_eq!(seq, base.wrapping_add(i as u16));
                prop_assert_eq!(got.is_some(), sent.is_some());
                if let (Some(got), Some(sent)) = (got, sent) {
                    prop_assert!((0..TICK_US).contains(&(sent - got)), "{sent} read as {got}");
                }
            }
        }
    }
}
