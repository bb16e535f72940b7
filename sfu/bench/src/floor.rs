//! The floor: AES-128-GCM of the same packets and `sendmmsg` to N sockets, nothing else.

use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, sendmmsg, setsockopt, sockopt};
use nix::time::{ClockId, clock_gettime};

use crate::Failure;
use crate::call::{VIDEO_FRAMES_PER_S, VIDEO_PACKETS_PER_FRAME};
use crate::machine::{self, Cores};
use crate::scenario::Shape;

/// Authentication tag of AES-GCM.
const TAG_BYTES: usize = 16;
/// The RTP header, which is authenticated but not encrypted.
const HEADER_BYTES: usize = 12;

/// How often the floor is measured; the lowest counts, because a busy neighbour only adds.
const RUNS: u64 = 3;

/// CPU microseconds per packet, measured at the pace of the real load.
///
/// # Errors
/// A socket fails, or packets were not read by their receivers.
pub fn measure(shape: &Shape, seconds: u64, cores: &Cores) -> Result<f64, Failure> {
    let mut lowest = f64::INFINITY;
    for _ in 0..RUNS {
        lowest = lowest.min(measure_once(shape, seconds.div_ceil(RUNS), cores)?);
    }
    Ok(lowest)
}

fn measure_once(shape: &Shape, seconds: u64, cores: &Cores) -> Result<f64, Failure> {
    let receivers = (0..shape.subscribers)
        .map(|_| receiver())
        .collect::<io::Result<Vec<_>>>()?;
    let addresses = receivers
        .iter()
        .map(|socket| match socket.local_addr()? {
            std::net::SocketAddr::V4(address) => Ok(SockaddrIn::from(address)),
            std::net::SocketAddr::V6(_) => Err(io::ErrorKind::Unsupported.into()),
        })
        .collect::<io::Result<Vec<_>>>()?;
    let has_ended = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&has_ended);
    // Started from the generator's thread, it stays on the generator's core.
    let reader = std::thread::spawn(move || read_all(&receivers, &end));
    let (shape, engine_core) = (*shape, cores.engine);
    let sender = std::thread::spawn(move || -> Result<(u64, u64), Failure> {
        machine::pin_this_thread(engine_core)?;
        send_all(&shape, &addresses, Duration::from_secs(seconds))
    });
    let outcome = sender.join().map_err(|_| "the floor's sender panicked")?;
    has_ended.store(true, Ordering::Release);
    let read = reader.join().map_err(|_| "the floor's reader panicked")??;
    let (cpu_ns, sent) = outcome?;
    if read != sent {
        return Err(format!("the floor sent {sent} packets, {read} arrived").into());
    }
    Ok(cpu_ns as f64 / 1000.0 / sent as f64)
}

fn receiver() -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    // As the peers' sockets: the stamp is taken on the sender's CPU time.
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&socket, sockopt::RcvBuf, &(4 << 20))?;
    Ok(socket)
}

/// Reads and forgets, until told to end and nothing is left.
fn read_all(receivers: &[UdpSocket], has_ended: &AtomicBool) -> Result<u64, Failure> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    for (position, socket) in receivers.iter().enumerate() {
        epoll.add(
            socket.as_fd(),
            EpollEvent::new(EpollFlags::EPOLLIN, position as u64),
        )?;
    }
    let mut ready = vec![EpollEvent::empty(); receivers.len()];
    let mut buffer = [0; 2048];
    let mut read = 0;
    loop {
        let is_last = has_ended.load(Ordering::Acquire);
        let count = epoll.wait(&mut ready, EpollTimeout::from(50_u16))?;
        for event in &ready[..count] {
            let position = usize::try_from(event.data())?;
            while receivers[position].recv(&mut buffer).is_ok() {
                read += 1;
            }
        }
        if is_last && count == 0 {
            return Ok(read);
        }
    }
}

/// The sender's side of one receiver.
struct Target {
    key: LessSafeKey,
    count: u64,
    buffer: Vec<u8>,
}

