//! RTCP (RFC 3550, RFC 4585, RFC 5104): reading compound packets and writing ours.

mod read;
mod twcc;
mod write;

pub use read::{NackSeqs, Packets, ReportBlock, ReportBlocks, RtcpPacket, Ssrcs};
pub use twcc::{Arrival, TwccStatuses, write_twcc};
pub use write::{MAX_RTCP_BYTES, RtcpWriter};

/// Packet types (RFC 3550 section 12.1, RFC 4585 section 6.1).
mod kind {
    pub const SR: u8 = 200;
    pub const RR: u8 = 201;
    pub const SDES: u8 = 202;
    pub const BYE: u8 = 203;
    pub const TRANSPORT_FEEDBACK: u8 = 205;
    pub const PAYLOAD_FEEDBACK: u8 = 206;
}

/// Feedback message types.
mod format {
    pub const NACK: u8 = 1;
    pub const TWCC: u8 = 15;
    pub const PLI: u8 = 1;
    pub const FIR: u8 = 4;
    pub const APPLICATION: u8 = 15;
}
