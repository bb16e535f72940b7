//! One room as JSON text, for people and dashboards.

use std::fmt::Write;

use salon_sfu_core::{DropReason, Kind};

use super::Shard;
use super::room::LiveRoom;
use super::settle::track_name;

impl Shard {
    /// Peers, tracks and counters of a room.
    pub(super) fn room_report(&self, index: usize) -> Option<String> {
        let room = self.rooms.get(index)?;
        let peers = room.members.iter().filter_map(|key| {
            let peer = self.peers.get(*key)?;
            let stats = room.media().peer_stats(*key).unwrap_or_default();
            let (lines, stopped) = peer.session.line_counts();
            let rtt_ms = stats.rtt.map_or(-1.0, |rtt| rtt.as_secs_f64() * 1000.0);
            Some(format!(
                "{{\"peer\":{},\"stream\":{},\"lines\":{lines},\"stopped_lines\":{stopped},\"links\":{},\
                 \"packets_in\":{},\"bytes_in\":{},\"packets_out\":{},\"bytes_out\":{},\"rtt_ms\":{rtt_ms:.1},\
                 \"loss_down\":{:.4}}}",
                quoted(&peer.name),
                quoted(&peer.stream),
                stats.links,
                stats.packets_in,
                stats.bytes_in,
                stats.packets_out,
                stats.bytes_out,
                stats.loss_down,
            ))
        });
        let peers: Vec<String> = peers.collect();
        Some(format!(
            "{{\"room\":{},\"peers\":[{}],\"tracks\":[{}],\"counters\":{}}}",
            quoted(&room.name),
            peers.join(","),
            self.tracks(room).join(","),
            counters(room),
        ))
    }

    fn tracks(&self, room: &LiveRoom) -> Vec<String> {
        let tracks = room.media().track_stats().filter_map(|stats| {
            let publisher = self.peers.get(stats.publisher)?;
            let kind = match stats.kind {
                Kind::Audio => "audio",
                Kind::Video => "video",
            };
            let level = stats.audio_level.map_or_else(|| "null".to_owned(), |level| level.to_string());
            Some(format!(
                "{{\"track\":{},\"peer\":{},\"kind\":\"{kind}\",\"codec\":{},\"packets\":{},\"payload_bytes\":{},\
                 \"lost\":{},\"jitter\":{},\"links\":{},\"audio_level\":{level}}}",
                quoted(&track_name(&publisher.name, stats.track)),
                quoted(&publisher.name),
                quoted(stats.codec.name()),
                stats.packets,
                stats.payload_bytes,
                stats.lost,
                stats.jitter,
                stats.links,
            ))
        });
        tracks.collect()
    }
}

fn counters(room: &LiveRoom) -> String {
    let c = room.counters();
    let mut text = format!(
        "{{\"rtp_in\":{},\"rtp_out\":{},\"rtx_out\":{},\"recovered\":{},\"keyframe_requests_out\":{}",
        c.rtp_in, c.rtp_out, c.rtx_out, c.recovered, c.keyframe_requests_out
    );
    for reason in DropReason::ALL {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            ",\"dropped_{}\":{}",
            reason.label(),
            c.dropped(reason)
        );
    }
    text.push('}');
    text
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
