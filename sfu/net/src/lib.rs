//! Sockets, threads and timers of the SFU engine.
//!
//! A shard is one thread with one UDP socket and the rooms that live on it; it shares nothing with other shards.
//! Commands come in by a bounded queue, events go out by another, packets touch neither.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod api;
mod engine;
mod events;
mod shard;
mod sys;

pub use api::{
    Command, Connection, EngineBusy, EngineConfig, EngineStats, Event, Failure, FailureKind,
    MediaKind, Ticket,
};
pub use engine::Engine;
pub use salon_sfu_listener::Chunk;
pub use salon_sfu_recorder::{Disk, Files, Sink, State as RecorderState};
