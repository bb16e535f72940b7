//! What RTCP of a peer says: about its own media, and about what it receives.

use std::time::{Duration, Instant};

use super::{DropReason, Egress, Room, clock};
use crate::media::Kind;
use crate::rtcp::{NackSeqs, Packets, ReportBlock, RtcpPacket};
use crate::track::SenderClock;

/// Sequence numbers looked at in one datagram: more is no honest loss.
const MAX_NACKED: usize = 512;
/// Packets of transport-wide feedback looked at in one datagram: eight bytes can speak of thousands.
const MAX_STATUSES: usize = 4096;
/// A round trip above this is a report gone wrong.
const LONGEST_RTT_MS: u64 = 10_000;

impl Room {
    pub(super) fn handle_rtcp(
        &mut self,
        now: Instant,
        at: usize,
        compound: &[u8],
        egress: &mut impl Egress,
    ) {
        let now_us = self.clock.micros(now);
        let (mut nacks_left, mut statuses_left) = (MAX_NACKED, MAX_STATUSES);
        for packet in Packets::new(compound) {
            match packet {
                RtcpPacket::SenderReport {
                    ssrc,
                    ntp,
                    rtp_timestamp,
                    blocks,
                } => {
                    self.on_sender_report(
                        at,
                        ssrc,
                        SenderClock {
                            ntp,
                            rtp_timestamp,
                            at_us: now_us,
                        },
                    );
                    blocks.for_each(|block| self.on_report_block(now_us, at, &block));
                }
                RtcpPacket::ReceiverReport { blocks, .. } => {
                    blocks.for_each(|block| self.on_report_block(now_us, at, &block));
                }
                RtcpPacket::Nack { media_ssrc, seqs } => {
                    self.on_nack(now_us, at, media_ssrc, seqs, &mut nacks_left, egress);
                }
                RtcpPacket::PictureLoss { media_ssrc } => {
                    self.on_keyframe_request(now, at, media_ssrc)
                }
                RtcpPacket::FullIntra(ssrcs) => {
                    ssrcs.for_each(|media_ssrc| self.on_keyframe_request(now, at, media_ssrc));
                }
                RtcpPacket::Remb { bitrate_bps } => {
                    if let Some(peer) = self.peers.get_mut(at) {
                        peer.remb_bps = Some(bitrate_bps);
                    }
                }
                RtcpPacket::TransportFeedback(statuses) => {
                    let (mut all, mut lost) = (0usize, 0usize);
                    for (_, arrival) in statuses.take(statuses_left) {
                        all += 1;
                        lost += usize::from(arrival.is_none());
                    }
                    statuses_left -= all;
                    if all > 0 {
                        self.on_loss(at, lost as f32 / all as f32);
                    }
                }
                RtcpPacket::SourceDescription | RtcpPacket::Goodbye(_) => {}
            }
        }
    }

    fn on_sender_report(&mut self, at: usize, ssrc: u32, clock: SenderClock) {
        let Some(peer) = self.peers.get_mut(at) else {
            return;
        };
        let Some(source) = peer.media_source(ssrc) else {
            return;
        };
        source.reception.on_sender_report(clock);
        // The way takes at least as long as the fastest report took; drift is followed slowly.
        let offset = clock::ntp(clock.at_us)
            .wrapping_sub(clock.ntp)
            .cast_signed();
        peer.ntp_offset = Some(match peer.ntp_offset {
            Some(known) if known < offset => {
                known.saturating_add(offset.saturating_sub(known) / 32)
            }
            _ => offset,
        });
        for slot in &peer.tracks {
            if let Some(track) = self
                .tracks
                .get_mut(*slot)
                .filter(|track| track.source.ssrc == ssrc)
            {
                track.sender_clock = Some(clock);
            }
        }
    }

    fn find_link(&self, at: usize, ssrc: u32) -> Option<usize> {
        let links = &self.peers.get(at)?.links;
        links
            .iter()
            .copied()
            .find(|link| self.links.get(*link).is_some_and(|link| link.ssrc == ssrc))
    }

    fn on_report_block(&mut self, now_us: u64, at: usize, block: &ReportBlock) {
        if self.find_link(at, block.ssrc).is_none() {
            return;
        }
        self.on_loss(at, f32::from(block.fraction_lost) / 256.0);
        if block.last_sr == 0 {
            return;
        }
        let now_middle = (clock::ntp(now_us) >> 16) as u32;
        let round = now_middle
            .wrapping_sub(block.last_sr)
            .wrapping_sub(block.delay_since_last_sr);
        let round_ms = (u64::from(round) * 1000) >> 16;
        if let Some(peer) = self.peers.get_mut(at)
            && round_ms <= LONGEST_RTT_MS
        {
            peer.rtt = Some(Duration::from_millis(round_ms.max(1)));
        }
    }

    fn on_loss(&mut self, at: usize, loss: f32) {
        if let Some(peer) = self.peers.get_mut(at) {
            peer.loss_down += (loss - peer.loss_down) / 8.0;
        }
    }

    fn on_nack(
        &mut self,
        now_us: u64,
        at: usize,
        media_ssrc: u32,
        seqs: NackSeqs<'_>,
        left: &mut usize,
        egress: &mut impl Egress,
    ) {
        let Some(link) = self.find_link(at, media_ssrc) else {
            self.counters.count_drop(DropReason::RtxGone);
            return;
        };
        for seq in seqs {
            let Some(rest) = left.checked_sub(1) else {
                self.counters.count_drop(DropReason::RtxLimited);
                return;
            };
            *left = rest;
            self.counters.nacks_in += 1;
            if let Err(reason) = self.retransmit(now_us, link, seq, egress) {
                self.counters.count_drop(reason);
            }
        }
    }

    fn on_keyframe_request(&mut self, now: Instant, at: usize, media_ssrc: u32) {
        let Some(slot) = self
            .find_link(at, media_ssrc)
            .and_then(|link| self.links.get(link))
            .map(|link| link.track)
        else {
            return;
        };
        self.counters.keyframe_requests_in += 1;
        let Some(track) = self
            .tracks
            .get_mut(slot)
            .filter(|track| track.kind == Kind::Video)
        else {
            return;
        };
        let (due, publisher) = (track.keyframes.ask(now), track.publisher);
        self.schedule(publisher, due);
    }
}
