//! Many datagrams per system call: `recvmmsg` in, `sendmmsg` with UDP segmentation offload out.

use std::io;
use std::net::IpAddr;
use std::os::fd::RawFd;

use super::address::{Control, RawAddress, Route};
use super::check;

/// Longest datagram taken. A client's largest is a DTLS flight or an RTP packet, both under the usual MTU.
pub(crate) const MAX_DATAGRAM: usize = 2048;
/// Datagrams taken per call.
const RECV_BATCH: usize = 64;
/// Messages handed over per call.
const SEND_BATCH: usize = 256;
/// Datagrams of one peer in one message: the kernel's limit, and what fits the length field of the first.
const MAX_SEGMENTS: usize = 64;
const MAX_MESSAGE_BYTES: usize = 60_000;

/// Buffers for one `recvmmsg`, allocated once.
pub(crate) struct RecvBatch {
    buffers: Vec<[u8; MAX_DATAGRAM]>,
    addresses: Vec<RawAddress>,
    controls: Vec<Control>,
    vectors: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
}

impl RecvBatch {
    pub(crate) fn new() -> Self {
        Self {
            buffers: vec![[0; MAX_DATAGRAM]; RECV_BATCH],
            addresses: vec![RawAddress::EMPTY; RECV_BATCH],
            controls: vec![Control::EMPTY; RECV_BATCH],
            vectors: Vec::with_capacity(RECV_BATCH),
            headers: Vec::with_capacity(RECV_BATCH),
        }
    }

    /// Most datagrams one call gives.
    pub(crate) const fn capacity() -> usize {
        RECV_BATCH
    }

    /// Takes what waits on the socket, without waiting itself; gives how many datagrams came.
    pub(crate) fn receive(&mut self, socket: RawFd) -> io::Result<usize> {
        self.vectors.clear();
        self.headers.clear();
        for buffer in &mut self.buffers {
            self.vectors.push(libc::iovec {
                iov_base: buffer.as_mut_ptr().cast(),
                iov_len: MAX_DATAGRAM,
            });
        }
        let parts = self.addresses.iter_mut().zip(&mut self.controls);
        for (vector, (address, control)) in self.vectors.iter_mut().zip(parts) {
            let length = size_of::<RawAddress>() as libc::socklen_t;
            let mut header = header(std::ptr::from_mut(address), length, vector, 1);
            header.msg_hdr.msg_control = control.as_mut_ptr();
            header.msg_hdr.msg_controllen = Control::capacity() as _;
            self.headers.push(header);
        }
        // SAFETY: every header points at one vector, buffer, address and control of this batch; all live through the
        // call, none is shared, and their counts and sizes are those given.
        let count = check(unsafe {
            libc::recvmmsg(
                socket,
                self.headers.as_mut_ptr(),
                RECV_BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        });
        match count {
            Ok(count) => Ok(usize::try_from(count).unwrap_or(0)),
            Err(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                Ok(0)
            }
            Err(e) => Err(e),
        }
    }

    /// Datagram `index` of the last call and the way back; `None` if it was cut or its sender makes no sense.
    pub(crate) fn datagram(&mut self, index: usize) -> Option<(Route, &mut [u8])> {
        let header = self.headers.get(index)?;
        if header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 {
            return None;
        }
        let remote = self.addresses.get(index)?.read()?;
        let written = header.msg_hdr.msg_controllen;
        let local = if written == 0 {
            None
        } else {
            self.controls.get(index)?.local_ip(written)
        };
        let bytes = self
            .buffers
            .get_mut(index)?
            .get_mut(..header.msg_len as usize)?;
        Some((Route { remote, local }, bytes))
    }
}

/// A message header without control data.
fn header(
    address: *mut RawAddress,
    address_bytes: libc::socklen_t,
    vectors: *mut libc::iovec,
    count: usize,
) -> libc::mmsghdr {
    // SAFETY: all-zero is a valid mmsghdr (null pointers, zero lengths); some targets have private padding fields.
    let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
    header.msg_hdr.msg_name = address.cast();
    header.msg_hdr.msg_namelen = address_bytes;
    header.msg_hdr.msg_iov = vectors;
    header.msg_hdr.msg_iovlen = count as _;
    header
}

/// One datagram to be sent: where it lies in the arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    pub(crate) start: u32,
    pub(crate) len: u16,
}

/// What one message became made of, so that it can be sent again piece by piece.
#[derive(Clone, Copy, Debug)]
struct Message {
    address: usize,
    first_vector: usize,
    vectors: usize,
    segment: u16,
}

/// What became of the datagrams of a flush.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) datagrams: u64,
    pub(crate) messages: u64,
    pub(crate) calls: u64,
    /// The kernel's buffer was full: dropped.
    pub(crate) full: u64,
    /// Refused by the kernel for another reason, an address without route for one.
    pub(crate) failed: u64,
}

impl Sent {
    pub(crate) fn add(&mut self, other: Sent) {
        self.datagrams += other.datagrams;
        self.messages += other.messages;
        self.calls += other.calls;
        self.full += other.full;
        self.failed += other.failed;
    }
}

