//! The latest packets of a track in one ring of bytes, for retransmission to any subscriber.

use crate::rtp::ExtensionForm;

/// Bytes of a video track's ring: about two seconds at 2 Mbit/s.
const RING_BYTES: usize = 512 * 1024;
/// Packets remembered; a power of two so that the place is a mask.
const SLOTS: usize = 1024;

#[derive(Clone, Copy)]
struct Slot {
    seq: u64,
    /// Position in the endless stream of bytes; stale once it is a whole ring behind.
    at: u64,
    timestamp: u32,
    extension_bytes: u16,
    bytes: u16,
    payload_index: u8,
    marker: bool,
    form: ExtensionForm,
}

/// A packet as it was taken in, without header and padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedPacket<'a> {
    /// Timestamp of the publisher.
    pub timestamp: u32,
    /// Which payload of the publisher's line.
    pub payload_index: u8,
    /// Marker bit.
    pub marker: bool,
    /// Form of the extension elements.
    pub form: ExtensionForm,
    /// Extension elements.
    pub extensions: &'a [u8],
    /// Payload.
    pub payload: &'a [u8],
}

/// A ring of packets by extended sequence number. Allocates only when made.
pub struct PacketCache {
    ring: Box<[u8]>,
    slots: Box<[Option<Slot>]>,
    written: u64,
}

impl Default for PacketCache {
    fn default() -> Self {
        PacketCache {
            ring: vec![0; RING_BYTES].into_boxed_slice(),
            slots: vec![None; SLOTS].into_boxed_slice(),
            written: 0,
        }
    }
}

impl PacketCache {
    /// Forgets everything: the source has changed and its numbers mean something else.
    pub fn clear(&mut self) {
        self.slots.fill(None);
    }

    /// Keeps a packet; overwrites the oldest. A packet longer than 64 KiB is not kept.
    pub fn insert(&mut self, seq: u64, packet: CachedPacket<'_>) {
        let bytes = packet.extensions.len() + packet.payload.len();
        let (Ok(extension_bytes), Ok(length)) =
            (u16::try_from(packet.extensions.len()), u16::try_from(bytes))
        else {
            return;
        };
        let size = self.ring.len() as u64;
        let offset = self.written % size;
        let at = if offset + u64::from(length) > size {
            self.written + (size - offset)
        } else {
            self.written
        };
        let start = (at % size) as usize;
        let Some(space) = self.ring.get_mut(start..start + bytes) else {
            return;
        };
        let (extensions, payload) = space.split_at_mut(packet.extensions.len());
        extensions.copy_from_slice(packet.extensions);
        payload.copy_from_slice(packet.payload);
        self.written = at + u64::from(length);
        if let Some(slot) = self.slots.get_mut(place(seq)) {
            *slot = Some(Slot {
                seq,
                at,
                timestamp: packet.timestamp,
                extension_bytes,
                bytes: length,
                payload_index: packet.payload_index,
                marker: packet.marker,
                form: packet.form,
            });
        }
    }

    /// The packet, if it is still there.
    #[must_use]
    pub fn find(&self, seq: u64) -> Option<CachedPacket<'_>> {
        let slot = (*self.slots.get(place(seq))?)?;
        let size = self.ring.len() as u64;
        if slot.seq != seq || slot.at + size < self.written {
            return None;
        }
        let start = (slot.at % size) as usize;
        let bytes = self.ring.get(start..start + usize::from(slot.bytes))?;
        let (extensions, payload) = bytes.split_at_checked(slot.extension_bytes.into())?;
        Some(CachedPacket {
            timestamp: slot.timestamp,
            payload_index: slot.payload_index,
            marker: slot.marker,
            form: slot.form,
            extensions,
            payload,
        })
    }
}

fn place(seq: u64) -> usize {
    (seq % SLOTS as u64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet<'a>(payload: &'a [u8], extensions: &'a [u8]) -> CachedPacket<'a> {
        CachedPacket {
            timestamp: 9,
            payload_index: 1,
            marker: true,
            form: ExtensionForm::OneByte,
            extensions,
            payload,
        }
    }

    proptest! {
        #[test]
        fn a_packet_is_whole_or_gone(lengths in prop::collection::vec(0usize..1500, 1..1600)) {
            let mut cache = PacketCache::default();
            let body = |seq: usize, len: usize| vec![(seq % 251) as u8; len];
            for (seq, len) in lengths.iter().enumerate() {
                cache.insert(seq as u64, packet(&body(seq, *len), &[seq as u8; 3]));
            }
            let mut found = 0;
            for (seq, len) in lengths.iter().enumerate() {
                if let Some(kept) = cache.find(seq as u64) {
                    prop_assert_eq!(kept.payload, &body(seq, *len)[..]);
                    prop_assert_eq!(kept.extensions, &[seq as u8; 3][..]);
                    found += 1;
                }
            }
            prop_assert!(found >= lengths.len().min(300));
        }
    }

    #[test]
    fn a_cleared_cache_finds_nothing() {
        let mut cache = PacketCache::default();
        cache.insert(5, packet(b"abc", b""));
        assert!(cache.find(5).is_some());
        assert!(cache.find(5 + SLOTS as u64).is_none());
        cache.clear();
        assert!(cache.find(5).is_none());
    }
}
