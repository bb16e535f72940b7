//! The way out: one packet to all its subscribers, or once more to one of them.

use std::time::Instant;

use super::outbound::Outbound;
use super::{DropReason, Egress, Room, clock};
use crate::link::{Clock, Link, Outgoing, Passage};
use crate::media::Kind;
use crate::rtp::{ExtensionSet, starts_keyframe, write_header};

/// A packet just sent again is taken to be on its way for at least this long.
const SHORTEST_REPAIR_PAUSE_US: u64 = 100_000;

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
        let is_video = track.kind == Kind::Video;
        let clock = Clock {
            now_us,
            hz: track.clock_hz,
            is_video,
        };
        let can_start = starts_keyframe(track.codec, packet.payload);
        let (mut is_awaited, mut has_started) = (false, false);
        for at in &track.links {
            let Some(link) = self.links.get_mut(*at) else {
                continue;
            };
            let Some(outbound) = self.outbound.get_mut(link.subscriber) else {
                continue;
            };
            let is_first = link.packets == 0;
            let sent = send(
                link,
                outbound,
                packet,
                track.generation,
                clock,
                can_start,
                &self.limits,
                egress,
            );
            match sent {
                Ok(bytes) => {
                    self.counters.rtp_out += 1;
                    self.counters.rtp_out_bytes += bytes as u64;
                    has_started |= is_first;
                }
                Err(reason) => {
                    self.counters.count_drop(reason);
                    is_awaited |= reason == DropReason::AwaitingKeyframe;
                }
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
        let end = cached.extensions.len();
        let extensions =
            ExtensionSet::parse(cached.extensions, cached.form, 0, end, publisher.table());
        let packet = Outgoing {
            marker: cached.marker,
            payload_index: cached.payload_index,
            seq: trace.source,
            timestamp: cached.timestamp,
            extensions,
            extension_bytes: cached.extensions,
            payload: cached.payload,
            abs_send_time: clock::abs_send_time(now_us),
        };
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

/// Writes one packet for one link; gives the length of the datagram.
#[inline]
#[allow(
    clippy::too_many_arguments,
    reason = "the inner loop of the fan-out, called once"
)]
fn send(
    link: &mut Link,
    outbound: &mut Outbound,
    packet: &Outgoing<'_>,
    generation: u32,
    clock: Clock,
    can_start: bool,
    limits: &super::RoomLimits,
    egress: &mut impl Egress,
) -> Result<usize, DropReason> {
    let pt = link
        .payload_type(packet.payload_index)
        .ok_or(DropReason::NoCodec)?;
    let tag_bytes = outbound
        .sender
        .as_deref()
        .ok_or(DropReason::NoKeys)?
        .profile()
        .tag_bytes();
    let Passage { seq, timestamp } =
        link.pass(generation, packet.seq, packet.timestamp, clock, can_start)?;
    let header_bytes = link.plan.header_bytes(packet);
    let total = header_bytes + packet.payload.len() + tag_bytes;
    if total > limits.max_datagram_bytes {
        return Err(DropReason::TooLarge);
    }
    let buffer = egress
        .packet(outbound.key, total)
        .ok_or(DropReason::EgressFull)?;
    let header = buffer
        .get_mut(..header_bytes)
        .ok_or(DropReason::EgressFull)?;
    write_header(
        header,
        header_bytes > 12,
        packet.marker,
        pt,
        seq as u16,
        timestamp,
        link.ssrc,
    );
    if header_bytes > 12 {
        let transport_seq = if link.plan.has_transport_cc() {
            outbound.take_transport_seq()
        } else {
            0
        };
        link.plan.write_extensions(packet, header, transport_seq);
    }
    let sender = outbound.sender.as_deref().ok_or(DropReason::NoKeys)?;
    if !sender.seal_rtp(link.ssrc, seq, header_bytes, buffer, Some(packet.payload)) {
        return Err(DropReason::TooLarge);
    }
    link.on_sent(packet.payload.len(), packet.marker);
    outbound.on_sent(total);
    Ok(total)
}
