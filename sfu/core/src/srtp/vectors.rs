//! Known answers, and what must hold for every packet.

use proptest::prelude::*;

use super::cipher::{Cipher, Use};
use super::keys::SrtpKeys;
use super::{OpenError, SrtpProfile, SrtpReceiver, SrtpSender};

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
        .collect()
}

const PROFILES: [SrtpProfile; 3] = [
    SrtpProfile::AeadAes128Gcm,
    SrtpProfile::AeadAes256Gcm,
    SrtpProfile::Aes128CmSha1_80,
];

fn pair(profile: SrtpProfile) -> (SrtpSender, SrtpReceiver) {
    let material: Vec<u8> = (0..2 * (profile.key_bytes() + profile.salt_bytes()))
        .map(|i| i as u8)
        .collect();
    let ours = SrtpKeys::from_dtls(profile, &material, false).unwrap();
    let theirs = SrtpKeys::from_dtls(profile, &material, true).unwrap();
    (
        SrtpSender::new(&ours).unwrap(),
        SrtpReceiver::new(&theirs).unwrap(),
    )
}

/// RFC 7714 sections 16.1.1 and 16.2.1: keys are given as session keys.
#[test]
fn gcm_rtp_matches_the_published_vectors() {
    let plain = hex(
        "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
         69736120 696e2070 61727465 73207472 6573",
    );
    let salt: [u8; 12] = hex("51756964 2070726f 2071756f").try_into().unwrap();
    for (key_bytes, sealed) in [
        (
            16,
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f
             42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        ),
        (
            32,
            "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3
             b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        ),
    ] {
        let key: Vec<u8> = (0..key_bytes).collect();
        let cipher = Cipher::gcm(&key, salt).unwrap();
        let mut packet = plain.clone();
        packet.resize(plain.len() + 16, 0);
        let (header, body) = packet.split_at_mut(12);
        cipher
            .seal_rtp(0x5501_a0b2, 0xf17b, header, body, None)
            .unwrap();
        assert_eq!(packet, hex(sealed));
        let (header, body) = packet.split_at_mut(12);
        assert_eq!(
            cipher.open_rtp(0x5501_a0b2, 0xf17b, header, body),
            Ok(plain.len() - 12)
        );
        assert_eq!(packet[..plain.len()], plain);
    }
}

/// RFC 7714 section 17.1.
#[test]
fn gcm_rtcp_matches_the_published_vector() {
    let plain = hex(
        "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
         deadbeef deadbeef deadbeef deadbeef deadbeef",
    );
    let salt: [u8; 12] = hex("51756964 2070726f 2071756f").try_into().unwrap();
    let key: Vec<u8> = (0..16).collect();
    let cipher = Cipher::gcm(&key, salt).unwrap();
    let mut packet = plain.clone();
    packet.resize(plain.len() + 20, 0);
    let (header, body) = packet.split_at_mut(8);
    cipher.seal_rtcp(0x4d61_7273, 0x5d4, header, body).unwrap();
    let sealed = hex(
        "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
         c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
         45d9eade 800005d4",
    );
    assert_eq!(packet, sealed);
}

/// RFC 3711 appendix B.2, and a whole packet as libsrtp's own self-test has it.
#[test]
fn counter_mode_matches_the_published_vectors() {
    let (key, salt) = (
        hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
        hex("0EC675AD498AFEEBB6960B3AABE6"),
    );
    let keys = SrtpKeys::new(SrtpProfile::Aes128CmSha1_80, &key, &salt, &key, &salt).unwrap();
    let sender = SrtpSender::new(&keys).unwrap();
    let mut packet = hex("800f1234 decafbad cafebabe");
    let payload = [0xab; 16];
    packet.resize(12 + 16 + 10, 0);
    assert!(sender.seal_rtp(0xcafe_babe, 0x1234, 12, &mut packet, Some(&payload)));
    let sealed = hex(
        "800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb",
    );
    assert_eq!(packet, sealed);
    let receiver = SrtpReceiver::new(&keys).unwrap();
    assert_eq!(
        receiver.open_rtp(0xcafe_babe, 0x1234, 12, &mut packet),
        Ok(28)
    );
    assert_eq!(packet[12..28], payload);
}

