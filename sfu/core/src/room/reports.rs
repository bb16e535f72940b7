//! What is due: feedback to publishers, reports to everybody.

use std::time::{Duration, Instant};

use super::counters::RoomCounters;
use super::outbound::Outbound;
use super::peer::Role;
use super::{Egress, Room, clock};
use crate::link::Link;
use crate::media::Kind;
use crate::rtcp::{MAX_RTCP_BYTES, ReportBlock, RtcpWriter};
use crate::track::Track;

/// Between reports to one peer.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// Between sender reports of one link.
const VIDEO_REPORT_US: u64 = 1_000_000;
const AUDIO_REPORT_US: u64 = 5_000_000;
/// A report due within this time goes along.
const REPORT_SLACK_US: u64 = 100_000;
/// Our own name in reports that are about no media of ours.
const OWN_CNAME: &str = "salon";
/// Room for what one sender report takes with its source description.
const SENDER_REPORT_BYTES: usize = 28 + 12 + 256;

impl Room {
    /// Does what is due: reports, feedback, repeated requests.
    pub fn handle_timeout(&mut self, now: Instant, egress: &mut impl Egress) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        for at in 0..self.peers.end() {
            self.run_peer(now, at, egress);
        }
        self.deadline = self.peers.iter().filter_map(|(_, peer)| peer.due).min();
    }

    /// Does what is due for one peer.
    #[inline]
    pub(super) fn run_peer(&mut self, now: Instant, at: usize, egress: &mut impl Egress) {
        if self
            .peers
            .get(at)
            .and_then(|peer| peer.due)
            .is_some_and(|due| due <= now)
        {
            self.run_due(now, at, egress);
        }
    }

    fn run_due(&mut self, now: Instant, at: usize, egress: &mut impl Egress) {
        let now_us = self.clock.micros(now);
        let mut writer = RtcpWriter::default();
        self.write_arrivals(now, at, &mut writer, egress);
        self.write_requests(now, at, &mut writer, egress);
        let is_reporting = self
            .peers
            .get(at)
            .and_then(|peer| peer.report_due)
            .is_some_and(|due| due <= now);
        if is_reporting {
            self.write_sender_reports(now_us, at, &mut writer, egress);
            self.write_receiver_reports(now_us, at, &mut writer, egress);
        }
        let Some(peer) = self.peers.get_mut(at) else {
            return;
        };
        if is_reporting {
            peer.report_due = Some(now + REPORT_INTERVAL);
        }
        let tracks = peer
            .tracks
            .iter()
            .filter_map(|slot| self.tracks.get(*slot)?.due());
        peer.due = [peer.report_due, peer.arrivals.due()]
            .into_iter()
            .flatten()
            .chain(tracks)
            .min();
    }

    fn write_arrivals(
        &mut self,
        now: Instant,
        at: usize,
        writer: &mut RtcpWriter,
        egress: &mut impl Egress,
    ) {
        let (Some(peer), Some(outbound)) = (self.peers.get_mut(at), self.outbound.get_mut(at))
        else {
            return;
        };
        if peer.arrivals.due().is_none_or(|due| now < due) {
            return;
        }
        let media_ssrc = peer.sources.first().map_or(0, |source| source.ssrc);
        while peer.arrivals.write(writer, peer.rtcp_ssrc, media_ssrc) {
            flush(outbound, writer, &mut self.counters, egress);
        }
    }

    /// Asks the peer for packets that are missing and for key frames.
    fn write_requests(
        &mut self,
        now: Instant,
        at: usize,
        writer: &mut RtcpWriter,
        egress: &mut impl Egress,
    ) {
        let (Some(peer), Some(outbound)) = (self.peers.get(at), self.outbound.get_mut(at)) else {
            return;
        };
        let rtt = peer.rtt_or_default();
        for slot in &peer.tracks {
            let Some(track) = self.tracks.get_mut(*slot) else {
                continue;
            };
            let mut seqs = [0; 256];
            let verdict = track.missing.collect(now, rtt, &mut seqs);
            let mut wanted = seqs.get(..verdict.asked).unwrap_or_default();
            while !wanted.is_empty() {
                let taken = writer.nack(peer.rtcp_ssrc, track.source.ssrc, wanted);
                self.counters.nacks_out += taken as u64;
                wanted = wanted.get(taken..).unwrap_or_default();
                if taken == 0 || !wanted.is_empty() {
                    flush(outbound, writer, &mut self.counters, egress);
                }
            }
            if verdict.gave_up
                && track.kind == Kind::Video
                && (!track.links.is_empty() || self.is_tapped)
            {
                track.keyframes.ask(now);
            }
            if let Some(number) = track.keyframes.take(now) {
                let is_written = if track.wants_fir {
                    writer.full_intra(peer.rtcp_ssrc, track.source.ssrc, number)
                } else {
                    writer.picture_loss(peer.rtcp_ssrc, track.source.ssrc)
                };
                self.counters.keyframe_requests_out += u64::from(is_written);
            }
            if writer.room() < MAX_RTCP_BYTES / 2 {
                flush(outbound, writer, &mut self.counters, egress);
            }
        }
        flush(outbound, writer, &mut self.counters, egress);
    }

    /// Tells the peer how our streams' clocks run.
    fn write_sender_reports(
        &mut self,
        now_us: u64,
        at: usize,
        writer: &mut RtcpWriter,
        egress: &mut impl Egress,
    ) {
        let (Some(peer), Some(outbound)) = (self.peers.get(at), self.outbound.get_mut(at)) else {
            return;
        };
        for link_at in &peer.links {
            let Some(link) = self.links.get_mut(*link_at) else {
                continue;
            };
            if link
                .next_report_us
                .is_none_or(|due| now_us + REPORT_SLACK_US < due)
            {
                continue;
            }
            let Some(track) = self.tracks.get(link.track) else {
                continue;
            };
            let offset = self
                .peers
                .get(track.publisher)
                .and_then(|publisher| publisher.ntp_offset);
            let Some(timestamp) = timestamp_now(track, link, offset, now_us) else {
                continue;
            };
            link.next_report_us = Some(
                now_us
                    + if track.kind == Kind::Video {
                        VIDEO_REPORT_US
                    } else {
                        AUDIO_REPORT_US
                    },
            );
            if writer.room() < SENDER_REPORT_BYTES {
                flush(outbound, writer, &mut self.counters, egress);
            }
            writer.sender_report(
                link.ssrc,
                clock::ntp(now_us),
                timestamp,
                link.packets,
                link.octets,
            );
            writer.source_description(link.ssrc, &link.cname);
        }
        flush(outbound, writer, &mut self.counters, egress);
    }

    /// Tells the peer how its media arrives.
    fn write_receiver_reports(
        &mut self,
        now_us: u64,
        at: usize,
        writer: &mut RtcpWriter,
        egress: &mut impl Egress,
    ) {
        let (Some(peer), Some(outbound)) = (self.peers.get_mut(at), self.outbound.get_mut(at))
        else {
            return;
        };
        let (mut blocks, mut used) = ([ReportBlock::default(); 31], 0);
        for source in peer
            .sources
            .iter_mut()
            .filter(|source| source.role == Role::Media)
        {
            let Some(block) = source.reception.report(source.ssrc, now_us) else {
                continue;
            };
            if let Some(place) = blocks.get_mut(used) {
                *place = block;
                used += 1;
            }
        }
        if used > 0 {
            writer.receiver_report(peer.rtcp_ssrc, blocks.get(..used).unwrap_or_default());
            writer.source_description(peer.rtcp_ssrc, OWN_CNAME);
            flush(outbound, writer, &mut self.counters, egress);
        }
    }
}

