//! STUN as an ICE-lite agent needs it (RFC 8489, RFC 8445): binding requests in, their responses out.

use std::net::{IpAddr, SocketAddr};

use aws_lc_rs::hmac;

const HEADER: usize = 20;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;

const HMAC_BYTES: usize = 20;
/// Attributes looked at in one message; a browser sends about eight.
const MAX_ATTRIBUTES: usize = 32;

/// A binding request, not yet authenticated.
#[derive(Clone, Copy, Debug)]
pub struct BindingRequest<'a> {
    bytes: &'a [u8],
    transaction: [u8; 12],
    username: Option<&'a str>,
    /// Where MESSAGE-INTEGRITY starts, and its value.
    integrity: Option<(usize, &'a [u8])>,
    /// The sender nominates this path.
    pub use_candidate: bool,
    /// The sender believes itself to be the controlled side.
    pub is_controlled: bool,
}

impl<'a> BindingRequest<'a> {
    /// Reads a datagram; `None` if it is no well-formed binding request.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER>()?;
        let [t0, t1, l0, l1, c0, c1, c2, c3, transaction @ ..] = *header;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if u16::from_be_bytes([t0, t1]) != BINDING_REQUEST
            || [c0, c1, c2, c3] != COOKIE
            || length % 4 != 0
            || length.checked_add(HEADER)? != bytes.len()
        {
            return None;
        }
        let mut request = Self {
            bytes,
            transaction,
            username: None,
            integrity: None,
            use_candidate: false,
            is_controlled: false,
        };
        request.read_attributes()?;
        Some(request)
    }

    fn read_attributes(&mut self) -> Option<()> {
        let mut at = HEADER;
        for _ in 0..MAX_ATTRIBUTES {
            let Some([k0, k1, l0, l1]) = self
                .bytes
                .get(at..)
                .and_then(|b| b.first_chunk::<4>())
                .copied()
            else {
                return (at == self.bytes.len()).then_some(());
            };
            let length = usize::from(u16::from_be_bytes([l0, l1]));
            let start = at.checked_add(4)?;
            let end = start.checked_add(length)?;
            let value = self.bytes.get(start..end)?;
            // What follows the integrity is not covered by it and means nothing, but for the fingerprint.
            match (u16::from_be_bytes([k0, k1]), self.integrity) {
                (USERNAME, None) => self.username = Some(std::str::from_utf8(value).ok()?),
                (USE_CANDIDATE, None) => self.use_candidate = true,
                (ICE_CONTROLLED, None) => self.is_controlled = true,
                (MESSAGE_INTEGRITY, None) if length == HMAC_BYTES => {
                    self.integrity = Some((at, value))
                }
                (FINGERPRINT, _) => {
                    let covered = self.bytes.get(..at)?;
                    if value != fingerprint(covered).to_be_bytes() {
                        return None;
                    }
                }
                _ => {}
            }
            at = end.checked_next_multiple_of(4)?;
        }
        None
    }

    /// The part of USERNAME that names us; `None` for a plain binding request.
    pub fn local_ufrag(&self) -> Option<&'a str> {
        self.username?.split_once(':').map(|(local, _)| local)
    }

    /// Whether nobody is named in it: a client that asks for its own address.
    pub fn is_anonymous(&self) -> bool {
        self.username.is_none() && self.integrity.is_none()
    }

    /// Whether it was made with this password.
    pub fn is_authentic(&self, password: &str) -> bool {
        let Some((at, value)) = self.integrity else {
            return false;
        };
        let Some((head, rest)) = self
            .bytes
            .get(..at)
            .and_then(|covered| covered.split_at_checked(4))
        else {
            return false;
        };
        // RFC 8489 14.5: the length in the header counts up to and including the integrity.
        let length = at.saturating_add(4 + HMAC_BYTES).saturating_sub(HEADER);
        let (Some(kind), Ok(length)) = (head.get(..2), u16::try_from(length)) else {
            return false;
        };
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        let mut signed = Vec::with_capacity(at);
        signed.extend_from_slice(kind);
        signed.extend_from_slice(&length.to_be_bytes());
        signed.extend_from_slice(rest);
        hmac::verify(&key, &signed, value).is_ok()
    }

    /// A success response that tells the sender its address; signed if a password is given.
    pub fn success(&self, from: SocketAddr, password: Option<&str>) -> Vec<u8> {
        let mut message = Message::new(BINDING_SUCCESS, self.transaction);
        message.mapped_address(from);
        message.finish(password)
    }

    /// "487 Role Conflict": of the two of us, the client is the controlling one.
    pub fn role_conflict(&self, password: &str) -> Vec<u8> {
        let mut message = Message::new(BINDING_ERROR, self.transaction);
        message.attribute(ERROR_CODE, b"\x00\x00\x04\x57Role Conflict");
        message.finish(Some(password))
    }
}

