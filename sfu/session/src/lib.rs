//! What happens between a peer and us before and beside its media: SDP, ICE, DTLS.

mod identity;

pub use identity::{Identity, IdentityError};