#[test]
fn key_material_of_the_wrong_length_is_refused() {
    for profile in PROFILES {
        let right = 2 * (profile.key_bytes() + profile.salt_bytes());
        assert!(SrtpKeys::from_dtls(profile, &vec![1; right], true).is_ok());
        assert!(SrtpKeys::from_dtls(profile, &vec![1; right + 1], true).is_err());
        assert!(SrtpKeys::from_dtls(profile, &vec![1; right - 1], true).is_err());
        assert!(
            Cipher::new(
                profile,
                &SrtpKeys::from_dtls(profile, &vec![1; right], true)
                    .unwrap()
                    .local,
                Use::Rtp
            )
            .is_ok()
        );
    }
}

#[test]
fn printing_keys_shows_none() {
    let keys = SrtpKeys::from_dtls(SrtpProfile::AeadAes128Gcm, &[0x5a; 56], true).unwrap();
    assert_eq!(format!("{keys:?}"), "SrtpKeys(AeadAes128Gcm, ..)");
}

#[test]
fn rtcp_is_opened_once_and_in_any_order() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = pair(profile);
        let plain = [0x80, 201, 0, 1, 0, 0, 0, 7];
        let sealed: Vec<Vec<u8>> = (0..3)
            .map(|_| {
                let mut packet = plain.to_vec();
                packet.resize(8 + profile.rtcp_overhead_bytes(), 0);
                assert!(sender.seal_rtcp(&mut packet));
                packet
            })
            .collect();
        for at in [0, 2, 1] {
            assert_eq!(receiver.open_rtcp(&mut sealed[at].clone()), Ok(8));
            assert_eq!(
                receiver.open_rtcp(&mut sealed[at].clone()),
                Err(OpenError::Replayed)
            );
        }
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens_and_what_is_changed_does_not(
        which in 0usize..3,
        payload in prop::collection::vec(any::<u8>(), 0..300),
        ssrc: u32,
        index in 0u64..1 << 48,
        flip in any::<prop::sample::Index>(),
        in_place: bool,
    ) {
        let profile = PROFILES[which];
        let (sender, receiver) = pair(profile);
        let mut packet = [&[0x80; 12][..], &payload].concat();
        packet.resize(12 + payload.len() + profile.tag_bytes(), 0);
        if in_place {
            prop_assert!(sender.seal_rtp(ssrc, index, 12, &mut packet, None));
        } else {
            packet[12..].fill(0);
            prop_assert!(sender.seal_rtp(ssrc, index, 12, &mut packet, Some(&payload)));
        }
        let mut changed = packet.clone();
        *flip.get_mut(&mut changed) ^= 1;
        prop_assert_eq!(receiver.open_rtp(ssrc, index, 12, &mut changed), Err(OpenError::Forged));
        prop_assert_eq!(receiver.open_rtp(ssrc, index ^ (1 << 16), 12, &mut packet.clone()), Err(OpenError::Forged));
        prop_assert_eq!(receiver.open_rtp(ssrc, index, 12, &mut packet), Ok(12 + payload.len()));
        prop_assert_eq!(&packet[12..12 + payload.len()], &payload[..]);
    }

    #[test]
    fn any_bytes_are_refused_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..80), which in 0usize..3) {
        let (_, mut receiver) = pair(PROFILES[which]);
        prop_assert!(receiver.open_rtcp(&mut bytes.clone()).is_err());
        for header in [0, 12, 90] {
            prop_assert!(receiver.open_rtp(1, 2, header, &mut bytes).is_err());
        }
    }
}