/// CRC-32 of ISO-HDLC, crossed as RFC 8489 14.7 wants it. Bit by bit: a request has about 100 bytes.
fn fingerprint(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc >>= 1;
            crc ^= 0xEDB8_8320 & carry.wrapping_neg();
        }
    }
    !crc ^ 0x5354_554E
}

/// A response being written. Its length field always tells what is there so far.
struct Message(Vec<u8>);

impl Message {
    fn new(kind: u16, transaction: [u8; 12]) -> Self {
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(&kind.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&COOKIE);
        bytes.extend_from_slice(&transaction);
        Self(bytes)
    }

    fn attribute(&mut self, kind: u16, value: &[u8]) {
        self.0.extend_from_slice(&kind.to_be_bytes());
        self.0
            .extend_from_slice(&(value.len() as u16).to_be_bytes());
        self.0.extend_from_slice(value);
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self.count(0);
    }

    /// Sets the length as if `more` bytes were there already.
    fn count(&mut self, more: usize) {
        let length = (self.0.len() + more - HEADER) as u16;
        if let Some(field) = self.0.get_mut(2..4) {
            field.copy_from_slice(&length.to_be_bytes());
        }
    }

    fn mapped_address(&mut self, address: SocketAddr) {
        let mut value = vec![0, if address.is_ipv4() { 1 } else { 2 }];
        let [c0, c1, ..] = COOKIE;
        let [p0, p1] = address.port().to_be_bytes();
        value.extend_from_slice(&[p0 ^ c0, p1 ^ c1]);
        let mask = self.0.get(4..HEADER).unwrap_or_default().to_vec();
        let crossed = |octets: &[u8]| {
            octets
                .iter()
                .zip(&mask)
                .map(|(a, m)| a ^ m)
                .collect::<Vec<u8>>()
        };
        match address.ip() {
            IpAddr::V4(ip) => value.extend(crossed(&ip.octets())),
            IpAddr::V6(ip) => value.extend(crossed(&ip.octets())),
        }
        self.attribute(XOR_MAPPED_ADDRESS, &value);
    }

    fn finish(mut self, password: Option<&str>) -> Vec<u8> {
        if let Some(password) = password {
            self.count(4 + HMAC_BYTES);
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
            let tag = hmac::sign(&key, &self.0);
            self.attribute(MESSAGE_INTEGRITY, tag.as_ref());
        }
        self.count(8);
        let crc = fingerprint(&self.0);
        self.attribute(FINGERPRINT, &crc.to_be_bytes());
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 2.1: sample request, password "VOkJxbRl1RmTxUk/WvJxBt".
    const SAMPLE: [u8; 108] = [
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6,
        0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74,
        0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e,
        0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36,
        0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20,
        0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e,
        0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5,
        0x7a, 0x3b, 0xcf,
    ];

    #[test]
    fn the_sample_of_the_rfc_is_authentic() {
        let request = BindingRequest::parse(&SAMPLE).unwrap();
        assert_eq!(request.local_ufrag(), Some("evtj"));
        assert!(request.is_controlled);
        assert!(!request.use_candidate);
        assert!(request.is_authentic("VOkJxbRl1RmTxUk/WvJxBt"));
        assert!(!request.is_authentic("VOkJxbRl1RmTxUk/WvJxBu"));
    }

    #[test]
    fn any_flipped_byte_is_noticed() {
        // The integrity ends at byte 100; the name of the fingerprint after it is covered by nothing.
        for at in (0..100).chain(104..SAMPLE.len()) {
            let mut bytes = SAMPLE;
            bytes[at] ^= 0x10;
            let is_taken = BindingRequest::parse(&bytes)
                .is_some_and(|r| r.is_authentic("VOkJxbRl1RmTxUk/WvJxBt"));
            assert!(!is_taken, "byte {at}");
        }
    }

    #[test]
    fn a_response_maps_the_address_and_is_signed() {
        let request = BindingRequest::parse(&SAMPLE).unwrap();
        let response = request.success("192.0.2.1:32853".parse().unwrap(), Some("secret"));
        // RFC 5769 2.2 maps the same address under the same transaction.
        let mapped: &[u8] = &[
            0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
        ];
        assert_eq!(&response[HEADER..HEADER + mapped.len()], mapped);
        assert_eq!(
            usize::from(u16::from_be_bytes([response[2], response[3]])) + HEADER,
            response.len()
        );
        let crc_at = response.len() - 8;
        assert_eq!(
            &response[crc_at + 4..],
            fingerprint(&response[..crc_at]).to_be_bytes()
        );
    }

    #[test]
    fn a_truncated_message_is_no_message() {
        for end in 0..SAMPLE.len() {
            assert!(BindingRequest::parse(&SAMPLE[..end]).is_none());
        }
    }
}
