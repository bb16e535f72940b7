//! The peers of a shard, and the ways to find one: by name, by address, by ICE user fragment.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use salon_sfu_core::{PeerKey, SendLine, TrackId};
use salon_sfu_session::Session;

/// Addresses one peer may have proved; a browser with a handful of interfaces checks from about six.
const MAX_ADDRESSES: usize = 16;

/// One PeerConnection.
pub(crate) struct Peer {
    pub(crate) name: Arc<str>,
    /// Index of its room.
    pub(crate) room: usize,
    /// msid stream id of what it publishes.
    pub(crate) stream: String,
    pub(crate) session: Session,
    /// Lines that carry something to it now.
    pub(crate) bound: HashMap<TrackId, SendLine>,
    addresses: Vec<SocketAddr>,
    ufrags: Vec<String>,
}

impl Peer {
    pub(crate) fn new(name: Arc<str>, room: usize, stream: String, session: Session) -> Self {
        Self {
            name,
            room,
            stream,
            session,
            bound: HashMap::new(),
            addresses: Vec::new(),
            ufrags: Vec::new(),
        }
    }
}

/// All peers of a shard. Keys are dense and used again.
#[derive(Default)]
pub(crate) struct Peers {
    slots: Vec<Option<Box<Peer>>>,
    free: Vec<u32>,
    by_address: HashMap<SocketAddr, PeerKey>,
    by_ufrag: HashMap<String, PeerKey>,
}

impl Peers {
    pub(crate) fn insert(&mut self, peer: Peer) -> PeerKey {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32 - 1
        });
        let key = PeerKey(index);
        if let Some(slot) = self.slots.get_mut(index as usize) {
            *slot = Some(Box::new(peer));
        }
        self.learn_ufrags(key);
        key
    }

    pub(crate) fn remove(&mut self, key: PeerKey) -> Option<Box<Peer>> {
        let peer = self.slots.get_mut(key.0 as usize)?.take()?;
        self.by_address.retain(|_, owner| *owner != key);
        for ufrag in &peer.ufrags {
            self.by_ufrag.remove(ufrag);
        }
        self.free.push(key.0);
        Some(peer)
    }

    pub(crate) fn get(&self, key: PeerKey) -> Option<&Peer> {
        self.slots.get(key.0 as usize)?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.slots.get_mut(key.0 as usize)?.as_deref_mut()
    }

    pub(crate) fn at(&self, address: SocketAddr) -> Option<PeerKey> {
        self.by_address.get(&address).copied()
    }

    pub(crate) fn named(&self, ufrag: &str) -> Option<PeerKey> {
        self.by_ufrag.get(ufrag).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (PeerKey, &Peer)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| Some((PeerKey(index as u32), slot.as_deref()?)))
    }

    /// Entries by which peers are found: names of ICE sessions and addresses.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> (usize, usize) {
        (self.by_ufrag.len(), self.by_address.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Makes the names of the peer's ICE session known, after it took an offer.
    pub(crate) fn learn_ufrags(&mut self, key: PeerKey) {
        let Some(peer) = self
            .slots
            .get_mut(key.0 as usize)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        let now: Vec<String> = peer.session.ufrags().map(str::to_owned).collect();
        for old in std::mem::replace(&mut peer.ufrags, now.clone()) {
            self.by_ufrag.remove(&old);
        }
        for ufrag in now {
            self.by_ufrag.insert(ufrag, key);
        }
    }

    /// The peer has proved that it owns the address. An earlier owner has lost it: a NAT gives ports anew.
    pub(crate) fn learn_address(&mut self, key: PeerKey, address: SocketAddr) {
        if self.by_address.get(&address) == Some(&key) {
            return;
        }
        let Some(peer) = self
            .slots
            .get_mut(key.0 as usize)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        if peer.addresses.len() >= MAX_ADDRESSES {
            let oldest = peer.addresses.remove(0);
            if self.by_address.get(&oldest) == Some(&key) {
                self.by_address.remove(&oldest);
            }
        }
        peer.addresses.push(address);
        self.by_address.insert(address, key);
    }
}
