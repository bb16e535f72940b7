//! What a publisher sends: sources, losses, the cache that repairs subscribers, key frame requests.

mod cache;
mod keyframes;
mod nack;
mod publication;
mod reception;
mod recorder;

pub use cache::{CachedPacket, PacketCache};
pub use keyframes::KeyframeRequests;
pub use nack::{MissingPackets, NackVerdict};
pub(crate) use publication::SourceName;
pub use publication::Track;
pub use reception::{Reception, SenderClock};
pub use recorder::ArrivalRecorder;
