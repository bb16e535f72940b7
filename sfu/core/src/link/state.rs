//! The state of a link, and the mapping of sequence numbers and timestamps.

use super::{RepairLog, WritePlan};
use crate::media::{Payload, SendLine};
use crate::room::DropReason;

/// Payloads of one line that are told apart.
pub(crate) const MAX_PAYLOADS: usize = 24;
const NO_PAYLOAD: u8 = 0xff;

/// Where a packet goes on the subscriber's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Sequence number, extended: also the SRTP index.
    pub seq: u64,
    /// Timestamp.
    pub timestamp: u32,
}

/// How a packet sent earlier was mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The publisher's number.
    pub(crate) source: u64,
    /// Ours.
    pub(crate) sent: u64,
    pub(crate) timestamp_offset: u32,
}

/// A stretch of the publisher's numbers that is mapped with the same offsets.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Which source of the track: goes up when the publisher changes its SSRC.
    generation: u32,
    /// First number of the stretch.
    since: u64,
    /// Highest number passed.
    highest: u64,
    /// Added to the publisher's number, wrapping.
    seq_offset: u64,
    timestamp_offset: u32,
}

/// One track on its way to one subscriber.
pub struct Link {
    /// Index of the subscriber in its room.
    pub(crate) subscriber: usize,
    /// Index of the track in its room.
    pub(crate) track: usize,
    /// Our SSRC of the line.
    pub(crate) ssrc: u32,
    /// Payload type by payload index of the publisher.
    payload_types: [u8; MAX_PAYLOADS],
    pub(crate) plan: WritePlan,
    segment: Option<Segment>,
    /// Start at the next packet that allows it, even within the same source.
    must_restart: bool,
    next_seq: u64,
    last_timestamp: u32,
    last_marker: bool,
    last_sent_us: u64,
    pub(crate) packets: u32,
    pub(crate) octets: u32,
    /// When the next sender report is due, in microseconds of the room; `None` before the first packet.
    pub(crate) next_report_us: Option<u64>,
    pub(crate) repair: Option<Box<Repair>>,
    pub(crate) cname: Box<str>,
    payloads: Box<[Payload]>,
}

/// Retransmission of a link (RFC 4588).
pub(crate) struct Repair {
    pub(crate) ssrc: u32,
    pub(crate) next_seq: u64,
    pub(crate) log: RepairLog,
    payload_types: [u8; MAX_PAYLOADS],
}

/// Start values that an onlooker cannot guess.
pub(crate) struct Start {
    pub(crate) seq: u64,
    pub(crate) rtx_seq: u64,
    pub(crate) timestamp: u32,
}

impl Link {
    pub(crate) fn new(
        subscriber: usize,
        track: usize,
        line: SendLine,
        published: &[Payload],
        start: &Start,
    ) -> Link {
        let repair = line
            .rtx_ssrc
            .filter(|_| line.payloads.iter().any(|payload| payload.rtx_pt.is_some()));
        let mut link = Link {
            subscriber,
            track,
            ssrc: line.ssrc,
            payload_types: [NO_PAYLOAD; MAX_PAYLOADS],
            plan: WritePlan::new(line.mid, &line.extensions),
            segment: None,
            must_restart: true,
            next_seq: start.seq,
            last_timestamp: start.timestamp,
            last_marker: true,
            last_sent_us: 0,
            packets: 0,
            octets: 0,
            next_report_us: None,
            repair: repair.map(|ssrc| {
                let payload_types = [NO_PAYLOAD; MAX_PAYLOADS];
                Box::new(Repair {
                    ssrc,
                    next_seq: start.rtx_seq,
                    log: RepairLog::default(),
                    payload_types,
                })
            }),
            cname: line.cname.into_boxed_str(),
            payloads: line.payloads.into_boxed_slice(),
        };
        link.match_payloads(published);
        link
    }

    /// Takes new payload types and extensions of the same line; numbering goes on.
    pub(crate) fn update(&mut self, line: SendLine, published: &[Payload]) {
        self.plan = WritePlan::new(line.mid, &line.extensions);
        self.cname = line.cname.into_boxed_str();
        self.payloads = line.payloads.into_boxed_slice();
        self.match_payloads(published);
    }

    /// Works out which payload type carries which payload of the publisher.
    pub(crate) fn match_payloads(&mut self, published: &[Payload]) {
        self.payload_types = [NO_PAYLOAD; MAX_PAYLOADS];
        let mut retransmitted = [NO_PAYLOAD; MAX_PAYLOADS];
        for ((place, rtx_place), payload) in self
            .payload_types
            .iter_mut()
            .zip(&mut retransmitted)
            .zip(published)
        {
            if let Some(taken) = find_match(payload, &self.payloads) {
                *place = taken.pt;
                *rtx_place = taken.rtx_pt.unwrap_or(NO_PAYLOAD);
            }
        }
        if let Some(repair) = &mut self.repair {
            repair.payload_types = retransmitted;
        }
    }

    /// The payload type for a payload of the publisher.
    #[inline]
    pub(crate) fn payload_type(&self, payload_index: u8) -> Option<u8> {
        self.payload_types
            .get(usize::from(payload_index))
            .copied()
            .filter(|pt| *pt != NO_PAYLOAD)
    }

    /// Whether any payload of the publisher can be carried.
    pub(crate) fn carries_anything(&self) -> bool {
        self.payload_types.iter().any(|pt| *pt != NO_PAYLOAD)
    }

