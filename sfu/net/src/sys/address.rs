//! Addresses and control messages in the kernel's form.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a datagram goes, and which of our addresses it leaves from: a client on a host with several takes answers
/// only from the one it wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) remote: SocketAddr,
    /// `None`: whatever the kernel picks.
    pub(crate) local: Option<IpAddr>,
}

/// An address in the kernel's form.
#[derive(Clone, Copy)]
pub(crate) union RawAddress {
    v4: libc::sockaddr_in,
    v6: libc::sockaddr_in6,
}

impl RawAddress {
    pub(super) const EMPTY: Self = Self {
        v6: libc::sockaddr_in6 {
            sin6_family: 0,
            sin6_port: 0,
            sin6_flowinfo: 0,
            sin6_addr: libc::in6_addr { s6_addr: [0; 16] },
            sin6_scope_id: 0,
        },
    };

    pub(super) fn new(address: SocketAddr) -> (Self, libc::socklen_t) {
        match address {
            SocketAddr::V4(a) => {
                let v4 = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: a.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from_ne_bytes(a.ip().octets()),
                    },
                    sin_zero: [0; 8],
                };
                (
                    Self { v4 },
                    size_of::<libc::sockaddr_in>() as libc::socklen_t,
                )
            }
            SocketAddr::V6(a) => {
                let v6 = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: a.port().to_be(),
                    sin6_flowinfo: a.flowinfo(),
                    sin6_addr: libc::in6_addr {
                        s6_addr: a.ip().octets(),
                    },
                    sin6_scope_id: a.scope_id(),
                };
                (
                    Self { v6 },
                    size_of::<libc::sockaddr_in6>() as libc::socklen_t,
                )
            }
        }
    }

    pub(super) fn read(&self) -> Option<SocketAddr> {
        // SAFETY: both forms start with the family, and every byte of the union is initialized (see EMPTY).
        let family = libc::c_int::from(unsafe { self.v4.sin_family });
        match family {
            libc::AF_INET => {
                // SAFETY: the family says that the kernel wrote this form.
                let a = unsafe { self.v4 };
                let ip = Ipv4Addr::from(a.sin_addr.s_addr.to_ne_bytes());
                Some(SocketAddr::new(IpAddr::V4(ip), u16::from_be(a.sin_port)))
            }
            libc::AF_INET6 => {
                // SAFETY: the family says that the kernel wrote this form.
                let a = unsafe { self.v6 };
                let ip = Ipv6Addr::from(a.sin6_addr.s6_addr);
                Some(SocketAddr::new(IpAddr::V6(ip), u16::from_be(a.sin6_port)))
            }
            _ => None,
        }
    }
}

const HEADER: usize = size_of::<libc::cmsghdr>();
/// Enough for one packet info and one segment size.
const CONTROL_WORDS: usize = 10;

/// Control messages of one datagram or message, aligned as the kernel wants them.
#[derive(Clone, Copy)]
pub(super) struct Control {
    words: [u64; CONTROL_WORDS],
    used: usize,
}

impl Control {
    pub(super) const EMPTY: Self = Self {
        words: [0; CONTROL_WORDS],
        used: 0,
    };

    /// What is to go along: the address to leave from, and the length at which to cut.
    pub(super) fn new(local: Option<IpAddr>, segment: Option<u16>) -> Self {
        let mut control = Self::EMPTY;
        match local {
            Some(IpAddr::V4(ip)) => {
                // struct in_pktinfo: interface, source, destination.
                let mut info = [0; 12];
                if let Some(source) = info.get_mut(4..8) {
                    source.copy_from_slice(&ip.octets());
                }
                control.push(libc::IPPROTO_IP, libc::IP_PKTINFO, &info);
            }
            Some(IpAddr::V6(ip)) => {
                // struct in6_pktinfo: source, interface.
                let mut info = [0; 20];
                if let Some(source) = info.get_mut(..16) {
                    source.copy_from_slice(&ip.octets());
                }
                control.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &info);
            }
            None => {}
        }
        if let Some(segment) = segment {
            control.push(libc::SOL_UDP, libc::UDP_SEGMENT, &segment.to_ne_bytes());
        }
        control
    }

    fn push(&mut self, level: libc::c_int, kind: libc::c_int, data: &[u8]) {
        let mut message = [0u8; 40];
        let length = HEADER + data.len();
        let parts: [(usize, &[u8]); 4] = [
            (0, &length.to_ne_bytes()),
            (8, &level.to_ne_bytes()),
            (12, &kind.to_ne_bytes()),
            (HEADER, data),
        ];
        for (at, part) in parts {
            if let Some(field) = message.get_mut(at..at + part.len()) {
                field.copy_from_slice(part);
            }
        }
        let padded = length.next_multiple_of(8);
        let chunks = message.chunks_exact(8).take(padded / 8);
        for (word, chunk) in self.words.iter_mut().skip(self.used / 8).zip(chunks) {
            *word = chunk.try_into().map_or(0, u64::from_ne_bytes);
        }
        self.used += padded;
    }

    /// For the kernel to read or write.
    pub(super) fn as_mut_ptr(&mut self) -> *mut libc::c_void {
        self.words.as_mut_ptr().cast()
    }

    /// Lets a header carry it, if there is anything in it. It must outlive the header's use.
    pub(super) fn attach(&mut self, header: &mut libc::mmsghdr) {
        if self.used > 0 {
            header.msg_hdr.msg_control = self.as_mut_ptr();
            header.msg_hdr.msg_controllen = self.used as _;
        }
    }

    /// Bytes the kernel may write.
    pub(super) const fn capacity() -> usize {
        CONTROL_WORDS * 8
    }

    /// The address of ours a datagram was sent to, from what the kernel wrote.
    pub(super) fn local_ip(&self, written: usize) -> Option<IpAddr> {
        let mut bytes = [0u8; CONTROL_WORDS * 8];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.words) {
            chunk.copy_from_slice(&word.to_ne_bytes());
        }
        let bytes = bytes.get(..written)?;
        let length = usize::from_ne_bytes(*bytes.first_chunk()?);
        let level = libc::c_int::from_ne_bytes(*bytes.get(8..)?.first_chunk()?);
        let kind = libc::c_int::from_ne_bytes(*bytes.get(12..)?.first_chunk()?);
        let data = bytes.get(HEADER..length)?;
        match (level, kind) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
                // The last field is the destination in the header; the one before is where an answer leaves from.
                Some(IpAddr::V4(Ipv4Addr::from(
                    *data.get(4..)?.first_chunk::<4>()?,
                )))
            }
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                Some(IpAddr::V6(Ipv6Addr::from(*data.first_chunk::<16>()?)))
            }
            _ => None,
        }
    }
}
