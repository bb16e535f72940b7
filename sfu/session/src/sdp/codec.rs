//! Which of an m-line's formats we forward, and how each is written.

use salon_sfu_core::{Codec, Kind, Payload};

use super::parse::{Mapping, Section, SectionKind};

/// One codec of an m-line: the payload for the media plane and the text that describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) payload: Payload,
    /// `a=fmtp` as the client wrote it.
    pub(crate) fmtp: String,
}

impl Format {
    /// Channels in the rtpmap: only Opus writes two.
    pub(crate) fn rtpmap(&self) -> String {
        let Payload {
            pt,
            codec,
            clock_hz,
            ..
        } = self.payload;
        match codec {
            Codec::Opus => format!("{pt} opus/48000/2"),
            other => format!("{pt} {}/{clock_hz}", other.name()),
        }
    }
}

/// The formats of a section that we can forward, in the client's order of preference.
pub(crate) fn formats_of(section: &Section) -> Vec<Format> {
    let kind = match section.kind {
        SectionKind::Audio => Kind::Audio,
        SectionKind::Video => Kind::Video,
        SectionKind::Other => return Vec::new(),
    };
    let mut formats = Vec::new();
    for text in &section.formats {
        let Ok(pt) = text.parse::<u8>() else { continue };
        let mapping = section
            .mappings
            .iter()
            .find(|m| m.pt == pt && !m.name.is_empty())
            .cloned()
            .or_else(|| well_known(pt));
        let Some(mapping) = mapping else { continue };
        let Some(codec) = codec(&mapping).filter(|c| c.kind() == kind) else {
            continue;
        };
        let has = |name: &str| mapping.feedback.iter().any(|f| f == name);
        formats.push(Format {
            payload: Payload {
                pt,
                rtx_pt: retransmission_of(section, pt),
                codec,
                clock_hz: mapping.clock_hz,
                nack: has("nack"),
                pli: has("nack pli"),
                fir: has("ccm fir"),
                transport_cc: has("transport-cc"),
            },
            fmtp: mapping.fmtp,
        });
    }
    formats
}

/// Static payload types need no rtpmap (RFC 3551).
fn well_known(pt: u8) -> Option<Mapping> {
    let name = match pt {
        0 => "pcmu",
        8 => "pcma",
        9 => "g722",
        _ => return None,
    };
    Some(Mapping {
        pt,
        name: name.to_owned(),
        clock_hz: 8000,
        channels: 1,
        ..Mapping::default()
    })
}

fn codec(mapping: &Mapping) -> Option<Codec> {
    let number = |key: &str| parameter(&mapping.fmtp, key).and_then(|v| v.parse::<u8>().ok());
    match (mapping.name.as_str(), mapping.clock_hz) {
        ("opus", 48_000) if mapping.channels == 2 => Some(Codec::Opus),
        ("pcmu", 8_000) => Some(Codec::Pcmu),
        ("pcma", 8_000) => Some(Codec::Pcma),
        ("g722", 8_000) => Some(Codec::G722),
        ("vp8", 90_000) => Some(Codec::Vp8),
        ("vp9", 90_000) => Some(Codec::Vp9 {
            profile_id: number("profile-id").unwrap_or(0),
        }),
        ("av1", 90_000) => Some(Codec::Av1 {
            profile: number("profile").unwrap_or(0),
        }),
        ("h264", 90_000) => {
            // RFC 6184 8.1: without the parameter it is baseline level 1.
            let level = parameter(&mapping.fmtp, "profile-level-id").unwrap_or("42000a");
            let profile_level_id = u32::from_str_radix(level, 16).ok()?;
            let packetization_mode = number("packetization-mode").unwrap_or(0);
            // Constrained baseline in mode 1 is what every browser decodes; other profiles would find no receiver.
            let is_common = profile_level_id >> 16 == 0x42 && profile_level_id & 0x4000 != 0;
            (is_common && packetization_mode == 1).then_some(Codec::H264 {
                profile_level_id,
                packetization_mode,
            })
        }
        _ => None,
    }
}

/// Value of `key` in `a=1;b=2`.
fn parameter<'f>(fmtp: &'f str, key: &str) -> Option<&'f str> {
    fmtp.split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value.trim())
}

/// The listed `rtx` format whose `apt` is `pt`.
fn retransmission_of(section: &Section, pt: u8) -> Option<u8> {
    section
        .mappings
        .iter()
        .filter(|m| m.name == "rtx" && section.formats.iter().any(|f| *f == m.pt.to_string()))
        .find(|m| parameter(&m.fmtp, "apt").and_then(|v| v.parse().ok()) == Some(pt))
        .map(|m| m.pt)
}
