//! A UDP socket that reads in batches and knows when the kernel received each datagram.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};

/// Largest datagram read; media is below the usual Ethernet frame.
const DATAGRAM_BYTES: usize = 2048;
/// Datagrams taken with one system call.
const BATCH: usize = 32;
/// What the kernel grants at most without special rights on the machines this runs on.
const RECEIVE_BUFFER_BYTES: usize = 4 << 20;

/// Nanoseconds since the epoch, by the clock that also stamps received datagrams.
#[must_use]
pub fn wall_clock_ns() -> u64 {
    clock_gettime(ClockId::CLOCK_REALTIME).map_or(0, |now| nanoseconds(&now))
}

fn nanoseconds(time: &TimeSpec) -> u64 {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    let rest = u64::try_from(time.tv_nsec()).unwrap_or(0);
    seconds * 1_000_000_000 + rest
}

/// A datagram as it came from the kernel.
pub(crate) struct Datagram<'a> {
    pub from: SocketAddr,
    /// When the kernel received it, see [`wall_clock_ns`].
    pub received_ns: u64,
    pub bytes: &'a [u8],
}

/// One loopback UDP socket.
#[derive(Debug)]
pub(crate) struct Socket {
    socket: UdpSocket,
    address: SocketAddr,
}

impl Socket {
    /// Binds to a free port of loopback.
    pub fn bind() -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER_BYTES)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends one datagram. A full buffer loses it, as a network would.
    pub fn send(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        match self.socket.send_to(bytes, to) {
            Ok(_) => Ok(()),
            // An ICMP error of an earlier datagram is told at the next call; UDP goes on.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The memory of one batch of datagrams, shared by all sockets of a thread.
pub(crate) struct ReceiveBatch {
    buffers: Vec<[u8; DATAGRAM_BYTES]>,
    arrivals: Vec<Arrival>,
}

#[derive(Clone, Copy)]
struct Arrival {
    from: SocketAddr,
    received_ns: u64,
    len: usize,
}

impl ReceiveBatch {
    pub fn new() -> Self {
        Self {
            buffers: vec![[0; DATAGRAM_BYTES]; BATCH],
            arrivals: Vec::with_capacity(BATCH),
        }
    }

    /// Reads what waits at the socket, at most one batch. Says how many datagrams came.
    pub fn receive(&mut self, socket: &Socket) -> io::Result<usize> {
        self.arrivals.clear();
        let mut headers: MultiHeaders<SockaddrIn> =
            MultiHeaders::preallocate(BATCH, Some(nix::cmsg_space!(TimeSpec)));
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = self
            .buffers
            .iter_mut()
            .map(|buffer| [IoSliceMut::new(buffer)])
            .collect();
        let received = recvmmsg(
            socket.socket.as_raw_fd(),
            &mut headers,
            slices.iter_mut(),
            MsgFlags::MSG_DONTWAIT,
            None,
        );
        let messages = match received {
            Ok(messages) => messages,
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::ECONNREFUSED) => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        for message in messages {
            let stamp = message.cmsgs().ok().and_then(|mut all| {
                all.find_map(|one| match one {
                    ControlMessageOwned::ScmTimestampns(time) => Some(nanoseconds(&time)),
                    _ => None,
                })
            });
            let from = message.address.map_or(
                SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0),
                SocketAddrV4::from,
            );
            self.arrivals.push(Arrival {
                from: SocketAddr::V4(from),
                received_ns: stamp.unwrap_or_else(wall_clock_ns),
                len: message.bytes,
            });
        }
        Ok(self.arrivals.len())
    }

    /// The datagrams of the last call of [`Self::receive`].
    pub fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.arrivals
            .iter()
            .zip(&self.buffers)
            .map(|(arrival, buffer)| Datagram {
                from: arrival.from,
                received_ns: arrival.received_ns,
                bytes: &buffer[..arrival.len.min(DATAGRAM_BYTES)],
            })
    }
}
