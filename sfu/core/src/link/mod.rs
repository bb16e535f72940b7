//! What carries one track to one subscriber: numbering, payload types, header extensions, retransmissions.

mod repair;
mod state;
mod write;

pub use repair::RepairLog;
pub(crate) use state::{Clock, MAX_PAYLOADS, Start};
pub use state::{Link, Passage};
pub use write::{Outgoing, WritePlan};
