//! Listening: from the Opus packets of a room to sound that models understand, 16 kHz and one channel.
//!
//! Media threads hand packets to an [`Ear`] and never wait; one thread of the [`Listener`] puts them in order, decodes
//! them, leaves out silence and lays the rest out as [`Chunk`]s until somebody takes them. Every door is bounded: what
//! does not fit is dropped and counted.

#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod ear;
mod gate;
mod listener;
mod voice;

pub use ear::{Ear, Heard, RoomKey};
pub use listener::{Chunk, Listener, ListenerFigures};
pub use voice::{CHUNK_SAMPLES, RATE_HZ, Stretch, Voice};
