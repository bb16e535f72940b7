//! The room's time: microseconds since it was first told the time, and what RTP and RTCP make of them.

use std::time::Instant;

/// Seconds of the NTP time that stands for the room's start. Receivers only compare NTP times of the same sender, so any
/// constant will do; it must not be zero.
const NTP_START_S: u64 = 0xea00_0000;

#[derive(Default)]
pub(super) struct RoomClock {
    start: Option<Instant>,
}

impl RoomClock {
    /// Microseconds since the first call.
    pub(super) fn micros(&mut self, now: Instant) -> u64 {
        let start = *self.start.get_or_insert(now);
        u64::try_from(now.saturating_duration_since(start).as_micros()).unwrap_or(u64::MAX)
    }
}

/// NTP time, 32.32 bits.
pub(super) fn ntp(now_us: u64) -> u64 {
    let fraction = ((now_us % 1_000_000) << 32) / 1_000_000;
    ((NTP_START_S + now_us / 1_000_000) << 32).wrapping_add(fraction)
}

/// What [`ntp`] was made of; negative before the room's start.
pub(super) fn ntp_micros(ntp: u64) -> i64 {
    let since = ntp.wrapping_sub(NTP_START_S << 32).cast_signed();
    ((i128::from(since) * 1_000_000) >> 32) as i64
}

/// Units of an RTP clock, wrapping.
pub(super) fn rtp_units(us: u64, clock_hz: u32) -> u32 {
    (u128::from(us) * u128::from(clock_hz) / 1_000_000) as u32
}

/// The 6.18 fixed point seconds of the abs-send-time extension.
pub(super) fn abs_send_time(now_us: u64) -> u32 {
    ((u128::from(now_us) << 18) / 1_000_000) as u32 & 0xff_ffff
}

/// A stretch of NTP time in units of an RTP clock; negative ones too.
pub(super) fn ntp_in_rtp_units(ntp_delta: i64, clock_hz: u32) -> u32 {
    ((i128::from(ntp_delta) * i128::from(clock_hz)) >> 32) as u32
}

/// Start values for sequence numbers and timestamps (splitmix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
