//! Protection profiles and the master keys that DTLS exported.

use std::fmt;

use zeroize::Zeroize;

/// Longest master key: AES-256.
pub(crate) const MAX_KEY: usize = 32;
/// Longest master salt: that of AES-CM (RFC 3711).
pub(crate) const MAX_SALT: usize = 14;

/// How packets of a peer are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SrtpProfile {
    /// `SRTP_AEAD_AES_128_GCM` (RFC 7714).
    AeadAes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM` (RFC 7714).
    AeadAes256Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80` (RFC 5764).
    Aes128CmSha1_80,
}

impl SrtpProfile {
    /// Length of a master key in bytes.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            SrtpProfile::AeadAes256Gcm => 32,
            SrtpProfile::AeadAes128Gcm | SrtpProfile::Aes128CmSha1_80 => 16,
        }
    }

    /// Length of a master salt in bytes.
    #[must_use]
    pub const fn salt_bytes(self) -> usize {
        match self {
            SrtpProfile::AeadAes128Gcm | SrtpProfile::AeadAes256Gcm => 12,
            SrtpProfile::Aes128CmSha1_80 => 14,
        }
    }

    /// What sealing adds to an RTP packet.
    #[must_use]
    pub const fn tag_bytes(self) -> usize {
        match self {
            SrtpProfile::AeadAes128Gcm | SrtpProfile::AeadAes256Gcm => 16,
            SrtpProfile::Aes128CmSha1_80 => 10,
        }
    }

    /// What sealing adds to an RTCP packet: the tag and the index word.
    #[must_use]
    pub const fn rtcp_overhead_bytes(self) -> usize {
        self.tag_bytes() + 4
    }
}

/// Key material of a length that does not fit its profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKeyLength;

impl fmt::Display for BadKeyLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SRTP key material has the wrong length for its profile")
    }
}

impl std::error::Error for BadKeyLength {}

/// Master key and salt of one direction.
#[derive(Clone)]
pub(crate) struct MasterKey {
    key: [u8; MAX_KEY],
    salt: [u8; MAX_SALT],
    profile: SrtpProfile,
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.key.zeroize();
        self.salt.zeroize();
    }
}

impl MasterKey {
    fn new(profile: SrtpProfile, key: &[u8], salt: &[u8]) -> Result<MasterKey, BadKeyLength> {
        if key.len() != profile.key_bytes() || salt.len() != profile.salt_bytes() {
            return Err(BadKeyLength);
        }
        let mut master = MasterKey {
            key: [0; MAX_KEY],
            salt: [0; MAX_SALT],
            profile,
        };
        master
            .key
            .get_mut(..key.len())
            .ok_or(BadKeyLength)?
            .copy_from_slice(key);
        master
            .salt
            .get_mut(..salt.len())
            .ok_or(BadKeyLength)?
            .copy_from_slice(salt);
        Ok(master)
    }

    /// The master key.
    pub(crate) fn key(&self) -> &[u8] {
        self.key.get(..self.profile.key_bytes()).unwrap_or_default()
    }

    /// The master salt, with zeros behind it up to the 112 bits that RFC 3711 derives from (RFC 7714 section 11).
    pub(crate) fn salt(&self) -> &[u8; MAX_SALT] {
        &self.salt
    }
}

/// The keys of one peer in both directions. Overwritten on drop; printing shows only the profile.
#[derive(Clone)]
pub struct SrtpKeys {
    pub(crate) profile: SrtpProfile,
    pub(crate) local: MasterKey,
    pub(crate) remote: MasterKey,
}

impl SrtpKeys {
    /// Keys from their parts: `local` protects what we send, `remote` what we receive.
    ///
    /// # Errors
    /// [`BadKeyLength`] if a part does not have the length of the profile.
    pub fn new(
        profile: SrtpProfile,
        local_key: &[u8],
        local_salt: &[u8],
        remote_key: &[u8],
        remote_salt: &[u8],
    ) -> Result<SrtpKeys, BadKeyLength> {
        Ok(SrtpKeys {
            profile,
            local: MasterKey::new(profile, local_key, local_salt)?,
            remote: MasterKey::new(profile, remote_key, remote_salt)?,
        })
    }

    /// Keys from what the DTLS exporter gives: client key, server key, client salt, server salt (RFC 5764 section 4.2).
    ///
    /// # Errors
    /// [`BadKeyLength`] if there is not exactly as much material as the profile takes.
    pub fn from_dtls(
        profile: SrtpProfile,
        material: &[u8],
        we_are_client: bool,
    ) -> Result<SrtpKeys, BadKeyLength> {
        let (key, salt) = (profile.key_bytes(), profile.salt_bytes());
        let (client_key, rest) = material.split_at_checked(key).ok_or(BadKeyLength)?;
        let (server_key, rest) = rest.split_at_checked(key).ok_or(BadKeyLength)?;
        let (client_salt, server_salt) = rest.split_at_checked(salt).ok_or(BadKeyLength)?;
        if we_are_client {
            SrtpKeys::new(profile, client_key, client_salt, server_key, server_salt)
        } else {
            SrtpKeys::new(profile, server_key, server_salt, client_key, client_salt)
        }
    }

    /// Whether these are the very same keys: setting them again would restart indices that are spent.
    pub(crate) fn is_same(&self, other: &SrtpKeys) -> bool {
        let is_same = |one: &MasterKey, two: &MasterKey| one.key == two.key && one.salt == two.salt;
        self.profile == other.profile
            && is_same(&self.local, &other.local)
            && is_same(&self.remote, &other.remote)
    }

    /// The protection profile.
    #[must_use]
    pub const fn profile(&self) -> SrtpProfile {
        self.profile
    }
}

impl fmt::Debug for SrtpKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SrtpKeys({:?}, ..)", self.profile)
    }
}
