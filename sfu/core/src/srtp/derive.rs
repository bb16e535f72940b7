//! Session keys from master keys.

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use super::keys::{BadKeyLength, MAX_SALT};

/// What a session key is for (RFC 3711 section 4.3.2).
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Label {
    RtpKey = 0,
    RtpAuth = 1,
    RtpSalt = 2,
    RtcpKey = 3,
    RtcpAuth = 4,
    RtcpSalt = 5,
}

/// An AES counter mode key for a key of 16 or 32 bytes.
pub(super) fn counter_mode_key(key: &[u8]) -> Result<EncryptingKey, BadKeyLength> {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    let key = UnboundCipherKey::new(algorithm, key).map_err(|_| BadKeyLength)?;
    EncryptingKey::ctr(key).map_err(|_| BadKeyLength)
}

/// Fills `out` with the key stream of a label; the key derivation rate is zero, as WebRTC has it.
///
/// Source: RFC 3711 section 4.3.1 and 4.3.3; RFC 6188 for 256 bits.
pub(super) fn derive(
    master_key: &[u8],
    master_salt: &[u8; MAX_SALT],
    label: Label,
    out: &mut [u8],
) -> Result<(), BadKeyLength> {
    let mut iv = [0; 16];
    for (to, from) in iv.iter_mut().zip(master_salt) {
        *to = *from;
    }
    let [_, _, _, _, _, _, _, label_byte, ..] = &mut iv;
    *label_byte ^= label as u8;
    out.fill(0);
    counter_mode_key(master_key)?
        .less_safe_encrypt(out, EncryptionContext::Iv128(FixedLength::from(iv)))
        .map_err(|_| BadKeyLength)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    /// RFC 3711 appendix B.3.
    #[test]
    fn session_keys_match_the_published_vectors() {
        let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
        let salt: [u8; 14] = hex("0EC675AD498AFEEBB6960B3AABE6").try_into().unwrap();
        let mut out = [0; 16];
        derive(&key, &salt, Label::RtpKey, &mut out).unwrap();
        assert_eq!(out.to_vec(), hex("C61E7A93744F39EE10734AFE3FF7A087"));
        let mut out = [0; 14];
        derive(&key, &salt, Label::RtpSalt, &mut out).unwrap();
        assert_eq!(out.to_vec(), hex("30CBBC08863D8C85D49DB34A9AE1"));
        let mut out = [0; 20];
        derive(&key, &salt, Label::RtpAuth, &mut out).unwrap();
        assert_eq!(
            out.to_vec(),
            hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
        );
    }
}
