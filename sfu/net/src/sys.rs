//! Thin, safe wrappers over the Linux calls this crate needs. All `unsafe` of the engine is in this module's tree.

mod address;
mod batch;
mod schedule;

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

pub(crate) use address::Route;
pub(crate) use batch::{Outgoing, RecvBatch, SendBatch, Sent};
pub(crate) use schedule::go_first;

/// Turns the `-1` of a system call into the error it stands for.
fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// A counter one thread waits on and any thread can raise.
#[derive(Debug)]
pub(crate) struct EventFd(OwnedFd);

impl EventFd {
    /// A new one, not raised.
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: takes no pointers; the result is checked before use.
        let fd = check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        // SAFETY: the descriptor is new and nobody else owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Makes it readable. Raising it twice is raising it once.
    pub(crate) fn raise(&self) {
        let one = 1u64.to_ne_bytes();
        // SAFETY: the buffer is eight bytes and lives through the call. A full counter (EAGAIN) is readable already.
        unsafe { libc::write(self.0.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Makes it unreadable again.
    pub(crate) fn clear(&self) {
        let mut count = [0u8; 8];
        // SAFETY: the buffer is eight bytes and lives through the call. EAGAIN means it was clear.
        unsafe { libc::read(self.0.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Waits until one of the descriptors is readable or the time is over; says which are.
pub(crate) fn wait_readable<const N: usize>(
    fds: [RawFd; N],
    timeout: Option<Duration>,
) -> io::Result<[bool; N]> {
    let mut polled = fds.map(|fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    });
    let spec = timeout.map(|t| libc::timespec {
        tv_sec: libc::time_t::try_from(t.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(t.subsec_nanos()),
    });
    let spec_ptr = spec.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: `polled` has N entries, `spec_ptr` is null or points at `spec`, both outlive the call.
    let result = unsafe {
        libc::ppoll(
            polled.as_mut_ptr(),
            N as libc::nfds_t,
            spec_ptr,
            std::ptr::null(),
        )
    };
    match check(result) {
        Ok(_) => Ok(polled.map(|p| p.revents != 0)),
        Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok([false; N]),
        Err(e) => Err(e),
    }
}

/// The kernel's id of the calling thread, for CPU accounting.
pub(crate) fn thread_id() -> i32 {
    // SAFETY: takes nothing, cannot fail.
    unsafe { libc::gettid() }
}

/// Asks for socket buffers of `bytes`; gives what the kernel granted for receiving and sending.
pub(crate) fn set_buffers(socket: RawFd, bytes: libc::c_int) -> io::Result<(usize, usize)> {
    let mut granted = [0usize; 2];
    for (slot, (force, plain)) in granted.iter_mut().zip([
        (libc::SO_RCVBUFFORCE, libc::SO_RCVBUF),
        (libc::SO_SNDBUFFORCE, libc::SO_SNDBUF),
    ]) {
        // The forced form goes beyond rmem_max but needs a capability; without it the plain form gives what it may.
        if set_option(socket, libc::SOL_SOCKET, force, bytes).is_err() {
            set_option(socket, libc::SOL_SOCKET, plain, bytes)?;
        }
        *slot = usize::try_from(get_option(socket, libc::SOL_SOCKET, plain)?).unwrap_or(0);
    }
    Ok((granted[0], granted[1]))
}

/// Sets an integer option.
pub(crate) fn set_option(
    socket: RawFd,
    level: libc::c_int,
    name: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    let size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointer is to a c_int of exactly `size` bytes that lives through the call.
    check(unsafe { libc::setsockopt(socket, level, name, std::ptr::from_ref(&value).cast(), size) })
        .map(drop)
}

/// Reads an integer option.
pub(crate) fn get_option(
    socket: RawFd,
    level: libc::c_int,
    name: libc::c_int,
) -> io::Result<libc::c_int> {
    let mut value: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: both pointers are to locals of the sizes said, alive through the call.
    check(unsafe {
        libc::getsockopt(
            socket,
            level,
            name,
            std::ptr::from_mut(&mut value).cast(),
            &mut size,
        )
    })?;
    Ok(value)
}

/// Whether the kernel can cut a message into datagrams (UDP segmentation offload).
pub(crate) fn can_segment(socket: RawFd) -> bool {
    get_option(socket, libc::SOL_UDP, libc::UDP_SEGMENT).is_ok()
}

/// Asks the kernel to tell to which of our addresses a datagram was sent.
pub(crate) fn tell_local_address(socket: RawFd, is_ipv4: bool) -> io::Result<()> {
    if is_ipv4 {
        set_option(socket, libc::IPPROTO_IP, libc::IP_PKTINFO, 1)
    } else {
        set_option(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, 1)
    }
}
