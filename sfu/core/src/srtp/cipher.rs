//! The transforms: one key set for RTP or for RTCP of one direction.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroize;

use super::derive::{Label, counter_mode_key, derive};
use super::keys::{BadKeyLength, MAX_KEY, MasterKey, SrtpProfile};

const GCM_TAG: usize = 16;
const HMAC_TAG: usize = 10;

/// A packet did not seal or open. Opening fails on forged input; sealing only on a wrong buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CipherFault;

/// Which of the two key sets of a direction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Rtp,
    Rtcp,
}

/// Key schedules and salt of one use of one direction.
pub(super) enum Cipher {
    Gcm {
        key: LessSafeKey,
        salt: [u8; 12],
    },
    CounterMode {
        key: Box<EncryptingKey>,
        auth: Box<hmac::Key>,
        salt: [u8; 14],
    },
}

impl Cipher {
    pub(super) fn new(
        profile: SrtpProfile,
        master: &MasterKey,
        purpose: Use,
    ) -> Result<Cipher, BadKeyLength> {
        let (key_label, auth_label, salt_label) = match purpose {
            Use::Rtp => (Label::RtpKey, Label::RtpAuth, Label::RtpSalt),
            Use::Rtcp => (Label::RtcpKey, Label::RtcpAuth, Label::RtcpSalt),
        };
        let mut buffer = [0; MAX_KEY];
        let key = buffer.get_mut(..profile.key_bytes()).ok_or(BadKeyLength)?;
        derive(master.key(), master.salt(), key_label, key)?;
        let cipher = match profile {
            SrtpProfile::AeadAes128Gcm | SrtpProfile::AeadAes256Gcm => {
                let mut salt = [0; 12];
                derive(master.key(), master.salt(), salt_label, &mut salt)?;
                Cipher::gcm(key, salt)?
            }
            SrtpProfile::Aes128CmSha1_80 => {
                let (mut salt, mut auth) = ([0; 14], [0; 20]);
                derive(master.key(), master.salt(), salt_label, &mut salt)?;
                derive(master.key(), master.salt(), auth_label, &mut auth)?;
                let auth_key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &auth);
                auth.zeroize();
                Cipher::CounterMode {
                    key: Box::new(counter_mode_key(key)?),
                    auth: Box::new(auth_key),
                    salt,
                }
            }
        };
        buffer.zeroize();
        Ok(cipher)
    }

    /// A cipher of given session keys.
    pub(super) fn gcm(key: &[u8], salt: [u8; 12]) -> Result<Cipher, BadKeyLength> {
        let algorithm = if key.len() == 32 {
            &AES_256_GCM
        } else {
            &AES_128_GCM
        };
        let key = UnboundKey::new(algorithm, key).map_err(|_| BadKeyLength)?;
        Ok(Cipher::Gcm {
            key: LessSafeKey::new(key),
            salt,
        })
    }

    pub(super) const fn tag_bytes(&self) -> usize {
        match self {
            Cipher::Gcm { .. } => GCM_TAG,
            Cipher::CounterMode { .. } => HMAC_TAG,
        }
    }

    /// Seals RTP: `header` is in the clear, `body` holds the plain payload with room for the tag behind it. With
    /// `payload` the plain text is read from there instead, which saves a copy.
    #[inline]
    pub(super) fn seal_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header: &[u8],
        body: &mut [u8],
        payload: Option<&[u8]>,
    ) -> Result<(), CipherFault> {
        let plain_len = body
            .len()
            .checked_sub(self.tag_bytes())
            .ok_or(CipherFault)?;
        let (text, tag) = body.split_at_mut_checked(plain_len).ok_or(CipherFault)?;
        match self {
            Cipher::Gcm { key, salt } => {
                let nonce = rtp_nonce(salt, ssrc, index);
                let sealed = match payload {
                    Some(payload) => key.seal_out_of_place_scatter(
                        nonce,
                        Aad::from(header),
                        payload,
                        text,
                        &[],
                        tag,
                    ),
                    None => key.seal_in_place_scatter(nonce, Aad::from(header), text, &[], tag),
                };
                sealed.map_err(|_| CipherFault)
            }
            Cipher::CounterMode { key, auth, salt } => {
                if let Some(payload) = payload {
                    if payload.len() != text.len() {
                        return Err(CipherFault);
                    }
                    text.copy_from_slice(payload);
                }
                apply_key_stream(key, salt, ssrc, index, text)?;
                let code = authenticate(auth, header, text, roc(index));
                copy_tag(&code, tag)
            }
        }
    }

    /// Opens RTP in place: gives the length of the plain payload at the start of `body`.
    pub(super) fn open_rtp(
        &self,
        ssrc: u32,
        index: u64,
        header: &[u8],
        body: &mut [u8],
    ) -> Result<usize, CipherFault> {
        let plain_len = body
            .len()
            .checked_sub(self.tag_bytes())
            .ok_or(CipherFault)?;
        match self {
            Cipher::Gcm { key, salt } => {
                key.open_in_place(rtp_nonce(salt, ssrc, index), Aad::from(header), body)
                    .map_err(|_| CipherFault)?;
            }
            Cipher::CounterMode { key, auth, salt } => {
                let (text, tag) = body.split_at_mut_checked(plain_len).ok_or(CipherFault)?;
                verify(&authenticate(auth, header, text, roc(index)), tag)?;
                apply_key_stream(key, salt, ssrc, index, text)?;
            }
        }
        Ok(plain_len)
    }

    /// Seals RTCP: `header` is the first eight bytes, `body` the rest with room for tag and index word behind it.
    pub(super) fn seal_rtcp(
        &self,
        ssrc: u32,
        index: u32,
        header: &[u8],
        body: &mut [u8],
    ) -> Result<(), CipherFault> {
        let plain_len = body
            .len()
            .checked_sub(self.tag_bytes() + 4)
            .ok_or(CipherFault)?;
        let (text, trailer) = body.split_at_mut_checked(plain_len).ok_or(CipherFault)?;
        let word = (index | ENCRYPTED).to_be_bytes();
        match self {
            Cipher::Gcm { key, salt } => {
                let (tag, word_at) = trailer.split_at_mut_checked(GCM_TAG).ok_or(CipherFault)?;
                word_at.copy_from_slice(&word);
                let aad = rtcp_aad(header, word)?;
                key.seal_in_place_scatter(
                    rtcp_nonce(salt, ssrc, index),
                    Aad::from(&aad),
                    text,
                    &[],
                    tag,
                )
                .map_err(|_| CipherFault)
            }
            Cipher::CounterMode { key, auth, salt } => {
                let (word_at, tag) = trailer.split_at_mut_checked(4).ok_or(CipherFault)?;
                word_at.copy_from_slice(&word);
                apply_key_stream(key, salt, ssrc, index.into(), text)?;
                copy_tag(&authenticate(auth, header, text, word), tag)
            }
        }
    }

    /// The index word of a sealed RTCP packet, and whether it says that the packet is encrypted.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Option<(u32, bool)> {
        let at = match self {
            Cipher::Gcm { .. } => packet.len().checked_sub(4)?,
            Cipher::CounterMode { .. } => packet.len().checked_sub(4 + HMAC_TAG)?,
        };
        let word = crate::rtp::be32(packet, at)?;
        Some((word & !ENCRYPTED, word & ENCRYPTED != 0))
    }

    /// Opens RTCP in place: gives the length of the plain text at the start of `body`. Packets that are only
    /// authenticated are refused: WebRTC always encrypts.
    pub(super) fn open_rtcp(
        &self,
        ssrc: u32,
        index: u32,
        header: &[u8],
        body: &mut [u8],
    ) -> Result<usize, CipherFault> {
        let plain_len = body
            .len()
            .checked_sub(self.tag_bytes() + 4)
            .ok_or(CipherFault)?;
        let word = (index | ENCRYPTED).to_be_bytes();
        match self {
            Cipher::Gcm { key, salt } => {
                let sealed = body.get_mut(..plain_len + GCM_TAG).ok_or(CipherFault)?;
                let aad = rtcp_aad(header, word)?;
                key.open_in_place(rtcp_nonce(salt, ssrc, index), Aad::from(&aad), sealed)
                    .map_err(|_| CipherFault)?;
            }
            Cipher::CounterMode { key, auth, salt } => {
                let (text, trailer) = body.split_at_mut_checked(plain_len).ok_or(CipherFault)?;
                verify(
                    &authenticate(auth, header, text, word),
                    trailer.get(4..).ok_or(CipherFault)?,
                )?;
                apply_key_stream(key, salt, ssrc, index.into(), text)?;
            }
        }
        Ok(plain_len)
    }
}