    /// Starts a new stretch at the next packet that allows it: what comes meanwhile is not for the subscriber.
    pub(crate) const fn restart(&mut self) {
        self.must_restart = true;
    }

    /// The numbers after the last ones used, for a later line with the same SSRC.
    pub(crate) fn next_numbers(&self) -> (u64, Option<(u32, u64)>) {
        (
            self.next_seq,
            self.repair
                .as_ref()
                .map(|repair| (repair.ssrc, repair.next_seq)),
        )
    }

    /// Maps a packet. `can_start` says that a decoder can begin with it.
    ///
    /// # Errors
    /// Why the packet is not for this subscriber.
    #[inline]
    pub(crate) fn pass(
        &mut self,
        generation: u32,
        seq: u64,
        timestamp: u32,
        clock: Clock,
        can_start: bool,
    ) -> Result<Passage, DropReason> {
        if self.must_restart
            || self
                .segment
                .is_none_or(|segment| segment.generation != generation)
        {
            if !can_start {
                return Err(DropReason::AwaitingKeyframe);
            }
            self.start_segment(generation, seq, timestamp, clock);
        }
        let Some(segment) = &mut self.segment else {
            return Err(DropReason::AwaitingKeyframe);
        };
        if seq < segment.since {
            return Err(DropReason::Late);
        }
        segment.highest = segment.highest.max(seq);
        let passage = Passage {
            seq: seq.wrapping_add(segment.seq_offset),
            timestamp: timestamp.wrapping_add(segment.timestamp_offset),
        };
        if passage.seq >= self.next_seq {
            self.next_seq = passage.seq + 1;
            self.last_timestamp = passage.timestamp;
            self.last_sent_us = clock.now_us;
        }
        Ok(passage)
    }

    #[cold]
    fn start_segment(&mut self, generation: u32, seq: u64, timestamp: u32, clock: Clock) {
        // A frame cut in the middle must look broken, else the decoder glues the next one to it.
        let gap = u64::from(!self.last_marker && clock.is_video);
        let timestamp_offset = match self.segment {
            Some(segment) if segment.generation == generation => segment.timestamp_offset,
            Some(_) => {
                let elapsed_us = clock.now_us.saturating_sub(self.last_sent_us);
                let step = (elapsed_us.saturating_mul(clock.hz.into()) / 1_000_000).max(1);
                self.last_timestamp
                    .wrapping_add(step as u32)
                    .wrapping_sub(timestamp)
            }
            None => self.last_timestamp.wrapping_sub(timestamp),
        };
        self.segment = Some(Segment {
            generation,
            since: seq,
            highest: seq,
            seq_offset: (self.next_seq + gap).wrapping_sub(seq),
            timestamp_offset,
        });
        self.must_restart = false;
    }

    /// Counts a packet written.
    #[inline]
    pub(crate) const fn on_sent(&mut self, payload_bytes: usize, marker: bool) {
        self.last_marker = marker;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload_bytes as u32);
    }

    /// Closes the gap that a packet without payload would leave, if it is the next one.
    pub(crate) const fn skip(&mut self, generation: u32, seq: u64) {
        if let Some(segment) = &mut self.segment
            && segment.generation == generation
            && seq == segment.highest + 1
        {
            segment.seq_offset = segment.seq_offset.wrapping_sub(1);
            segment.since = seq + 1;
            segment.highest = seq;
        }
    }

    /// Where a packet that the subscriber misses came from, and how it was mapped.
    pub(crate) fn trace(&self, generation: u32, seq: u16) -> Option<Trace> {
        let segment = self
            .segment
            .filter(|segment| segment.generation == generation)?;
        let sent = crate::rtp::extend_seq(self.next_seq.checked_sub(1)?, seq)
            .filter(|sent| *sent < self.next_seq)?;
        let source = sent.wrapping_sub(segment.seq_offset);
        let is_covered = (segment.since..=segment.highest).contains(&source);
        is_covered.then_some(Trace {
            source,
            sent,
            timestamp_offset: segment.timestamp_offset,
        })
    }

    /// The timestamp on the subscriber's line of an instant of the publisher.
    pub(crate) fn map_timestamp(&self, generation: u32, timestamp: u32) -> Option<u32> {
        let segment = self
            .segment
            .filter(|segment| segment.generation == generation)?;
        Some(timestamp.wrapping_add(segment.timestamp_offset))
    }
}

impl Repair {
    /// The payload type of retransmissions of a payload of the publisher.
    pub(crate) fn payload_type(&self, payload_index: u8) -> Option<u8> {
        self.payload_types
            .get(usize::from(payload_index))
            .copied()
            .filter(|pt| *pt != NO_PAYLOAD)
    }
}

/// The time, and how the track counts it.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) now_us: u64,
    pub(crate) hz: u32,
    pub(crate) is_video: bool,
}

/// The payload that is the same codec, else one that decodes it.
fn find_match<'a>(published: &Payload, taken: &'a [Payload]) -> Option<&'a Payload> {
    let is_usable = |payload: &&Payload| payload.clock_hz == published.clock_hz;
    taken
        .iter()
        .filter(is_usable)
        .find(|payload| payload.codec == published.codec)
        .or_else(|| {
            taken
                .iter()
                .filter(is_usable)
                .find(|payload| published.codec.decodes_as(payload.codec))
        })
}
