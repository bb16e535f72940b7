//! What recorders and listeners hear: every packet that is forwarded, once, while the room is tapped; sound alone while
//! it is only listened to.

use std::time::Instant;

use super::{Egress, Room, RoomError, RoomEvent, clock};
use crate::media::{Codec, Kind, PeerKey, TrackId};
use crate::rtp::starts_keyframe;
use crate::track::Track;

/// A key frame older than this is not replayed to a new recording; a fresh one is asked for.
const LONGEST_REPLAY_US: u64 = 400_000;

/// One packet of a publisher, as it came or recovered, after the server-side mute.
#[derive(Clone, Copy, Debug)]
pub struct TapPacket<'a> {
    /// Its track.
    pub track: TrackId,
    /// Who sends it.
    pub publisher: PeerKey,
    /// What the payload is.
    pub codec: Codec,
    /// RTP clock rate.
    pub clock_hz: u32,
    /// SSRC of the media.
    pub ssrc: u32,
    /// Goes up when the publisher changes its source: sequence numbers and timestamps start anew.
    pub generation: u32,
    /// Extended sequence number within the generation.
    pub seq: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// Marker bit.
    pub marker: bool,
    /// A decoder can start with this packet.
    pub starts_keyframe: bool,
    /// Loudness in -dBov (0 loud, 127 silent), if told.
    pub audio_level: Option<u8>,
    /// When it came, in microseconds of the room.
    pub arrival_us: u64,
    /// When it was captured, in microseconds of the room: by the sender's reports if `is_mapped`, else by arrival.
    /// May lie before the room's start.
    pub capture_us: i64,
    /// The publisher's reports tell the time of capture.
    pub is_mapped: bool,
    /// The payload; empty for a packet of padding, which only fills its number.
    pub payload: &'a [u8],
}

impl Room {
    /// Whether all packets go to [`Egress::tap`].
    #[must_use]
    pub const fn is_tapped(&self) -> bool {
        self.is_tapped
    }

    /// Sends every packet to [`Egress::tap`] as well from now on; videos start with the cached key frame if it is young,
    /// else one is asked for. Tells which tracks are blocked. Idempotent.
    pub fn start_tap(&mut self, now: Instant, egress: &mut impl Egress) {
        if std::mem::replace(&mut self.is_tapped, true) {
            return;
        }
        let now_us = self.clock.micros(now);
        for slot in 0..self.tracks.end() {
            let Some(track) = self.tracks.get_mut(slot) else {
                continue;
            };
            let Some(peer) = self.peers.get(track.publisher) else {
                continue;
            };
            if !peer.may_publish(track.kind) {
                self.events.push_back(RoomEvent::TrackBlocked {
                    track: track.id,
                    is_blocked: true,
                });
                continue;
            }
            if track.kind == Kind::Audio || replay(track, peer.key, peer.ntp_offset, now_us, egress)
            {
                continue;
            }
            let (due, publisher) = (track.keyframes.ask(now), track.publisher);
            self.schedule(publisher, due);
        }
    }

    /// Ends what [`Room::start_tap`] began. Idempotent.
    pub const fn stop_tap(&mut self) {
        self.is_tapped = false;
    }

    /// Sends packets of sound to [`Egress::tap`] from now on, also while nobody records; or ends that.
    pub const fn set_listened(&mut self, is_listened: bool) {
        self.is_listened = is_listened;
    }

    /// Whether packets of the track go to [`Egress::tap`].
    pub(super) fn hears(&self, slot: usize) -> bool {
        let is_audio = |track: &Track| track.kind == Kind::Audio;
        self.is_tapped || self.is_listened && self.tracks.get(slot).is_some_and(is_audio)
    }

    /// Asks the publisher of a video track for a key frame, as often as subscribers may.
    ///
    /// # Errors
    /// [`RoomError::UnknownTrack`]: no such track, or it has ended.
    pub fn ask_keyframe(&mut self, now: Instant, track: TrackId) -> Result<(), RoomError> {
        let slot = self.find_track(track).ok_or(RoomError::UnknownTrack)?;
        let track = self.tracks.get_mut(slot).ok_or(RoomError::UnknownTrack)?;
        if track.kind == Kind::Video {
            let (due, publisher) = (track.keyframes.ask(now), track.publisher);
            self.schedule(publisher, due);
        }
        Ok(())
    }
}

/// A packet of a track for the tap.
pub(super) struct Tapped<'a> {
    pub(super) seq: u64,
    pub(super) timestamp: u32,
    pub(super) marker: bool,
    pub(super) audio_level: Option<u8>,
    pub(super) payload: &'a [u8],
}

/// Hands a packet to the tap.
pub(super) fn tap(
    track: &Track,
    publisher: PeerKey,
    ntp_offset: Option<i64>,
    now_us: u64,
    packet: &Tapped<'_>,
    egress: &mut impl Egress,
) {
    let mapped = captured_us(track, ntp_offset, packet.timestamp);
    let by_arrival = || {
        let (timestamp, at_us) = track.latest;
        let since = packet.timestamp.wrapping_sub(timestamp).cast_signed();
        at_us.cast_signed() + i64::from(since) * 1_000_000 / i64::from(track.clock_hz.max(1))
    };
    egress.tap(&TapPacket {
        track: track.id,
        publisher,
        codec: track.codec,
        clock_hz: track.clock_hz,
        ssrc: track.source.ssrc,
        generation: track.generation,
        seq: packet.seq,
        timestamp: packet.timestamp,
        marker: packet.marker,
        starts_keyframe: !packet.payload.is_empty() && starts_keyframe(track.codec, packet.payload),
        audio_level: packet.audio_level,
        arrival_us: now_us,
        capture_us: mapped.unwrap_or_else(by_arrival),
        is_mapped: mapped.is_some(),
        payload: packet.payload,
    });
}

/// When a timestamp was captured, by the publisher's own clock once it has told it.
fn captured_us(track: &Track, ntp_offset: Option<i64>, timestamp: u32) -> Option<i64> {
    let (told, offset) = (track.sender_clock?, ntp_offset?);
    let since = timestamp.wrapping_sub(told.rtp_timestamp).cast_signed();
    let since_us = i64::from(since) * 1_000_000 / i64::from(track.clock_hz.max(1));
    Some(clock::ntp_micros(told.ntp.wrapping_add(offset.cast_unsigned())) + since_us)
}

/// Hands the latest key frame and what follows it to the tap. False if there is none that is young enough.
fn replay(
    track: &Track,
    publisher: PeerKey,
    ntp_offset: Option<i64>,
    now_us: u64,
    egress: &mut impl Egress,
) -> bool {
    let (Some(cache), Some(start)) = (&track.cache, track.keyframe) else {
        return false;
    };
    if now_us.saturating_sub(start.at_us) > LONGEST_REPLAY_US || cache.find(start.seq).is_none() {
        return false;
    }
    for seq in start.seq..=track.newest_seq {
        let Some(cached) = cache.find(seq) else {
            continue;
        };
        let packet = Tapped {
            seq,
            timestamp: cached.timestamp,
            marker: cached.marker,
            audio_level: None,
            payload: cached.payload,
        };
        tap(track, publisher, ntp_offset, now_us, &packet, egress);
    }
    true
}