/// The E bit of the SRTCP index word.
const ENCRYPTED: u32 = 1 << 31;

/// Rollover counter of an index, as it is authenticated.
fn roc(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

/// RFC 7714 section 8.1.
#[inline]
fn rtp_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> Nonce {
    let value = (u128::from(ssrc) << 48) | u128::from(index & 0xffff_ffff_ffff);
    nonce(salt, value)
}

/// RFC 7714 section 9.1.
fn rtcp_nonce(salt: &[u8; 12], ssrc: u32, index: u32) -> Nonce {
    nonce(salt, (u128::from(ssrc) << 48) | u128::from(index))
}

#[inline]
fn nonce(salt: &[u8; 12], value: u128) -> Nonce {
    let mut wide = [0; 16];
    let [_, _, _, _, low @ ..] = &mut wide;
    *low = *salt;
    let [_, _, _, _, bytes @ ..] = (u128::from_be_bytes(wide) ^ value).to_be_bytes();
    Nonce::assume_unique_for_key(bytes)
}

/// RFC 7714 section 9.2: the first eight bytes and the index word.
fn rtcp_aad(header: &[u8], word: [u8; 4]) -> Result<[u8; 12], CipherFault> {
    let mut aad = [0; 12];
    let (front, back) = aad.split_at_mut(8);
    if header.len() != front.len() {
        return Err(CipherFault);
    }
    front.copy_from_slice(header);
    back.copy_from_slice(&word);
    Ok(aad)
}

/// RFC 3711 section 4.1.1.
fn apply_key_stream(
    key: &EncryptingKey,
    salt: &[u8; 14],
    ssrc: u32,
    index: u64,
    text: &mut [u8],
) -> Result<(), CipherFault> {
    let mut wide = [0; 16];
    let [front @ .., _, _] = &mut wide;
    *front = *salt;
    let iv = u128::from_be_bytes(wide)
        ^ (u128::from(ssrc) << 64)
        ^ (u128::from(index & 0xffff_ffff_ffff) << 16);
    let context = EncryptionContext::Iv128(FixedLength::from(iv.to_be_bytes()));
    key.less_safe_encrypt(text, context)
        .map_err(|_| CipherFault)?;
    Ok(())
}

fn authenticate(auth: &hmac::Key, header: &[u8], text: &[u8], trailer: [u8; 4]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(auth);
    context.update(header);
    context.update(text);
    context.update(&trailer);
    context.sign()
}

fn copy_tag(code: &hmac::Tag, tag: &mut [u8]) -> Result<(), CipherFault> {
    tag.copy_from_slice(code.as_ref().get(..tag.len()).ok_or(CipherFault)?);
    Ok(())
}

fn verify(code: &hmac::Tag, tag: &[u8]) -> Result<(), CipherFault> {
    let expected = code.as_ref().get(..HMAC_TAG).ok_or(CipherFault)?;
    verify_slices_are_equal(expected, tag).map_err(|_| CipherFault)
}
