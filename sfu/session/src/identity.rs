//! Who we are to every peer: one certificate for the life of the process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dimpl::{Config, DtlsCertificate};

/// The DTLS certificate and settings all sessions share. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    pub(crate) certificate: DtlsCertificate,
    pub(crate) dtls: Arc<Config>,
    fingerprint: Arc<str>,
}

/// The certificate could not be made.
#[derive(Debug)]
pub struct IdentityError(String);

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no DTLS certificate: {}", self.0)
    }
}

impl std::error::Error for IdentityError {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.fingerprint)
    }
}

impl Identity {
    /// A new self-signed certificate (ECDSA P-256).
    ///
    /// # Errors
    /// The crypto library refuses.
    pub fn generate() -> Result<Self, IdentityError> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()
            .map_err(|e| IdentityError(e.to_string()))?;
        // No cookie round trip: a datagram reaches DTLS only from an address that has proved itself by ICE.
        let dtls = Config::builder()
            .use_server_cookie(false)
            // Counted from the admission of the peer; the session has the shorter clocks.
            .handshake_timeout(Duration::from_secs(150))
            .build()
            .map_err(|e| IdentityError(e.to_string()))?;
        let fingerprint = dimpl::certificate::format_fingerprint(&certificate.fingerprint()).into();
        Ok(Self {
            certificate,
            dtls: Arc::new(dtls),
            fingerprint,
        })
    }

    /// The SHA-256 fingerprint as it stands in `a=fingerprint`.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
