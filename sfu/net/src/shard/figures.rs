//! What a shard counts. Names are a closed set.

use salon_sfu_core::{DropReason, RoomCounters, SrtpProfile};

use super::Shard;
use crate::api::EngineStats;

/// Counters of a shard.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) commands: u64,
    pub(crate) datagrams_in: u64,
    pub(crate) checks: u64,
    pub(crate) plain_stun: u64,
    receive_buffer: u64,
    send_buffer: u64,
    pub(crate) peers_gone: u64,
    pub(crate) room_faults: u64,
    pub(crate) internal_errors: u64,
    pub(crate) refused_links: u64,
    pub(crate) socket_errors: u64,
    pub(crate) truncated: u64,
    pub(crate) not_ours: u64,
    pub(crate) unknown_address: u64,
    pub(crate) unknown_ufrag: u64,
    pub(crate) malformed_stun: u64,
    pub(crate) forged_checks: u64,
    pub(crate) refused_checks: u64,
    pub(crate) limited_stun: u64,
    gcm_128: u64,
    gcm_256: u64,
    cm: u64,
    retired: Media,
}

/// Sums over rooms.
#[derive(Clone, Default)]
struct Media {
    values: [u64; 12],
    dropped: [u64; DropReason::ALL.len()],
}

const MEDIA: [&str; 12] = [
    "media_datagrams_in_total",
    "rtp_in_total",
    "rtcp_in_total",
    "rtp_out_total",
    "rtp_out_bytes_total",
    "rtcp_out_total",
    "rtx_out_total",
    "recovered_total",
    "nacks_out_total",
    "nacks_in_total",
    "keyframe_requests_out_total",
    "keyframe_requests_in_total",
];

impl Media {
    fn add(&mut self, room: &RoomCounters) {
        let values = [
            room.datagrams_in,
            room.rtp_in,
            room.rtcp_in,
            room.rtp_out,
            room.rtp_out_bytes,
            room.rtcp_out,
            room.rtx_out,
            room.recovered,
            room.nacks_out,
            room.nacks_in,
            room.keyframe_requests_out,
            room.keyframe_requests_in,
        ];
        for (sum, value) in self.values.iter_mut().zip(values) {
            *sum = sum.saturating_add(value);
        }
        for (sum, reason) in self.dropped.iter_mut().zip(DropReason::ALL) {
            *sum = sum.saturating_add(room.dropped(reason));
        }
    }
}

impl Figures {
    /// Nothing counted yet, and the socket buffers the kernel granted.
    pub(crate) fn new(receive_buffer: usize, send_buffer: usize) -> Self {
        Self {
            receive_buffer: receive_buffer as u64,
            send_buffer: send_buffer as u64,
            ..Self::default()
        }
    }

    /// Keeps the counters of a room that ends.
    pub(crate) fn retire(&mut self, room: &RoomCounters) {
        self.retired.add(room);
    }

    /// Notes which SRTP profile a peer got.
    pub(crate) fn count_profile(&mut self, profile: SrtpProfile) {
        let counter = match profile {
            SrtpProfile::AeadAes128Gcm => &mut self.gcm_128,
            SrtpProfile::AeadAes256Gcm => &mut self.gcm_256,
            SrtpProfile::Aes128CmSha1_80 => &mut self.cm,
        };
        *counter += 1;
    }
}

impl Shard {
    /// A snapshot of everything counted.
    pub(super) fn stats(&self) -> EngineStats {
        let f = &self.figures;
        let sent = self.outbox.sent();
        let mut media = f.retired.clone();
        for (_, room) in self.rooms.iter() {
            media.add(room.counters());
        }
        let own = [
            ("peers", self.peers.len() as u64),
            ("rooms", self.rooms.len() as u64),
            (
                "tracks",
                self.rooms.iter().map(|(_, r)| r.tracks.len() as u64).sum(),
            ),
            ("receive_buffer_bytes", f.receive_buffer),
            ("send_buffer_bytes", f.send_buffer),
            ("commands_total", f.commands),
            ("peers_gone_total", f.peers_gone),
            ("room_faults_total", f.room_faults),
            ("internal_errors_total", f.internal_errors),
            ("refused_links_total", f.refused_links),
            ("socket_errors_total", f.socket_errors),
            ("datagrams_in_total", f.datagrams_in),
            ("datagrams_out_total", sent.datagrams),
            ("messages_out_total", sent.messages),
            ("send_calls_total", sent.calls),
            ("ice_checks_total", f.checks),
            ("plain_stun_total", f.plain_stun),
            ("srtp_gcm_128_total", f.gcm_128),
            ("srtp_gcm_256_total", f.gcm_256),
            ("srtp_cm_total", f.cm),
            ("dropped_truncated_total", f.truncated),
            ("dropped_not_ours_total", f.not_ours),
            ("dropped_unknown_address_total", f.unknown_address),
            ("dropped_unknown_ufrag_total", f.unknown_ufrag),
            ("dropped_malformed_stun_total", f.malformed_stun),
            ("dropped_forged_check_total", f.forged_checks),
            ("dropped_refused_check_total", f.refused_checks),
            ("dropped_limited_stun_total", f.limited_stun),
            ("dropped_send_full_total", sent.full),
            ("dropped_send_failed_total", sent.failed),
            ("dropped_no_path_total", self.outbox.without_path()),
            ("recording_dropped_packets_total", self.recorder.dropped()),
        ];
        let own = own
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        let sums = MEDIA
            .into_iter()
            .zip(media.values)
            .map(|(name, value)| (name.to_owned(), value));
        let drops = DropReason::ALL.into_iter().zip(media.dropped);
        let drops =
            drops.map(|(reason, value)| (format!("dropped_{}_total", reason.label()), value));
        EngineStats {
            values: own.chain(sums).chain(drops).collect(),
        }
    }
}
