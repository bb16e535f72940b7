//! Limits on retransmissions, so that a storm of requests costs no more than its share.

/// Requests remembered; a power of two.
const SLOTS: usize = 256;
/// Retransmissions of one packet.
const MAX_PER_PACKET: u8 = 3;

#[derive(Clone, Copy)]
struct Entry {
    seq: u64,
    at_us: u64,
    count: u8,
}

/// When which packets of a link were last sent again.
pub struct RepairLog {
    entries: Box<[Option<Entry>]>,
}

impl Default for RepairLog {
    fn default() -> Self {
        RepairLog {
            entries: vec![None; SLOTS].into_boxed_slice(),
        }
    }
}

impl RepairLog {
    /// Whether the packet may be sent again now; if so it counts as sent. A packet that went less than `pause_us` ago
    /// is still on its way.
    pub fn permit(&mut self, seq: u64, now_us: u64, pause_us: u64) -> bool {
        let Some(slot) = self.entries.get_mut((seq % SLOTS as u64) as usize) else {
            return false;
        };
        let count = match slot {
            Some(entry) if entry.seq == seq => {
                if entry.count >= MAX_PER_PACKET || now_us < entry.at_us.saturating_add(pause_us) {
                    return false;
                }
                entry.count + 1
            }
            _ => 1,
        };
        *slot = Some(Entry {
            seq,
            at_us: now_us,
            count,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_sent_again_three_times_with_pauses() {
        let mut log = RepairLog::default();
        let sent: Vec<u64> = (0..2000)
            .step_by(10)
            .filter(|ms| log.permit(7, ms * 1000, 100_000))
            .collect();
        assert_eq!(sent, [0, 100, 200]);
        assert!(log.permit(8, 0, 100_000));
    }
}
