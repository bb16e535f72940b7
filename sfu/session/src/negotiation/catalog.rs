//! What a client has told us it speaks: payload types and extension ids are the same on all lines of a bundle.

use salon_sfu_core::{Codec, Kind};

use crate::sdp::{Description, Extension, Format, Section, SectionKind, formats_of, uri};

/// Extensions worth having on a line, by kind. Absolute send time only where transport-cc is missing.
const AUDIO: [&str; 4] = [
    uri::MID,
    uri::AUDIO_LEVEL,
    uri::TRANSPORT_CC,
    uri::ABS_CAPTURE_TIME,
];
const VIDEO: [&str; 6] = [
    uri::MID,
    uri::TRANSPORT_CC,
    uri::ORIENTATION,
    uri::PLAYOUT_DELAY,
    uri::ABS_CAPTURE_TIME,
    uri::DEPENDENCY_DESCRIPTOR,
];

/// The first meaning a client gave to each payload type and extension id stands for the session.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    audio: Vec<Format>,
    video: Vec<Format>,
    audio_extensions: Vec<Extension>,
    video_extensions: Vec<Extension>,
    pub(super) allows_mixed_extensions: bool,
}

impl Catalog {
    /// Learns from an offer.
    pub(super) fn learn(&mut self, description: &Description) {
        self.allows_mixed_extensions |= description.allows_mixed_extensions;
        for section in description.sections.iter().filter(|s| !s.is_stopped) {
            let (formats, extensions) = match section.kind {
                SectionKind::Audio => (&mut self.audio, &mut self.audio_extensions),
                SectionKind::Video => (&mut self.video, &mut self.video_extensions),
                SectionKind::Other => continue,
            };
            for format in formats_of(section) {
                if !formats.iter().any(|f| f.payload.pt == format.payload.pt) {
                    formats.push(format);
                }
            }
            for extension in useful_extensions(section) {
                if !extensions
                    .iter()
                    .any(|e| e.id == extension.id || e.uri == extension.uri)
                {
                    extensions.push(extension);
                }
            }
        }
    }

    pub(super) fn formats(&self, kind: Kind) -> &[Format] {
        match kind {
            Kind::Audio => &self.audio,
            Kind::Video => &self.video,
        }
    }

    pub(super) fn extensions(&self, kind: Kind) -> &[Extension] {
        match kind {
            Kind::Audio => &self.audio_extensions,
            Kind::Video => &self.video_extensions,
        }
    }

    /// What to offer on a line for a track of this codec, the codec itself first. Empty if nothing could ever flow.
    ///
    /// A video line also carries the codecs its publisher may change to, because that may be what he is being asked
    /// for just now; an audio line nothing else, to keep the descriptions of large rooms short.
    pub(super) fn formats_for(&self, codec: Codec) -> Vec<Format> {
        let all = self.formats(codec.kind());
        let first = all.iter().find(|f| codec.decodes_as(f.payload.codec));
        let others = all.iter().filter(|f| {
            first.is_none_or(|first| f.payload.pt != first.payload.pt)
                && matches!(f.payload.codec, Codec::Vp8 | Codec::H264 { .. })
        });
        first.into_iter().chain(others).cloned().collect()
    }
}

/// Extensions of a section that we understand and can write in the one-byte form.
pub(super) fn useful_extensions(section: &Section) -> Vec<Extension> {
    let useful: &[&str] = match section.kind {
        SectionKind::Audio => &AUDIO,
        SectionKind::Video => &VIDEO,
        SectionKind::Other => return Vec::new(),
    };
    let has_transport_cc = section
        .extensions
        .iter()
        .any(|e| e.uri == uri::TRANSPORT_CC);
    let mut kept: Vec<Extension> = Vec::new();
    for extension in &section.extensions {
        let is_useful = useful.contains(&extension.uri.as_str())
            || (extension.uri == uri::ABS_SEND_TIME && !has_transport_cc);
        let is_taken = kept
            .iter()
            .any(|k| k.id == extension.id || k.uri == extension.uri);
        if is_useful && !is_taken && (1..=14).contains(&extension.id) {
            kept.push(extension.clone());
        }
    }
    kept
}