/// Gathers datagrams to messages and sends them. Allocates only while it grows.
pub(crate) struct SendBatch {
    addresses: Vec<(RawAddress, libc::socklen_t, Option<IpAddr>)>,
    datagrams: Vec<Outgoing>,
    vectors: Vec<libc::iovec>,
    messages: Vec<Message>,
    controls: Vec<Control>,
    headers: Vec<libc::mmsghdr>,
    uses_segments: bool,
}

// SAFETY: the pointers inside are rebuilt for every `send` and never followed outside of it.
unsafe impl Send for SendBatch {}

impl SendBatch {
    pub(crate) fn new(uses_segments: bool) -> Self {
        Self {
            addresses: Vec::new(),
            datagrams: Vec::new(),
            vectors: Vec::new(),
            messages: Vec::new(),
            controls: Vec::new(),
            headers: Vec::new(),
            uses_segments,
        }
    }

    /// Adds the datagrams of one receiver, in order. Equal lengths in a row become one message.
    pub(crate) fn push(&mut self, to: Route, datagrams: impl Iterator<Item = Outgoing>) {
        let address = self.addresses.len();
        let (raw, length) = RawAddress::new(to.remote);
        self.addresses.push((raw, length, to.local));
        let mut open: Option<(Message, usize)> = None;
        for datagram in datagrams {
            let at = self.datagrams.len();
            self.datagrams.push(datagram);
            let (mut message, mut total) = match open.take() {
                Some((message, total)) if self.fits(&message, total, datagram.len) => {
                    (message, total)
                }
                earlier => {
                    self.messages.extend(earlier.map(|(message, _)| message));
                    (
                        Message {
                            address,
                            first_vector: at,
                            vectors: 0,
                            segment: datagram.len,
                        },
                        0,
                    )
                }
            };
            message.vectors += 1;
            total += usize::from(datagram.len);
            if datagram.len < message.segment {
                // A shorter one can only be the last of its message.
                self.messages.push(message);
            } else {
                open = Some((message, total));
            }
        }
        self.messages.extend(open.map(|(message, _)| message));
    }

    fn fits(&self, message: &Message, total: usize, len: u16) -> bool {
        self.uses_segments
            && len <= message.segment
            && message.vectors < MAX_SEGMENTS
            && total + usize::from(len) <= MAX_MESSAGE_BYTES
    }

    /// Sends all that was pushed, as it lies in the arena now, and forgets it.
    pub(crate) fn send(&mut self, socket: RawFd, arena: &[u8]) -> Sent {
        let mut sent = Sent::default();
        self.vectors.clear();
        self.controls.clear();
        self.headers.clear();
        for datagram in &self.datagrams {
            let start = datagram.start as usize;
            let bytes = arena
                .get(start..start + usize::from(datagram.len))
                .unwrap_or_default();
            // The kernel only reads what is sent.
            self.vectors.push(libc::iovec {
                iov_base: bytes.as_ptr().cast_mut().cast(),
                iov_len: bytes.len(),
            });
        }
        for message in &self.messages {
            let local = self
                .addresses
                .get(message.address)
                .and_then(|(_, _, local)| *local);
            let segment = (message.vectors > 1).then_some(message.segment);
            self.controls.push(Control::new(local, segment));
        }
        for (message, control) in self.messages.iter().zip(&mut self.controls) {
            let vectors = self.vectors.get_mut(message.first_vector..);
            let (Some((address, length, _)), Some(vectors)) =
                (self.addresses.get_mut(message.address), vectors)
            else {
                continue;
            };
            let vectors = vectors.as_mut_ptr();
            let mut header = header(
                std::ptr::from_mut(address),
                *length,
                vectors,
                message.vectors,
            );
            control.attach(&mut header);
            self.headers.push(header);
        }
        let mut at = 0;
        while at < self.headers.len() {
            at += self.send_some(socket, at, &mut sent);
        }
        self.addresses.clear();
        self.datagrams.clear();
        self.messages.clear();
        sent
    }

    /// One call, from message `at` on; gives how many messages are dealt with, at least one.
    fn send_some(&mut self, socket: RawFd, at: usize, sent: &mut Sent) -> usize {
        let Some(headers) = self.headers.get_mut(at..) else {
            return 1;
        };
        let count = headers.len().min(SEND_BATCH);
        // SAFETY: the headers were built in `send` from addresses, vectors and controls that have not moved since, and
        // the vectors point into the arena whose borrow `send` holds.
        let result = check(unsafe {
            libc::sendmmsg(
                socket,
                headers.as_mut_ptr(),
                count as libc::c_uint,
                libc::MSG_DONTWAIT,
            )
        });
        sent.calls += 1;
        let done = match result {
            Ok(done) => usize::try_from(done).unwrap_or(0),
            Err(e) => {
                self.on_error(socket, at, &e, sent);
                return 1;
            }
        };
        let messages = self.messages.get(at..at + done).unwrap_or_default();
        sent.messages += done as u64;
        sent.datagrams += messages.iter().map(|m| m.vectors as u64).sum::<u64>();
        done.max(1)
    }