/// The timestamp on the subscriber's line that belongs to this moment: by the publisher's own clock once it has told it,
/// so that its audio and video stay together, else by the latest packet.
fn timestamp_now(track: &Track, link: &Link, ntp_offset: Option<i64>, now_us: u64) -> Option<u32> {
    let timestamp = match (track.sender_clock, ntp_offset) {
        (Some(told), Some(offset)) => {
            let since = clock::ntp(now_us)
                .wrapping_sub(told.ntp.wrapping_add(offset.cast_unsigned()))
                .cast_signed();
            told.rtp_timestamp
                .wrapping_add(clock::ntp_in_rtp_units(since, track.clock_hz))
        }
        _ => {
            let (timestamp, at_us) = track.latest;
            timestamp.wrapping_add(clock::rtp_units(
                now_us.saturating_sub(at_us),
                track.clock_hz,
            ))
        }
    };
    link.map_timestamp(track.generation, timestamp)
}

/// Protects what was written and hands it over; without keys or room it is dropped, as RTCP may be.
fn flush(
    outbound: &mut Outbound,
    writer: &mut RtcpWriter,
    counters: &mut RoomCounters,
    egress: &mut impl Egress,
) {
    if let Some(sender) = outbound.sender.as_deref_mut()
        && !writer.is_empty()
    {
        let plain = writer.as_bytes();
        let total = plain.len() + sender.profile().rtcp_overhead_bytes();
        if let Some(buffer) = egress.packet(outbound.key, total) {
            if let Some(space) = buffer.get_mut(..plain.len()) {
                space.copy_from_slice(plain);
            }
            counters.rtcp_out += u64::from(sender.seal_rtcp(buffer));
        }
    }
    writer.clear();
}
