//! A peer of the room: its lines, its sources, its keys.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::link::MAX_PAYLOADS;
use crate::media::{Kind, Payload, PeerKey, ReceiveLine};
use crate::rtp::{ExtensionKind, ExtensionSet, ReadTable, RtpHeader, SeqWindow};
use crate::srtp::{OpenError, SrtpKeys, SrtpReceiver};
use crate::track::{ArrivalRecorder, Reception, SourceName};

use super::counters::DropReason;

/// SSRCs of one peer; beyond, the one silent for longest is forgotten.
const MAX_SOURCES: usize = 32;
/// Round trip taken until reports tell it.
const DEFAULT_RTT: Duration = Duration::from_millis(100);

/// What a source sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Media,
    Retransmission,
}

/// One SSRC of a peer.
pub(super) struct Source {
    pub(super) ssrc: u32,
    pub(super) line: usize,
    pub(super) role: Role,
    order: u32,
    last_us: u64,
    pub(super) window: SeqWindow<16>,
    pub(super) reception: Reception,
}

/// A line on which the peer sends.
pub(super) struct Line {
    pub(super) description: ReceiveLine,
    /// Index of its track in the room.
    pub(super) track: Option<usize>,
}

impl Line {
    fn find_payload(&self, pt: u8) -> Option<(usize, Role)> {
        self.description
            .payloads
            .iter()
            .enumerate()
            .find_map(|(index, payload)| match payload {
                payload if payload.pt == pt => Some((index, Role::Media)),
                payload if payload.rtx_pt == Some(pt) => Some((index, Role::Retransmission)),
                _ => None,
            })
    }
}

/// A peer, its uplink and its bookkeeping.
pub(super) struct Peer {
    pub(super) key: PeerKey,
    pub(super) rtcp_ssrc: u32,
    pub(super) is_connected: bool,
    pub(super) may_publish_audio: bool,
    pub(super) may_publish_video: bool,
    pub(super) keys: Option<SrtpKeys>,
    pub(super) receiver: Option<Box<SrtpReceiver>>,
    pub(super) lines: Vec<Line>,
    table: ReadTable,
    pub(super) sources: Vec<Source>,
    /// SSRCs of the sources, in the same order: what is scanned for each packet.
    source_ssrcs: Vec<u32>,
    next_order: u32,
    /// Indices of what it publishes and receives.
    pub(super) tracks: Vec<usize>,
    pub(super) links: Vec<usize>,
    /// Next sequence numbers of SSRCs that are no longer in use: under the same keys an index must never come twice.
    pub(super) retired: HashMap<u32, u64>,
    pub(super) arrivals: ArrivalRecorder,
    /// Its NTP clock to ours, 32.32 bits.
    pub(super) ntp_offset: Option<i64>,
    pub(super) rtt: Option<Duration>,
    pub(super) loss_down: f32,
    pub(super) remb_bps: Option<u64>,
    pub(super) packets_in: u64,
    pub(super) bytes_in: u64,
    pub(super) report_due: Option<Instant>,
    pub(super) due: Option<Instant>,
}

/// A packet that was opened.
pub(super) struct Opened {
    /// Length of the plain packet.
    pub(super) bytes: usize,
    pub(super) extensions: ExtensionSet,
    /// Extended sequence number.
    pub(super) index: u64,
    source: Option<usize>,
}

/// Where a packet belongs.
pub(super) struct Placed {
    pub(super) line: usize,
    pub(super) source: SourceName,
    pub(super) payload_index: usize,
    pub(super) payload: Payload,
    /// Sequence number of the media, extended.
    pub(super) seq: u64,
    pub(super) payload_start: usize,
    pub(super) payload_end: usize,
    pub(super) is_recovered: bool,
}

impl Peer {
    pub(super) fn new(key: PeerKey, rtcp_ssrc: u32) -> Peer {
        Peer {
            key,
            rtcp_ssrc,
            is_connected: false,
            may_publish_audio: true,
            may_publish_video: true,
            keys: None,
            receiver: None,
            lines: Vec::new(),
            table: ReadTable::default(),
            sources: Vec::with_capacity(MAX_SOURCES),
            source_ssrcs: Vec::with_capacity(MAX_SOURCES),
            next_order: 0,
            tracks: Vec::new(),
            links: Vec::new(),
            retired: HashMap::new(),
            arrivals: ArrivalRecorder::default(),
            ntp_offset: None,
            rtt: None,
            loss_down: 0.0,
            remb_bps: None,
            packets_in: 0,
            bytes_in: 0,
            report_due: None,
            due: None,
        }
    }

    /// How to read the extensions of its packets.
    pub(super) const fn table(&self) -> &ReadTable {
        &self.table
    }

