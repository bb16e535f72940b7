//! DTLS with one client: the handshake that yields the SRTP keys. No application data.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use aws_lc_rs::digest;
use dimpl::{Dtls, Output};
use salon_sfu_core::{SrtpKeys, SrtpProfile};

use crate::error::SessionError;
use crate::identity::Identity;

/// Records of a handshake that wait to be sent; a flight has about five.
const MAX_QUEUED: usize = 32;

/// Why a handshake or an association is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DtlsEnd {
    /// It failed, or the certificate is not the announced one.
    Failed,
    /// The client said goodbye.
    Closed,
}

/// What driving the association brought.
#[derive(Debug)]
pub(crate) enum DtlsEvent {
    Keys(Box<SrtpKeys>),
    Ended(DtlsEnd),
}

pub(crate) struct DtlsLink {
    dtls: Dtls,
    is_client: bool,
    fingerprint: (String, Vec<u8>),
    is_verified: bool,
    has_ended: bool,
    timeout: Option<Instant>,
    /// Grows to the largest record; given by the library's demand.
    scratch: Vec<u8>,
    queued: Vec<Vec<u8>>,
}

impl std::fmt::Debug for DtlsLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DtlsLink")
            .field("is_client", &self.is_client)
            .finish_non_exhaustive()
    }
}

impl DtlsLink {
    /// An association that expects a certificate with this fingerprint.
    ///
    /// # Errors
    /// [`SessionError::BadSdp`] if the hash is not one we can compute.
    pub(crate) fn new(
        identity: &Identity,
        fingerprint: (String, Vec<u8>),
        is_client: bool,
        now: Instant,
    ) -> Result<Self, SessionError> {
        if algorithm(&fingerprint.0).is_none() {
            return Err(SessionError::BadSdp(
                "the fingerprint must be SHA-256, SHA-384 or SHA-512".to_owned(),
            ));
        }
        let mut dtls = Dtls::new_12(identity.dtls.clone(), identity.certificate.clone(), now);
        dtls.set_active(is_client);
        Ok(Self {
            dtls,
            is_client,
            fingerprint,
            is_verified: false,
            has_ended: false,
            timeout: None,
            scratch: Vec::new(),
            queued: Vec::new(),
        })
    }

    pub(crate) fn is_client(&self) -> bool {
        self.is_client
    }

    pub(crate) fn fingerprint(&self) -> &(String, Vec<u8>) {
        &self.fingerprint
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.timeout
    }

    /// Records to send, oldest first.
    pub(crate) fn take_queued(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.queued)
    }

    /// Takes a record. Garbage changes nothing: its sender may be forged.
    pub(crate) fn handle_packet(&mut self, now: Instant, packet: &[u8]) -> Option<DtlsEvent> {
        self.drive(|dtls| {
            // The library learns the time only this way.
            let is_alive = dtls.handle_timeout(now).is_ok();
            if is_alive {
                // An error is about this packet; one that ends the association shows at a timeout.
                drop(dtls.handle_packet(packet));
            }
            is_alive
        })
    }

    /// Repeats what was lost.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<DtlsEvent> {
        if self.timeout.is_some_and(|at| at > now) {
            return None;
        }
        self.drive(|dtls| dtls.handle_timeout(now).is_ok())
    }

    /// Says goodbye; what is to be sent for that is queued.
    pub(crate) fn close(&mut self) {
        let _ = self.drive(|dtls| dtls.close().is_ok());
    }

    /// One step and all that comes of it. A panic in the library ends this association, not the process.
    fn drive(&mut self, step: impl FnOnce(&mut Dtls) -> bool) -> Option<DtlsEvent> {
        if self.has_ended {
            return None;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            if step(&mut self.dtls) {
                self.drain()
            } else {
                Some(DtlsEvent::Ended(DtlsEnd::Failed))
            }
        }));
        let event = outcome.unwrap_or(Some(DtlsEvent::Ended(DtlsEnd::Failed)));
        if matches!(event, Some(DtlsEvent::Ended(_))) {
            self.has_ended = true;
            self.timeout = None;
        }
        event
    }

    fn drain(&mut self) -> Option<DtlsEvent> {
        let mut event = None;
        if self.scratch.is_empty() {
            self.scratch.resize(2048, 0);
        }
        loop {
            match self.dtls.poll_output(&mut self.scratch) {
                Output::Packet(record) => {
                    // Beyond the bound the record is as good as lost on the way; the handshake repeats it.
                    let record = Some(record).filter(|_| self.queued.len() < MAX_QUEUED);
                    self.queued.extend(record.map(<[u8]>::to_vec));
                }
                Output::BufferTooSmall { needed } => {
                    if needed <= self.scratch.len() || needed > 1 << 17 {
                        return Some(DtlsEvent::Ended(DtlsEnd::Failed));
                    }
                    self.scratch.resize(needed, 0);
                }
                Output::Timeout(at) => {
                    self.timeout = Some(at);
                    return event;
                }
                Output::PeerCert(der) => {
                    let digest = algorithm(&self.fingerprint.0).map(|a| digest::digest(a, der));
                    self.is_verified = digest.is_some_and(|d| d.as_ref() == self.fingerprint.1);
                    if !self.is_verified {
                        return Some(DtlsEvent::Ended(DtlsEnd::Failed));
                    }
                }
                Output::KeyingMaterial(material, profile) => {
                    let keys = profile_of(profile)
                        .filter(|_| self.is_verified)
                        .and_then(|p| SrtpKeys::from_dtls(p, &material, self.is_client).ok());
                    event = Some(match keys {
                        Some(keys) => DtlsEvent::Keys(Box::new(keys)),
                        None => return Some(DtlsEvent::Ended(DtlsEnd::Failed)),
                    });
                }
                Output::CloseNotify => event = Some(DtlsEvent::Ended(DtlsEnd::Closed)),
                // Nobody has a channel for application data.
                _ => {}
            }
        }
    }
}

fn algorithm(hash: &str) -> Option<&'static digest::Algorithm> {
    match hash {
        "sha-256" => Some(&digest::SHA256),
        "sha-384" => Some(&digest::SHA384),
        "sha-512" => Some(&digest::SHA512),
        _ => None,
    }
}

fn profile_of(profile: dimpl::SrtpProfile) -> Option<SrtpProfile> {
    match profile {
        dimpl::SrtpProfile::AEAD_AES_128_GCM => Some(SrtpProfile::AeadAes128Gcm),
        dimpl::SrtpProfile::AEAD_AES_256_GCM => Some(SrtpProfile::AeadAes256Gcm),
        dimpl::SrtpProfile::AES128_CM_SHA1_80 => Some(SrtpProfile::Aes128CmSha1_80),
        _ => None,
    }
}
