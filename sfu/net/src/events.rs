//! The bounded queue of news on its way out of the engine.

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::api::Event;
use crate::sys::{EventFd, wait_readable};

/// So many events wait at most; beyond that they are dropped and counted. It takes a reader that has died to get here,
/// because commands are refused from half of it on.
const CAPACITY: usize = 65_536;

/// Many shards write, one reader drains. Touched per event, never per packet.
#[derive(Debug)]
pub(crate) struct EventQueue {
    waiting: Mutex<VecDeque<Event>>,
    ready: EventFd,
    dropped: AtomicU64,
}

impl EventQueue {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            waiting: Mutex::new(VecDeque::new()),
            ready: EventFd::new()?,
            dropped: AtomicU64::new(0),
        })
    }

    /// Adds one. An offer replaces one of the same peer that nobody has read yet.
    pub(crate) fn push(&self, event: Event) {
        let mut waiting = self.lock();
        if let Event::OfferReady { room, peer, .. } = &event {
            let older = waiting.iter().position(|e| {
                matches!(e, Event::OfferReady { room: r, peer: p, .. } if p == peer && r == room)
            });
            if let Some(at) = older {
                waiting.remove(at);
            }
        }
        if waiting.len() >= CAPACITY {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.push_back(event);
        self.ready.raise();
    }

    /// Moves up to `max` events, oldest first, behind `into`; gives how many.
    pub(crate) fn drain(&self, into: &mut Vec<Event>, max: usize) -> usize {
        let mut waiting = self.lock();
        let count = waiting.len().min(max);
        into.extend(waiting.drain(..count));
        if waiting.is_empty() {
            self.ready.clear();
        }
        count
    }

    /// Whether so many events wait unread that new commands should be refused.
    pub(crate) fn is_congested(&self) -> bool {
        self.lock().len() > CAPACITY / 2
    }

    /// Waits for an event; false if the time was over first.
    pub(crate) fn wait(&self, timeout: Duration) -> io::Result<bool> {
        wait_readable([self.ready.fd()], Some(timeout)).map(|[ready]| ready)
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.ready.fd()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        // A panic while holding it can only have happened between whole operations: the queue is intact.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
