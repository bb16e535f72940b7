//! Client peers on real sockets, for the tests of the engine and for its bench.
//!
//! A [`TestPeer`] does what a browser does in a call: it makes the first offer, takes the answer,
//! answers the server's offers, sends audio and video, receives and counts what others send. Its
//! ICE, DTLS, SRTP and RTCP are str0m's, which the engine's media plane does not share. A
//! [`Driver`] runs any number of peers in one thread.

mod driver;
mod error;
mod link;
mod media;
mod peer;
mod random;
mod report;
mod sdp;
mod socket;

pub use driver::Driver;
pub use error::PeerError;
pub use link::Loss;
pub use media::{AudioPattern, STAMP_BYTES, Stamp, VideoCodec, VideoPattern};
pub use peer::{PeerConfig, PeerState, TestPeer};
pub use random::Random;
pub use report::{Latency, ReceivedTrack};
pub use sdp::{LineDirection, RemoteLine, lines_of};
pub use socket::wall_clock_ns;
