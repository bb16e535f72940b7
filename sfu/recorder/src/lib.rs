//! Recording: from the packets of a room to files that play, while the meeting goes on.
//!
//! Pure parts put packets in order ([`Reorder`]), make frames of them, lay frames out as Matroska and decide where
//! segments begin; the shell ([`Writer`]) is one thread that owns the files. Media threads hand it batches and never
//! wait for it. The layout on disk is described in `docs/recording-format.md`.

#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod batch;
mod clock;
mod config;
mod depacketize;
mod disk;
mod index;
mod matroska;
mod recording;
mod reorder;
mod speech;
mod track;
mod writer;

pub use batch::{Batch, Heard, Lost, RecordingKey, Tape};
pub use clock::Clock;
pub use disk::{Disk, Files, Sink};
pub use reorder::Reorder;
pub use writer::{Message, Notice, RecorderFigures, StartError, State, Summary, Writer};