impl Target {
    fn new(position: usize) -> Result<Self, Failure> {
        let mut secret = [0x5A; 16];
        secret[..8].copy_from_slice(&(position as u64).to_be_bytes());
        let key = UnboundKey::new(&AES_128_GCM, &secret).map_err(|_| "no AES-128-GCM")?;
        Ok(Self {
            key: LessSafeKey::new(key),
            count: 0,
            buffer: Vec::with_capacity(2048),
        })
    }

    /// Copies the packet and seals the copy, as SRTP does (RFC 7714).
    fn seal(&mut self, packet: &[u8]) -> Result<(), Failure> {
        self.count += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.count.to_be_bytes());
        self.buffer.clear();
        self.buffer.extend_from_slice(packet);
        let (header, body) = self.buffer.split_at_mut(HEADER_BYTES);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&*header),
                body,
            )
            .map_err(|_| "sealing failed")?;
        self.buffer.extend_from_slice(tag.as_ref());
        Ok(())
    }
}

/// Sends at the pace of the load; gives the thread's CPU time and the number of packets.
fn send_all(
    shape: &Shape,
    addresses: &[SockaddrIn],
    time: Duration,
) -> Result<(u64, u64), Failure> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    setsockopt(&socket, sockopt::SndBuf, &(4 << 20))?;
    let mut targets = (0..addresses.len())
        .map(Target::new)
        .collect::<Result<Vec<_>, _>>()?;
    let addresses: Vec<Option<SockaddrIn>> = addresses.iter().copied().map(Some).collect();
    let mut headers = MultiHeaders::preallocate(addresses.len(), None);
    let video = vec![
        0xA5;
        shape
            .video_datagram
            .saturating_sub(TAG_BYTES)
            .max(HEADER_BYTES)
    ];
    let audio = vec![
        0xA5;
        shape
            .audio_datagram
            .saturating_sub(TAG_BYTES)
            .max(HEADER_BYTES)
    ];
    let mut sent = 0;
    let start = Instant::now();
    let cpu_before = thread_cpu_ns()?;
    // Half frames: audio comes twice as often as pictures.
    let half_frame = Duration::from_secs(1) / (2 * VIDEO_FRAMES_PER_S);
    let halves = u32::try_from(time.as_nanos() / half_frame.as_nanos())?;
    for half in 0..halves {
        std::thread::sleep((start + half_frame * half).saturating_duration_since(Instant::now()));
        let pictures = if half % 2 == 0 {
            VIDEO_PACKETS_PER_FRAME
        } else {
            0
        };
        for number in 0..=pictures {
            let packet = if number == pictures { &audio } else { &video };
            for target in &mut targets {
                target.seal(packet)?;
            }
            sent += send_each(&socket, &mut headers, &targets, &addresses)?;
        }
    }
    Ok((thread_cpu_ns()? - cpu_before, sent))
}

fn send_each(
    socket: &UdpSocket,
    headers: &mut MultiHeaders<SockaddrIn>,
    targets: &[Target],
    addresses: &[Option<SockaddrIn>],
) -> Result<u64, Failure> {
    let slices: Vec<[IoSlice<'_>; 1]> = targets
        .iter()
        .map(|target| [IoSlice::new(&target.buffer)])
        .collect();
    let results = sendmmsg(
        socket.as_raw_fd(),
        headers,
        &slices,
        addresses,
        [],
        MsgFlags::empty(),
    )?;
    let count = results.count();
    if count == targets.len() {
        Ok(count as u64)
    } else {
        Err(format!("{count} of {} packets were taken", targets.len()).into())
    }
}

fn thread_cpu_ns() -> Result<u64, Failure> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    Ok(u64::try_from(time.tv_sec())? * 1_000_000_000 + u64::try_from(time.tv_nsec())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_packet_of_the_floor_arrives() {
        let Ok(cores) = Cores::choose() else { return };
        let shape = Shape {
            subscribers: 3,
            video_datagram: 1140,
            audio_datagram: 140,
        };
        let us = measure(&shape, 1, &cores).expect("a floor");
        assert!(us > 0.0, "{us}");
    }
}
