//! What happens between a peer and us before and beside its media: SDP, ICE, DTLS. Sans-IO.
//!
//! ICE is the lite half, DTLS is the `dimpl` library, and descriptions are our own text: only so can a stopped m-line
//! be used again in an offer of ours, and an idle peer costs nothing. The keys go to `salon-sfu-core`; nobody else
//! protects a packet with them.

#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod dtls;
mod error;
mod ice;
mod identity;
mod negotiation;
mod sdp;
mod session;
mod stun;

pub use error::SessionError;
pub use ice::Check;
pub use identity::{Identity, IdentityError};
pub use negotiation::Wanted;
pub use session::{GoneCause, Session, SessionConfig, SessionEvent};
pub use stun::BindingRequest;

/// Random bytes for credentials, SSRCs and ids.
fn random<const N: usize>() -> Result<[u8; N], SessionError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| SessionError::Crypto)?;
    Ok(bytes)
}
