//! Runs many client peers in one thread.

use std::io;
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::error::PeerError;
use crate::peer::{PeerConfig, TestPeer};
use crate::socket::ReceiveBatch;

/// Ready sockets taken with one system call.
const READY: usize = 128;

/// Client peers with one epoll over their sockets. Peers are named by their position.
pub struct Driver {
    peers: Vec<TestPeer>,
    epoll: Epoll,
    batch: ReceiveBatch,
}

impl Driver {
    /// A driver without peers.
    ///
    /// # Errors
    /// The system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            peers: Vec::new(),
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            batch: ReceiveBatch::new(),
        })
    }

    /// Makes a peer and gives its position, which stays its name.
    ///
    /// # Errors
    /// Its socket cannot be made.
    pub fn add_peer(&mut self, config: PeerConfig) -> Result<usize, PeerError> {
        let peer = TestPeer::new(config)?;
        let position = self.peers.len();
        let event = EpollEvent::new(EpollFlags::EPOLLIN, position as u64);
        self.epoll
            .add(peer.socket(), event)
            .map_err(io::Error::from)?;
        self.peers.push(peer);
        Ok(position)
    }

    /// Gives a peer a new socket, as if its device changed the network; gives its offer.
    ///
    /// # Errors
    /// The socket cannot be made, or there is nothing to restart yet.
    pub fn move_peer(&mut self, position: usize) -> Result<String, PeerError> {
        let peer = &mut self.peers[position];
        let offer = peer.move_to_new_socket()?;
        let event = EpollEvent::new(EpollFlags::EPOLLIN, position as u64);
        self.epoll
            .add(peer.socket(), event)
            .map_err(io::Error::from)?;
        Ok(offer)
    }

    /// The peer at a position.
    #[must_use]
    pub fn peer(&self, position: usize) -> &TestPeer {
        &self.peers[position]
    }

    /// The peer at a position, to command it.
    pub fn peer_mut(&mut self, position: usize) -> &mut TestPeer {
        &mut self.peers[position]
    }

    /// All peers, in the order they were made.
    #[must_use]
    pub fn peers(&self) -> &[TestPeer] {
        &self.peers
    }

    /// All peers, to command them.
    pub fn peers_mut(&mut self) -> &mut [TestPeer] {
        &mut self.peers
    }

    /// Does what is due, then waits for datagrams, at most `longest`, and handles them.
    ///
    /// # Errors
    /// A socket or a session failed for good.
    pub fn step(&mut self, longest: Duration) -> Result<(), PeerError> {
        let now = Instant::now();
        let mut wake_at = now + longest;
        for peer in &mut self.peers {
            peer.handle_time(now)?;
            wake_at = wake_at.min(peer.wake_at());
        }
        let wait = wake_at.saturating_duration_since(Instant::now());
        // Rounded up: epoll counts milliseconds, and zero would spin until the deadline.
        let wait_ms = u16::try_from(wait.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        let mut ready = [EpollEvent::empty(); READY];
        let count = match self.epoll.wait(&mut ready, EpollTimeout::from(wait_ms)) {
            Ok(count) => count,
            Err(nix::errno::Errno::EINTR) => 0,
            Err(error) => return Err(io::Error::from(error).into()),
        };
        for event in &ready[..count] {
            let position = usize::try_from(event.data()).unwrap_or(usize::MAX);
            if let Some(peer) = self.peers.get_mut(position)
                && self.batch.receive(peer.socket())? > 0
            {
                peer.handle_batch(&self.batch)?;
            }
        }
        Ok(())
    }

    /// Steps for a while.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn run_for(&mut self, time: Duration) -> Result<(), PeerError> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.step(Duration::from_millis(10))?;
        }
        Ok(())
    }

    /// Steps until the condition holds; false if it does not within `within`.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn run_until(
        &mut self,
        within: Duration,
        mut holds: impl FnMut(&[TestPeer]) -> bool,
    ) -> Result<bool, PeerError> {
        let until = Instant::now() + within;
        while !holds(&self.peers) {
            if Instant::now() >= until {
                return Ok(false);
            }
            self.step(Duration::from_millis(10))?;
        }
        Ok(true)
    }
}