    /// The first message of a call was refused: count it, or send its pieces one by one where segmentation is to blame.
    fn on_error(&mut self, socket: RawFd, at: usize, error: &io::Error, sent: &mut Sent) {
        let Some(message) = self.messages.get(at).copied() else {
            return;
        };
        let lost = message.vectors as u64;
        match error.raw_os_error() {
            Some(libc::EAGAIN | libc::ENOBUFS) => sent.full += lost,
            Some(libc::EIO | libc::EINVAL | libc::EMSGSIZE) if message.vectors > 1 => {
                // EIO: a device without checksum offload. The others are about this one path, a tunnel with a small
                // MTU for one: whoever sits behind it must not slow down everybody.
                self.uses_segments &= error.raw_os_error() != Some(libc::EIO);
                for index in message.first_vector..message.first_vector + message.vectors {
                    self.send_one(socket, message.address, index, sent);
                }
            }
            _ => sent.failed += lost,
        }
    }

    fn send_one(&mut self, socket: RawFd, address: usize, vector: usize, sent: &mut Sent) {
        let (Some((address, length, local)), Some(vector)) = (
            self.addresses.get_mut(address),
            self.vectors.get_mut(vector),
        ) else {
            return;
        };
        let mut control = Control::new(*local, None);
        let mut header = header(std::ptr::from_mut(address), *length, vector, 1);
        control.attach(&mut header);
        // SAFETY: address, control and vector live through the call; the vector points into the arena that `send` borrows.
        let result = unsafe { libc::sendmsg(socket, &header.msg_hdr, libc::MSG_DONTWAIT) };
        sent.calls += 1;
        if result >= 0 {
            sent.datagrams += 1;
            sent.messages += 1;
            return;
        }
        match io::Error::last_os_error().raw_os_error() {
            Some(libc::EAGAIN | libc::ENOBUFS) => sent.full += 1,
            _ => sent.failed += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;
    use std::time::Duration;

    use super::super::set_option;
    use super::*;

    /// Sends so many datagrams of a length at once, each with its number in front.
    fn send(batch: &mut SendBatch, from: &UdpSocket, to: &UdpSocket, count: u16, len: u16) -> Sent {
        let mut arena = vec![0; usize::from(count) * usize::from(len)];
        for (number, datagram) in (0..count).zip(arena.chunks_exact_mut(len.into())) {
            datagram[..2].copy_from_slice(&number.to_be_bytes());
        }
        let route = Route {
            remote: to.local_addr().expect("an address"),
            local: None,
        };
        let datagrams = (0..count).map(|number| Outgoing {
            start: u32::from(number) * u32::from(len),
            len,
        });
        batch.push(route, datagrams);
        batch.send(from.as_raw_fd(), &arena)
    }

    fn arrive_in_order(at: &UdpSocket, count: u16, len: u16) {
        let mut buffer = [0; 2048];
        for number in 0..count {
            let got = at.recv(&mut buffer).expect("a datagram");
            assert_eq!((got, &buffer[..2]), (len.into(), &number.to_be_bytes()[..]));
        }
    }

    fn sockets() -> (UdpSocket, UdpSocket) {
        let open = || UdpSocket::bind("127.0.0.1:0").expect("a port");
        let (from, to) = (open(), open());
        let patience = Some(Duration::from_secs(2));
        to.set_read_timeout(patience).expect("a timeout");
        (from, to)
    }

    #[test]
    fn messages_stay_within_what_the_kernel_takes() {
        let (from, to) = sockets();
        let mut batch = SendBatch::new(true);
        for (count, len, messages) in [(64, 100, 1), (65, 100, 2), (50, 1200, 1), (51, 1200, 2)] {
            let sent = send(&mut batch, &from, &to, count, len);
            assert_eq!((sent.datagrams, sent.messages), (count.into(), messages));
            assert_eq!((sent.full, sent.failed), (0, 0));
            arrive_in_order(&to, count, len);
        }
    }

    #[test]
    fn what_cannot_be_cut_goes_piece_by_piece_and_later_ones_are_cut_again() {
        let (from, to) = sockets();
        let mut batch = SendBatch::new(true);
        // Without checksums the kernel refuses to cut.
        let cuts = |is_allowed: bool| {
            let value = i32::from(!is_allowed);
            set_option(from.as_raw_fd(), libc::SOL_SOCKET, libc::SO_NO_CHECK, value)
                .expect("an option");
        };
        for (is_allowed, messages) in [(false, 20), (true, 1)] {
            cuts(is_allowed);
            let sent = send(&mut batch, &from, &to, 20, 500);
            assert_eq!((sent.datagrams, sent.messages), (20, messages));
            assert_eq!((sent.full, sent.failed), (0, 0));
            arrive_in_order(&to, 20, 500);
        }
    }
}
