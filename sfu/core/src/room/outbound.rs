//! The sending side of a peer.

use crate::media::PeerKey;
use crate::srtp::SrtpSender;

/// What is needed to send to a peer; apart from the rest, for the fan-out.
pub(super) struct Outbound {
    pub(super) key: PeerKey,
    pub(super) sender: Option<Box<SrtpSender>>,
    pub(super) transport_seq: u16,
    pub(super) packets: u64,
    pub(super) bytes: u64,
    /// Bytes of retransmissions that may be sent now.
    pub(super) repair_credit: i64,
}

/// Retransmissions may take this share of what is sent: 15 in 100.
const REPAIR_SHARE: (i64, i64) = (15, 100);
/// Credit at the start, and the most that is saved up: losses come in bursts.
const REPAIR_START: i64 = 32 * 1024;
const REPAIR_MOST: i64 = 128 * 1024;

impl Outbound {
    pub(super) const fn new(key: PeerKey) -> Outbound {
        Outbound {
            key,
            sender: None,
            transport_seq: 0,
            packets: 0,
            bytes: 0,
            repair_credit: REPAIR_START,
        }
    }

    #[inline]
    pub(super) fn on_sent(&mut self, bytes: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add(bytes as u64);
        let earned = bytes as i64 * REPAIR_SHARE.0 / REPAIR_SHARE.1;
        self.repair_credit = (self.repair_credit + earned).min(REPAIR_MOST);
    }

    #[inline]
    pub(super) const fn take_transport_seq(&mut self) -> u16 {
        let seq = self.transport_seq;
        self.transport_seq = seq.wrapping_add(1);
        seq
    }
}
