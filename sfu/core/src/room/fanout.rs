//! The way out: one packet to all its subscribers, or once more to one of them.

use std::time::Instant;

use super::outbound::Outbound;
use super::{DropReason, Egress, Room, RoomCounters, RoomLimits, clock};
use crate::link::{Clock, Link, Outgoing, Passage};
use crate::media::Kind;
use crate::rtp::{ExtensionSet, HEADER_BYTES, ReadTable, starts_keyframe, write_header};
use crate::track::{CachedPacket, Track};

/// A packet just sent again is taken to be on its way for at least this long.
const SHORTEST_REPAIR_PAUSE_US: u64 = 100_000;
/// A key frame older than this, or with more packets behind it, is not replayed: what follows would come in a rush.
const LONGEST_REPLAY_US: u64 = 400_000;
const MOST_REPLAYED: u64 = 96;

impl Room {
    /// Writes a packet for every link of its track.
    pub(super) fn forward(
        &mut self,
        now: Instant,
        now_us: u64,
        slot: usize,
        packet: &Outgoing<'_>,
        egress: &mut impl Egress,
    ) {
        let Some(track) = self.tracks.get_mut(slot) else {
            return;
        };
        let can_start = starts_keyframe(track.codec, packet.payload);
        if can_start {
            track.note_keyframe(packet.seq, packet.timestamp, now_us);
        }
        let Some(publisher) = self.peers.get(track.publisher) else {
            return;
        };
        let mut way = Way {
            generation: track.generation,
            clock: Clock {
                now_us,
                hz: track.clock_hz,
                is_video: track.kind == Kind::Video,
            },
            limits: &self.limits,
            counters: &mut self.counters,
            egress,
        };
        let (mut is_awaited, mut has_started) = (false, false);
        for at in &track.links {
            let Some(link) = self.links.get_mut(*at) else {
                continue;
            };
            let Some(outbound) = self.outbound.get_mut(link.subscriber) else {
                continue;
            };
            let is_first = link.packets == 0;
            let mut sent = way.send(link, outbound, packet, can_start);
            if sent == Err(DropReason::AwaitingKeyframe)
                && is_first
                && replay(&mut way, link, outbound, track, publisher.table(), packet)
            {
                sent = way.send(link, outbound, packet, false);
            }
            has_started |= is_first && link.packets > 0;
            if let Err(reason) = sent {
                way.counters.count_drop(reason);
                is_awaited |= reason == DropReason::AwaitingKeyframe;
            }
        }
        let publisher = track.publisher;
        let request = if is_awaited {
            track.keyframes.ask_again(now)
        } else {
            None
        };
        if let Some(due) = request {
            self.schedule(publisher, due);
        }
        if has_started {
            self.report_soon(now, now_us, slot);
        }
    }

    /// Plans the first sender report of links that have just started: receivers synchronise by it.
    #[cold]
    fn report_soon(&mut self, now: Instant, now_us: u64, slot: usize) {
        let Some(track) = self.tracks.get(slot) else {
            return;
        };
        let mut subscribers = Vec::new();
        for at in &track.links {
            if let Some(link) = self
                .links
                .get_mut(*at)
                .filter(|link| link.packets > 0 && link.next_report_us.is_none())
            {
                link.next_report_us = Some(now_us);
                subscribers.push(link.subscriber);
            }
        }
        for subscriber in subscribers {
            if let Some(peer) = self.peers.get_mut(subscriber) {
                peer.report_due = Some(now);
            }
            self.schedule(subscriber, now);
        }
    }

    /// Sends a packet again that a subscriber misses.
    pub(super) fn retransmit(
        &mut self,
        now_us: u64,
        at: usize,
        seq: u16,
        egress: &mut impl Egress,
    ) -> Result<(), DropReason> {
        let link = self.links.get_mut(at).ok_or(DropReason::RtxGone)?;
        let track = self.tracks.get(link.track).ok_or(DropReason::RtxGone)?;
        let trace = link
            .trace(track.generation, seq)
            .ok_or(DropReason::RtxGone)?;
        let cached = track
            .cache
            .as_ref()
            .and_then(|cache| cache.find(trace.source))
            .ok_or(DropReason::RtxGone)?;
        let outbound = self
            .outbound
            .get_mut(link.subscriber)
            .ok_or(DropReason::UnknownPeer)?;
        let sender = outbound.sender.as_deref().ok_or(DropReason::NoKeys)?;
        let (peer, publisher) = (
            self.peers.get(link.subscriber),
            self.peers.get(track.publisher),
        );
        let (peer, publisher) = (
            peer.ok_or(DropReason::UnknownPeer)?,
            publisher.ok_or(DropReason::RtxGone)?,
        );
        let repair = link.repair.as_deref_mut().ok_or(DropReason::RtxGone)?;
        let pt = repair
            .payload_type(cached.payload_index)
            .ok_or(DropReason::NoCodec)?;
        let rtt_us = u64::try_from(peer.rtt_or_default().as_micros()).unwrap_or(u64::MAX);
        let packet = outgoing(trace.source, &cached, publisher.table(), now_us);
        let header_bytes = link.plan.header_bytes(&packet);
        let total = header_bytes + 2 + cached.payload.len() + sender.profile().tag_bytes();
        let cost = total as i64;
        if outbound.repair_credit < cost
            || !repair
                .log
                .permit(trace.sent, now_us, rtt_us.max(SHORTEST_REPAIR_PAUSE_US))
        {
            return Err(DropReason::RtxLimited);
        }
        let buffer = egress
            .packet(outbound.key, total)
            .ok_or(DropReason::EgressFull)?;
        outbound.repair_credit -= cost;
        let rtx_seq = repair.next_seq;
        repair.next_seq += 1;
        let timestamp = cached.timestamp.wrapping_add(trace.timestamp_offset);
        let (transport_seq, ssrc) = (outbound.transport_seq, repair.ssrc);
        let (header, body) = buffer
            .split_at_mut_checked(header_bytes)
            .ok_or(DropReason::TooLarge)?;
        write_header(
            header,
            header_bytes > 12,
            cached.marker,
            pt,
            rtx_seq as u16,
            timestamp,
            ssrc,
        );
        link.plan.write_extensions(&packet, header, transport_seq);
        let (original, body) = body
            .split_first_chunk_mut::<2>()
            .ok_or(DropReason::TooLarge)?;
        *original = (trace.sent as u16).to_be_bytes();
        body.get_mut(..cached.payload.len())
            .ok_or(DropReason::TooLarge)?
            .copy_from_slice(cached.payload);
        if !sender.seal_rtp(ssrc, rtx_seq, header_bytes, buffer, None) {
            return Err(DropReason::TooLarge);
        }
        if link.plan.has_transport_cc() {
            outbound.take_transport_seq();
        }
        outbound.packets = outbound.packets.wrapping_add(1);
        outbound.bytes = outbound.bytes.wrapping_add(total as u64);
        self.counters.rtx_out += 1;
        self.counters.rtp_out += 1;
        self.counters.rtp_out_bytes += total as u64;
        Ok(())
    }
}

