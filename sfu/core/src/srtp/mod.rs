//! SRTP and SRTCP (RFC 3711, RFC 7714): master keys, session keys, sealing and opening.

mod cipher;
mod context;
mod derive;
mod keys;
#[cfg(test)]
mod vectors;

pub use context::{OpenError, RtcpOpener, SrtpReceiver, SrtpSender};
pub use keys::{BadKeyLength, SrtpKeys, SrtpProfile};
