//! What can go wrong in a client peer.

use str0m::RtcError;

/// Why a client peer could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// The SDP text does not parse.
    #[error("the SDP does not parse: {0}")]
    Sdp(String),
    /// str0m refused an operation.
    #[error("the session refused: {0}")]
    Session(#[from] RtcError),
    /// The socket failed.
    #[error("the socket failed: {0}")]
    Io(#[from] std::io::Error),
    /// An answer came although no offer of ours is out.
    #[error("no offer of this peer is waiting for an answer")]
    NoPendingOffer,
    /// The session keeps asking for attention without getting anywhere.
    #[error("the session does not come to rest")]
    Stuck,
    /// There is nothing to negotiate.
    #[error("there is nothing to offer")]
    NothingToOffer,
}
