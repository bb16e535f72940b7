//! Leaves out silence: a muted microphone sends packets all day long.

use std::collections::VecDeque;

use crate::voice::Stretch;

/// Root mean square of samples above which there may be speech: about -52 dB of full scale.
const LOUD: i64 = 80;
/// Stretches of 100 ms before the first loud one: the beginning of a word is soft.
const BEFORE: usize = 3;
/// Stretches after the last loud one, long enough for a model to notice the end of a phrase.
const AFTER: usize = 10;

/// The gate of one voice.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    held: VecDeque<Stretch>,
    open_for: usize,
}

impl Gate {
    /// Takes a stretch, gives what is to be listened to, in order.
    pub(crate) fn pass(&mut self, stretch: Stretch, mut give: impl FnMut(Stretch)) {
        if is_loud(&stretch.pcm) {
            self.held.drain(..).for_each(&mut give);
            self.open_for = AFTER;
            give(stretch);
        } else if self.open_for > 0 {
            self.open_for -= 1;
            give(stretch);
        } else {
            if self.held.len() >= BEFORE {
                self.held.pop_front();
            }
            self.held.push_back(stretch);
        }
    }
}

fn is_loud(pcm: &[i16]) -> bool {
    let sum: i64 = pcm
        .iter()
        .map(|sample| i64::from(*sample) * i64::from(*sample))
        .sum();
    let count = i64::try_from(pcm.len()).unwrap_or(i64::MAX);
    sum > count.saturating_mul(LOUD * LOUD)
}

#[cfg(test)]
mod tests {
    use super::{AFTER, BEFORE, Gate};
    use crate::voice::Stretch;

    fn stretch(at: u64, level: i16) -> Stretch {
        Stretch {
            at_us: at,
            has_gap: false,
            pcm: vec![level; 1600],
        }
    }

    #[test]
    fn silence_stays_outside_and_the_edges_of_speech_do_not() {
        let mut gate = Gate::default();
        let mut given = Vec::new();
        let levels = [0; 20].iter().chain(&[1000; 5]).chain(&[0; 40]);
        for (at, level) in levels.enumerate() {
            gate.pass(stretch(at as u64, *level), |out| given.push(out.at_us));
        }
        let first = 20 - BEFORE as u64;
        let last = 24 + AFTER as u64;
        assert_eq!(given, (first..=last).collect::<Vec<_>>());
    }
}
