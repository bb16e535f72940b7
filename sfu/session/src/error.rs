//! What a session refuses.

use std::fmt;

/// Why a description or a candidate was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// It does not parse, lacks what is needed, or breaks a rule of offer and answer.
    BadSdp(String),
    /// More m-lines than a peer may have.
    TooManyLines,
    /// It answers an offer that is not pending.
    StaleNegotiation,
    /// The candidate does not parse.
    BadCandidate,
    /// The crypto library failed.
    Crypto,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadSdp(why) => f.write_str(why),
            Self::TooManyLines => f.write_str("the description has more m-lines than allowed"),
            Self::StaleNegotiation => f.write_str("the answered offer is no longer pending"),
            Self::BadCandidate => f.write_str("the candidate does not parse"),
            Self::Crypto => f.write_str("no random numbers or keys"),
        }
    }
}

impl std::error::Error for SessionError {}
