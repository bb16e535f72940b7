//! Packets of one source in their order: a missing one is waited for, as retransmission may bring it, but not for ever.

use std::collections::BTreeMap;

use crate::batch::Heard;

/// How long a packet waits for its predecessors.
pub(crate) const PATIENCE_US: u64 = 500_000;
/// Packets that wait at most: half a second of the fastest screen share.
const MOST_WAITING: usize = 2048;

/// What becomes of a packet that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is the next one.
    Now,
    /// It waits for its predecessors.
    Waits,
    /// Its place has been given up, or it came before.
    Late,
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// A packet.
    Packet(Heard, Vec<u8>),
    /// So many are lost.
    Lost(u64),
}

/// A buffer of at most half a second.
#[derive(Debug, Default)]
pub struct Reorder {
    next: Option<u64>,
    waiting: BTreeMap<u64, (Heard, Vec<u8>)>,
}

impl Reorder {
    /// Takes a packet. After [`Turn::Now`] use it and then ask [`Reorder::pop`] for those behind it.
    pub fn offer(&mut self, head: &Heard, payload: &[u8]) -> Turn {
        let next = self.next.unwrap_or(head.seq);
        if head.seq < next || self.waiting.contains_key(&head.seq) {
            return Turn::Late;
        }
        if head.seq == next {
            self.next = Some(next.saturating_add(1));
            return Turn::Now;
        }
        self.waiting.insert(head.seq, (*head, payload.to_vec()));
        Turn::Waits
    }

    /// The next packet, or the news that some are lost; `None` while there is still hope for the next.
    pub fn pop(&mut self, now_us: u64) -> Option<Next> {
        let first = self.waiting.first_entry()?;
        let seq = *first.key();
        let next = self.next.unwrap_or(seq);
        if seq == next {
            let (head, payload) = first.remove();
            self.next = Some(next.saturating_add(1));
            return Some(Next::Packet(head, payload));
        }
        let is_hopeless = first.get().0.arrival_us.saturating_add(PATIENCE_US) <= now_us;
        if is_hopeless || self.waiting.len() > MOST_WAITING {
            self.next = Some(seq);
            return Some(Next::Lost(seq.saturating_sub(next)));
        }
        None
    }

    /// Forgets where it was: what comes next has other numbers, or what was between is accounted for.
    pub fn restart(&mut self) {
        self.next = None;
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::batch::tests::heard;

    fn drain(reorder: &mut Reorder, now_us: u64) -> Vec<Result<u64, u64>> {
        std::iter::from_fn(|| reorder.pop(now_us))
            .map(|next| match next {
                Next::Packet(head, _) => Ok(head.seq),
                Next::Lost(count) => Err(count),
            })
            .collect()
    }

    #[test]
    fn a_late_packet_is_waited_for_half_a_second() {
        let mut reorder = Reorder::default();
        assert_eq!(reorder.offer(&heard(0, 5), b"a"), Turn::Now);
        assert_eq!(reorder.offer(&heard(0, 8), b"b"), Turn::Waits);
        let came = heard(0, 8).arrival_us;
        assert!(drain(&mut reorder, came + PATIENCE_US - 1).is_empty());
        assert_eq!(reorder.offer(&heard(0, 6), b"c"), Turn::Now);
        assert_eq!(drain(&mut reorder, came + PATIENCE_US), [Err(1), Ok(8)]);
        assert_eq!(reorder.offer(&heard(0, 7), b"d"), Turn::Late);
    }

    proptest! {
        #[test]
        fn what_comes_out_is_in_order_and_nothing_is_invented(
            seqs in prop::collection::vec(0u64..400, 1..300), wait in prop::collection::vec(0u64..700_000, 1..300),
        ) {
            let mut reorder = Reorder::default();
            let (mut out, mut now, mut lost) = (Vec::new(), 0, 0);
            let mut first = None;
            for (seq, wait) in seqs.iter().zip(wait) {
                now += wait;
                let mut head = heard(0, *seq);
                head.arrival_us = now;
                if reorder.offer(&head, &[]) == Turn::Now {
                    first.get_or_insert(*seq);
                    out.push(*seq);
                }
                for next in drain(&mut reorder, now) {
                    match next {
                        Ok(seq) => out.push(seq),
                        Err(count) => lost += count,
                    }
                }
            }
            for next in drain(&mut reorder, u64::MAX) {
                match next {
                    Ok(seq) => out.push(seq),
                    Err(count) => lost += count,
                }
            }
            prop_assert!(out.is_sorted_by(|a, b| a < b));
            prop_assert!(out.iter().all(|seq| seqs.contains(seq)));
            let span = out.last().unwrap() - first.unwrap() + 1;
            prop_assert_eq!(span, out.len() as u64 + lost);
        }
    }
}
