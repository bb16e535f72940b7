//! SRTP and SRTCP (RFC 3711, RFC 7714).

mod keys;

pub use keys::{BadKeyLength, SrtpKeys, SrtpProfile};