    /// Whether the server lets through what it sends of a kind.
    pub(super) const fn may_publish(&self, kind: Kind) -> bool {
        match kind {
            Kind::Audio => self.may_publish_audio,
            Kind::Video => self.may_publish_video,
        }
    }

    pub(super) fn rtt_or_default(&self) -> Duration {
        self.rtt.unwrap_or(DEFAULT_RTT)
    }

    /// Forgets all sources: with new keys their indices start again.
    pub(super) fn forget_sources(&mut self) {
        self.sources.clear();
        self.source_ssrcs.clear();
    }

    /// Takes a new description; lines with a known mid keep their track.
    pub(super) fn set_lines(&mut self, descriptions: &[ReceiveLine]) {
        let old = std::mem::take(&mut self.lines);
        self.lines = descriptions
            .iter()
            .map(|description| Line {
                description: description.clone(),
                track: old
                    .iter()
                    .find(|line| line.description.mid == description.mid)
                    .and_then(|line| line.track),
            })
            .collect();
        self.table = ReadTable::new(&merged_extensions(descriptions));
        let moved = |line: usize| {
            let mid = old.get(line)?.description.mid;
            descriptions
                .iter()
                .position(|description| description.mid == mid)
        };
        self.sources.retain_mut(|source| match moved(source.line) {
            Some(line) => {
                source.line = line;
                true
            }
            None => false,
        });
        self.source_ssrcs.clear();
        self.source_ssrcs
            .extend(self.sources.iter().map(|source| source.ssrc));
    }

    fn source_at(&self, ssrc: u32) -> Option<usize> {
        self.source_ssrcs.iter().position(|known| *known == ssrc)
    }

    /// The media source with this SSRC.
    pub(super) fn media_source(&mut self, ssrc: u32) -> Option<&mut Source> {
        let at = self.source_at(ssrc)?;
        self.sources
            .get_mut(at)
            .filter(|source| source.role == Role::Media)
    }

    /// Opens an RTP packet in place.
    pub(super) fn open(
        &mut self,
        header: &RtpHeader,
        packet: &mut [u8],
    ) -> Result<Opened, DropReason> {
        let receiver = self.receiver.as_deref().ok_or(DropReason::NoKeys)?;
        let at = self.source_at(header.ssrc);
        let source = at.and_then(|at| self.sources.get_mut(at));
        let index = match &source {
            Some(source) => source
                .window
                .extend(header.seq)
                .filter(|index| source.window.is_new(*index)),
            None => Some(u64::from(header.seq)),
        }
        .ok_or(DropReason::Replayed)?;
        let bytes = receiver
            .open_rtp(header.ssrc, index, header.payload_start, packet)
            .map_err(|error| match error {
                OpenError::Malformed => DropReason::Malformed,
                OpenError::Replayed => DropReason::Replayed,
                OpenError::Forged => DropReason::Forged,
            })?;
        if let Some(source) = source {
            source.window.insert(index);
        }
        self.packets_in += 1;
        self.bytes_in += packet.len() as u64;
        let end = header.extension_start + header.extension_bytes;
        let extensions = ExtensionSet::parse(
            packet,
            header.extension_form,
            header.extension_start,
            end,
            &self.table,
        );
        Ok(Opened {
            bytes,
            extensions,
            index,
            source: at,
        })
    }

    /// Finds out where an opened packet belongs, and makes its source known. `current_source` tells the SSRC that is
    /// forwarded of a track.
    pub(super) fn place(
        &mut self,
        now_us: u64,
        header: &RtpHeader,
        opened: &Opened,
        packet: &[u8],
        current_source: impl Fn(usize) -> Option<u32>,
    ) -> Result<Placed, DropReason> {
        let at = match opened.source {
            Some(at) => at,
            None => self.introduce(header, opened, packet)?,
        };
        let source = self.sources.get_mut(at).ok_or(DropReason::UnknownSource)?;
        source.last_us = now_us;
        let line_index = source.line;
        let line = self
            .lines
            .get(line_index)
            .filter(|line| line.description.active);
        let line = line.ok_or(DropReason::UnknownSource)?;
        let (payload_index, role) = line
            .find_payload(header.pt)
            .ok_or(DropReason::UnknownPayload)?;
        let payload = *line
            .description
            .payloads
            .get(payload_index)
            .ok_or(DropReason::UnknownPayload)?;
        let payload_end = header.payload_end(packet).ok_or(DropReason::Malformed)?;
        let mut placed = Placed {
            line: line_index,
            source: SourceName {
                ssrc: source.ssrc,
                order: source.order,
            },
            payload_index,
            payload,
            seq: opened.index,
            payload_start: header.payload_start,
            payload_end,
            is_recovered: false,
        };
        match (source.role, role) {
            (Role::Media, Role::Media) => {
                let arrival = super::clock::rtp_units(now_us, payload.clock_hz);
                source
                    .reception
                    .on_packet(opened.index, header.timestamp, arrival);
                Ok(placed)
            }
            (Role::Retransmission, Role::Retransmission) => {
                if payload_end < header.payload_start + 3 {
                    return Err(DropReason::Padding);
                }
                let original =
                    crate::rtp::be16(packet, header.payload_start).ok_or(DropReason::Malformed)?;
                let ssrc = line
                    .track
                    .and_then(current_source)
                    .ok_or(DropReason::UnknownSource)?;
                let media = self.media_source(ssrc).ok_or(DropReason::UnknownSource)?;
                placed.seq = media.window.extend(original).ok_or(DropReason::Duplicate)?;
                if !media.window.insert(placed.seq) {
                    return Err(DropReason::Duplicate);
                }
                placed.source = SourceName {
                    ssrc,
                    order: media.order,
                };
                placed.payload_start += 2;
                placed.is_recovered = true;
                Ok(placed)
            }
            _ => Err(DropReason::UnknownPayload),
        }
    }

