//! Loss on purpose, between a peer and its socket.

use crate::random::Random;

/// Drops a share of the RTP and RTCP datagrams of one direction; STUN and DTLS always pass.
#[derive(Clone, Debug)]
pub struct Loss {
    random: Random,
    per_mille: u64,
    dropped: u64,
}

impl Loss {
    /// A direction that loses nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::seeded(0, 1)
    }

    /// A direction that loses `per_mille` of a thousand datagrams, the same ones for the same seed.
    #[must_use]
    pub fn seeded(per_mille: u64, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            per_mille,
            dropped: 0,
        }
    }

    /// Says whether this datagram is lost, and counts it if so.
    pub fn drops(&mut self, datagram: &[u8]) -> bool {
        // RFC 7983: RTP and RTCP have a first byte of 128 to 191.
        let is_media = matches!(datagram.first(), Some(128..=191));
        if self.per_mille == 0 || !is_media {
            return false;
        }
        let lost = self.random.below(1000) < self.per_mille;
        self.dropped += u64::from(lost);
        lost
    }

    /// How many datagrams were lost so far.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_lost_and_handshakes_pass() {
        let mut loss = Loss::seeded(50, 7);
        let lost = (0..10_000).filter(|_| loss.drops(&[0x80, 96])).count();
        assert!((400..600).contains(&lost), "{lost} of 10000");
        assert_eq!(loss.dropped(), lost as u64);
        assert!((0..1000).all(|_| !loss.drops(&[22, 254])));
    }
}