/// What is the same for all links while one packet goes out.
struct Way<'a, E> {
    generation: u32,
    clock: Clock,
    limits: &'a RoomLimits,
    counters: &'a mut RoomCounters,
    egress: &'a mut E,
}

impl<E: Egress> Way<'_, E> {
    /// Writes one packet for one link.
    #[inline]
    fn send(
        &mut self,
        link: &mut Link,
        outbound: &mut Outbound,
        packet: &Outgoing<'_>,
        can_start: bool,
    ) -> Result<(), DropReason> {
        let pt = link
            .payload_type(packet.payload_index)
            .ok_or(DropReason::NoCodec)?;
        let sender = outbound.sender.as_deref().ok_or(DropReason::NoKeys)?;
        let tag_bytes = sender.profile().tag_bytes();
        let Passage { seq, timestamp } = link.pass(
            self.generation,
            packet.seq,
            packet.timestamp,
            self.clock,
            can_start,
        )?;
        let header_bytes = link.plan.header_bytes(packet);
        let total = header_bytes + packet.payload.len() + tag_bytes;
        if total > self.limits.max_datagram_bytes {
            return Err(DropReason::TooLarge);
        }
        let buffer = self
            .egress
            .packet(outbound.key, total)
            .ok_or(DropReason::EgressFull)?;
        let header = buffer
            .get_mut(..header_bytes)
            .ok_or(DropReason::EgressFull)?;
        let has_extension = header_bytes > HEADER_BYTES;
        write_header(
            header,
            has_extension,
            packet.marker,
            pt,
            seq as u16,
            timestamp,
            link.ssrc,
        );
        link.plan
            .write_extensions(packet, header, outbound.transport_seq);
        if !sender.seal_rtp(link.ssrc, seq, header_bytes, buffer, Some(packet.payload)) {
            return Err(DropReason::TooLarge);
        }
        if link.plan.has_transport_cc() {
            outbound.take_transport_seq();
        }
        link.on_sent(packet.payload.len(), packet.marker);
        outbound.on_sent(total);
        self.counters.rtp_out += 1;
        self.counters.rtp_out_bytes += total as u64;
        Ok(())
    }
}

/// Starts a new link from the latest key frame in the cache, so that its subscriber need not wait for the next. False if
/// there is none that is young enough.
#[cold]
fn replay<E: Egress>(
    way: &mut Way<'_, E>,
    link: &mut Link,
    outbound: &mut Outbound,
    track: &Track,
    table: &ReadTable,
    current: &Outgoing<'_>,
) -> bool {
    let (Some(cache), Some(start)) = (&track.cache, track.keyframe) else {
        return false;
    };
    let is_young = way.clock.now_us.saturating_sub(start.at_us) <= LONGEST_REPLAY_US;
    let is_short = (start.seq..start.seq + MOST_REPLAYED).contains(&track.newest_seq);
    if !is_young || !is_short || current.seq < start.seq || cache.find(start.seq).is_none() {
        return false;
    }
    for seq in (start.seq..=track.newest_seq).filter(|seq| *seq != current.seq) {
        let Some(cached) = cache.find(seq) else {
            continue;
        };
        let packet = outgoing(seq, &cached, table, way.clock.now_us);
        if let Err(reason) = way.send(link, outbound, &packet, seq == start.seq) {
            way.counters.count_drop(reason);
        }
    }
    true
}

/// A packet of the cache as it goes out.
fn outgoing<'a>(
    seq: u64,
    cached: &CachedPacket<'a>,
    table: &ReadTable,
    now_us: u64,
) -> Outgoing<'a> {
    let end = cached.extensions.len();
    Outgoing {
        marker: cached.marker,
        payload_index: cached.payload_index,
        seq,
        timestamp: cached.timestamp,
        extensions: ExtensionSet::parse(cached.extensions, cached.form, 0, end, table),
        extension_bytes: cached.extensions,
        payload: cached.payload,
        abs_send_time: clock::abs_send_time(now_us),
    }
}
