//! The way in: one datagram of a peer.

use std::time::Instant;

use super::peer::{Opened, Placed};
use super::tap::{Tapped, tap};
use super::{DropReason, Egress, Room, RoomEvent, clock};
use crate::link::Outgoing;
use crate::media::{PeerKey, TrackId};
use crate::rtp::{ExtensionKind, RtpHeader, is_rtcp};
use crate::srtp::OpenError;
use crate::track::{CachedPacket, Track};

/// Bandwidth probes of libwebrtc before there is media.
const PROBE_SSRC: u32 = 0;
/// Tracks of one publisher: camera, microphone and screen with some to spare. Each takes a line of everybody else.
const MAX_TRACKS: usize = 8;

impl Room {
    /// Takes one SRTP or SRTCP datagram of a peer, opens it in place and writes what follows from it. Counts what it
    /// drops. True if the peer sealed it, and it is no repetition: a sign of life.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        peer: PeerKey,
        packet: &mut [u8],
        egress: &mut impl Egress,
    ) -> bool {
        self.counters.datagrams_in += 1;
        let Ok(at) = self.find_peer(peer) else {
            self.counters.count_drop(DropReason::UnknownPeer);
            return false;
        };
        let opened_before = self.counters.rtp_in + self.counters.rtcp_in;
        let taken = if is_rtcp(packet) {
            self.take_rtcp(now, at, packet, egress)
        } else {
            self.take_rtp(now, at, packet, egress)
        };
        if let Err(reason) = taken {
            self.counters.count_drop(reason);
        }
        self.run_peer(now, at, egress);
        self.counters.rtp_in + self.counters.rtcp_in > opened_before
    }

    fn take_rtcp(
        &mut self,
        now: Instant,
        at: usize,
        packet: &mut [u8],
        egress: &mut impl Egress,
    ) -> Result<(), DropReason> {
        let peer = self.peers.get_mut(at).ok_or(DropReason::UnknownPeer)?;
        let receiver = peer.receiver.as_deref_mut().ok_or(DropReason::NoKeys)?;
        let bytes = receiver.open_rtcp(packet).map_err(|error| match error {
            OpenError::Malformed => DropReason::Malformed,
            OpenError::Replayed => DropReason::Replayed,
            OpenError::Forged => DropReason::Forged,
        })?;
        peer.bytes_in += packet.len() as u64;
        self.counters.rtcp_in += 1;
        self.handle_rtcp(
            now,
            at,
            packet.get(..bytes).ok_or(DropReason::Malformed)?,
            egress,
        );
        Ok(())
    }

    fn take_rtp(
        &mut self,
        now: Instant,
        at: usize,
        packet: &mut [u8],
        egress: &mut impl Egress,
    ) -> Result<(), DropReason> {
        let now_us = self.clock.micros(now);
        let header = RtpHeader::parse(packet).ok_or(DropReason::Malformed)?;
        let peer = self.peers.get_mut(at).ok_or(DropReason::UnknownPeer)?;
        let opened = peer.open(&header, packet)?;
        self.counters.rtp_in += 1;
        let packet = packet.get(..opened.bytes).ok_or(DropReason::Malformed)?;
        if let Some(&[high, low]) = opened.extensions.value(ExtensionKind::TransportCc, packet) {
            let due = peer
                .arrivals
                .on_packet(now, now_us, u16::from_be_bytes([high, low]));
            self.schedule(at, due);
        }
        if header.ssrc == PROBE_SSRC {
            return Err(DropReason::Padding);
        }
        let (peers, tracks) = (&mut self.peers, &self.tracks);
        let peer = peers.get_mut(at).ok_or(DropReason::UnknownPeer)?;
        let current_source = |slot| tracks.get(slot).map(|track: &Track| track.source.ssrc);
        let placed = peer.place(now_us, &header, &opened, packet, current_source)?;
        let slot = match peer.lines.get(placed.line).and_then(|line| line.track) {
            Some(slot) => slot,
            None if placed.payload_start >= placed.payload_end => return Err(DropReason::Padding),
            None => self.publish(at, &placed)?,
        };
        self.take_media(
            now, now_us, at, slot, &header, &opened, &placed, packet, egress,
        )
    }

    /// The first packet of a line: the track exists from now on.
    #[cold]
    fn publish(&mut self, at: usize, placed: &Placed) -> Result<usize, DropReason> {
        let peer = self.peers.get_mut(at).ok_or(DropReason::UnknownPeer)?;
        if peer.tracks.len() >= MAX_TRACKS {
            return Err(DropReason::TooManyTracks);
        }
        let line = peer
            .lines
            .get_mut(placed.line)
            .ok_or(DropReason::UnknownSource)?;
        let (id, codec) = (TrackId(self.next_track), placed.payload.codec);
        self.next_track += 1;
        let track = Track::new(id, at, codec, placed.payload.clock_hz, placed.source);
        let kind = track.kind;
        let slot = self.tracks.insert(track);
        line.track = Some(slot);
        peer.tracks.push(slot);
        self.events.push_back(RoomEvent::TrackPublished {
            peer: peer.key,
            track: id,
            kind,
            codec,
        });
        if self.is_tapped && !peer.may_publish(kind) {
            self.events.push_back(RoomEvent::TrackBlocked {
                track: id,
                is_blocked: true,
            });
        }
        for subscriber in 0..self.peers.end() {
            self.want(subscriber, slot);
        }
        Ok(slot)
    }

    #[allow(clippy::too_many_arguments, reason = "one packet, parsed step by step")]
    fn take_media(
        &mut self,
        now: Instant,
        now_us: u64,
        at: usize,
        slot: usize,
        header: &RtpHeader,
        opened: &Opened,
        placed: &Placed,
        packet: &[u8],
        egress: &mut impl Egress,
    ) -> Result<(), DropReason> {
        let track = self.tracks.get_mut(slot).ok_or(DropReason::UnknownSource)?;
        if !track.admit(placed.source, now_us) {
            return Err(DropReason::OldSource);
        }
        let is_asking = placed.payload.nack && track.missing.on_packet(now, placed.seq);
        let payload = packet
            .get(placed.payload_start..placed.payload_end)
            .unwrap_or_default();
        self.counters.recovered += u64::from(placed.is_recovered);
        if payload.is_empty() {
            let generation = track.generation;
            for link in &track.links {
                if let Some(link) = self.links.get_mut(*link) {
                    link.skip(generation, placed.seq);
                }
            }
            if self.hears(slot) {
                self.hear(now_us, slot, header, opened, placed, packet, egress);
            }
            return Err(DropReason::Padding);
        }
        track.packets += 1;
        track.payload_bytes += payload.len() as u64;
        (track.codec, track.clock_hz) = (placed.payload.codec, placed.payload.clock_hz);
        track.wants_fir = placed.payload.fir && !placed.payload.pli;
        if !placed.is_recovered {
            track.latest = (header.timestamp, now_us);
        }
        if let Some([level, ..]) = opened.extensions.value(ExtensionKind::AudioLevel, packet) {
            track.audio_level = Some(level & 0x7f);
        }
        let due = if is_asking {
            Some(now)
        } else {
            track.missing.due()
        };
        if let Some(due) = due {
            self.schedule(at, due);
        }
        let peer = self.peers.get(at).ok_or(DropReason::UnknownPeer)?;
        let track = self.tracks.get_mut(slot).ok_or(DropReason::UnknownSource)?;
        if !peer.may_publish(track.kind) {
            return Err(DropReason::Muted);
        }
        let payload_index = placed.payload_index as u8;
        if let Some(cache) = &mut track.cache {
            let end = header.extension_start + header.extension_bytes;
            let cached = CachedPacket {
                timestamp: header.timestamp,
                payload_index,
                marker: header.marker,
                form: header.extension_form,
                extensions: packet.get(header.extension_start..end).unwrap_or_default(),
                payload,
            };
            cache.insert(placed.seq, cached);
            track.newest_seq = track.newest_seq.max(placed.seq);
        }
        let outgoing = Outgoing {
            marker: header.marker,
            payload_index,
            seq: placed.seq,
            timestamp: header.timestamp,
            extensions: opened.extensions,
            extension_bytes: packet,
            payload,
            abs_send_time: clock::abs_send_time(now_us),
        };
        self.forward(now, now_us, slot, &outgoing, egress);
        if self.hears(slot) {
            self.hear(now_us, slot, header, opened, placed, packet, egress);
        }
        Ok(())
    }

    /// Hands a packet to whoever records or listens.
    #[allow(clippy::too_many_arguments, reason = "one packet, parsed step by step")]
    fn hear(
        &self,
        now_us: u64,
        slot: usize,
        header: &RtpHeader,
        opened: &Opened,
        placed: &Placed,
        packet: &[u8],
        egress: &mut impl Egress,
    ) {
        let Some(track) = self.tracks.get(slot) else {
            return;
        };
        let Some(peer) = self
            .peers
            .get(track.publisher)
            .filter(|peer| peer.may_publish(track.kind))
        else {
            return;
        };
        let level = opened.extensions.value(ExtensionKind::AudioLevel, packet);
        let tapped = Tapped {
            seq: placed.seq,
            timestamp: header.timestamp,
            marker: header.marker,
            audio_level: level
                .and_then(|level| level.first())
                .map(|level| level & 0x7f),
            payload: packet
                .get(placed.payload_start..placed.payload_end)
                .unwrap_or_default(),
        };
        tap(track, peer.key, peer.ntp_offset, now_us, &tapped, egress);
    }
}