    /// Finds the line of a new SSRC: announced in the description, else by mid, else the only line it can be.
    fn introduce(
        &mut self,
        header: &RtpHeader,
        opened: &Opened,
        packet: &[u8],
    ) -> Result<usize, DropReason> {
        let announced = self.lines.iter().position(|line| {
            line.description
                .ssrcs
                .iter()
                .any(|pair| pair.ssrc == header.ssrc || pair.rtx == Some(header.ssrc))
        });
        let line = announced
            .or_else(|| {
                let mid = opened.extensions.value(ExtensionKind::Mid, packet)?;
                self.lines
                    .iter()
                    .position(|line| line.description.mid.as_bytes() == mid)
            })
            .or_else(|| self.only_line_for(header.pt))
            .ok_or(DropReason::UnknownSource)?;
        let description = self.lines.get(line).filter(|line| line.description.active);
        let (_, role) = description
            .ok_or(DropReason::UnknownSource)?
            .find_payload(header.pt)
            .ok_or(DropReason::UnknownPayload)?;
        let mut window = SeqWindow::default();
        window.insert(opened.index);
        self.next_order = self.next_order.wrapping_add(1);
        let source = Source {
            ssrc: header.ssrc,
            line,
            role,
            order: self.next_order,
            last_us: 0,
            window,
            reception: Reception::default(),
        };
        Ok(self.keep(source))
    }

    fn only_line_for(&self, pt: u8) -> Option<usize> {
        let mut fitting = self.lines.iter().enumerate().filter(|(_, line)| {
            line.description.active
                && line.description.ssrcs.is_empty()
                && line.find_payload(pt).is_some()
        });
        let (only, _) = fitting.next()?;
        fitting.next().is_none().then_some(only)
    }

    fn keep(&mut self, source: Source) -> usize {
        let ssrc = source.ssrc;
        if self.sources.len() < MAX_SOURCES {
            self.sources.push(source);
            self.source_ssrcs.push(ssrc);
            return self.sources.len() - 1;
        }
        let stale = self
            .sources
            .iter()
            .enumerate()
            .min_by_key(|(_, source)| source.last_us);
        let at = stale.map_or(0, |(at, _)| at);
        if let (Some(place), Some(name)) = (self.sources.get_mut(at), self.source_ssrcs.get_mut(at))
        {
            *place = source;
            *name = ssrc;
        }
        at
    }
}

/// Ids of all lines together: in one bundle an id means the same on every line (RFC 8843 section 10.2).
fn merged_extensions(lines: &[ReceiveLine]) -> crate::media::ExtensionIds {
    lines.iter().map(|line| line.extensions).fold(
        crate::media::ExtensionIds::default(),
        |all, ids| crate::media::ExtensionIds {
            mid: all.mid.or(ids.mid),
            rid: all.rid.or(ids.rid),
            repaired_rid: all.repaired_rid.or(ids.repaired_rid),
            audio_level: all.audio_level.or(ids.audio_level),
            abs_send_time: all.abs_send_time.or(ids.abs_send_time),
            transport_cc: all.transport_cc.or(ids.transport_cc),
            video_orientation: all.video_orientation.or(ids.video_orientation),
            playout_delay: all.playout_delay.or(ids.playout_delay),
            abs_capture_time: all.abs_capture_time.or(ids.abs_capture_time),
            dependency_descriptor: all.dependency_descriptor.or(ids.dependency_descriptor),
        },
    )
}

/// Whether a description is within bounds.
pub(super) fn fits(lines: &[ReceiveLine], max_lines: usize) -> bool {
    lines.len() <= max_lines
        && lines
            .iter()
            .all(|line| line.payloads.len() <= MAX_PAYLOADS && line.ssrcs.len() <= 8)
}
