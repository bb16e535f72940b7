//! Sequence numbers: from 16 bits to a count that never wraps, and a window of those seen.

/// How far `to` is ahead of `from` on the 16-bit circle; negative if it is behind.
#[must_use]
pub const fn seq_diff(from: u16, to: u16) -> i32 {
    to.wrapping_sub(from).cast_signed() as i32
}

/// The extended number nearest to `reference` whose low 16 bits are `seq`; `None` if that lies before zero.
///
/// Source: RFC 3711 section 3.3.1.
#[must_use]
pub const fn extend_seq(reference: u64, seq: u16) -> Option<u64> {
    let diff = seq_diff((reference & 0xffff) as u16, seq) as i64;
    reference.checked_add_signed(diff)
}

/// Remembers which of the last `64 * WORDS` numbers were seen.
#[derive(Clone, Debug)]
pub struct SeqWindow<const WORDS: usize> {
    highest: Option<u64>,
    bits: [u64; WORDS],
}

impl<const WORDS: usize> Default for SeqWindow<WORDS> {
    fn default() -> Self {
        SeqWindow {
            highest: None,
            bits: [0; WORDS],
        }
    }
}

impl<const WORDS: usize> SeqWindow<WORDS> {
    /// How many numbers below the highest are remembered.
    pub const SPAN: u64 = 64 * WORDS as u64;

    /// The highest number inserted.
    #[must_use]
    pub const fn highest(&self) -> Option<u64> {
        self.highest
    }

    /// The extended number of a 16-bit one: nearest to the highest so far, or itself at the start.
    #[must_use]
    pub fn extend(&self, seq: u16) -> Option<u64> {
        match self.highest {
            Some(highest) => extend_seq(highest, seq),
            None => Some(u64::from(seq)),
        }
    }

    fn place(index: u64) -> (usize, u64) {
        let bit = index % Self::SPAN;
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    /// Whether the number is new: not seen, and not too old to tell.
    #[must_use]
    pub fn is_new(&self, index: u64) -> bool {
        match self.highest {
            None => true,
            Some(highest) if index > highest => true,
            Some(highest) if highest - index >= Self::SPAN => false,
            Some(_) => {
                let (word, mask) = Self::place(index);
                self.bits.get(word).is_some_and(|bits| bits & mask == 0)
            }
        }
    }

    /// Marks the number as seen; false if it was not new.
    pub fn insert(&mut self, index: u64) -> bool {
        if !self.is_new(index) {
            return false;
        }
        let advance_from = match self.highest {
            Some(highest) if index <= highest => None,
            Some(highest) => Some(highest),
            None => Some(index),
        };
        if let Some(highest) = advance_from {
            self.forget_between(highest, index);
            self.highest = Some(index);
        }
        let (word, mask) = Self::place(index);
        if let Some(bits) = self.bits.get_mut(word) {
            *bits |= mask;
        }
        true
    }

    fn forget_between(&mut self, highest: u64, index: u64) {
        if index - highest >= Self::SPAN {
            self.bits = [0; WORDS];
            return;
        }
        for skipped in highest + 1..=index {
            let (word, mask) = Self::place(skipped);
            if let Some(bits) = self.bits.get_mut(word) {
                *bits &= !mask;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn extension_takes_the_nearest_number() {
        assert_eq!(extend_seq(65_535, 0), Some(65_536));
        assert_eq!(extend_seq(65_536, 65_535), Some(65_535));
        assert_eq!(extend_seq(10, 65_535), None);
        assert_eq!(extend_seq(0x5_0000, 0x7fff), Some(0x5_7fff));
    }

    proptest! {
        #[test]
        fn a_window_agrees_with_a_set(steps in prop::collection::vec(-200i64..220, 1..400)) {
            let mut window = SeqWindow::<2>::default();
            let mut seen = HashSet::new();
            let mut at = 5_000i64;
            let mut highest = None;
            for step in steps {
                at = (at + step).max(0);
                let index = at as u64;
                let is_old = highest.is_some_and(|h: u64| h > index && h - index >= 128);
                prop_assert_eq!(window.insert(index), !is_old && !seen.contains(&index));
                if !is_old {
                    seen.insert(index);
                }
                highest = Some(highest.map_or(index, |h: u64| h.max(index)));
                prop_assert_eq!(window.highest(), highest);
            }
        }
    }
}
