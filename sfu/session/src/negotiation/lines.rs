//! One m-line: its role now, and how the media plane and the description see it.

use salon_sfu_core::{Codec, ExtensionIds, Kind, Mid, ReceiveLine, SendLine, SsrcPair, TrackId};

use crate::sdp::{Extension, Format, Part, PartKind, SendPart, uri};

/// A track a client is to receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name in the room.
    pub track: TrackId,
    /// Sound or picture.
    pub kind: Kind,
    /// As published.
    pub codec: Codec,
    /// msid stream id: the publisher's signaling peer id.
    pub stream: String,
    /// msid track id, unique in the room.
    pub name: String,
    /// Canonical name; the same for all tracks of one publisher.
    pub cname: String,
}

/// A wanted track and what its line will be called. The names survive an offer that the client overruled, because
/// Chrome remembers the order of lines even of an offer that was rolled back.
#[derive(Debug)]
pub(super) struct Want {
    pub(super) wanted: Wanted,
    pub(super) mid: Option<Mid>,
    pub(super) ssrc: u32,
    pub(super) rtx_ssrc: Option<u32>,
    /// The client stopped the line or decodes none of its codecs: do not offer it again.
    pub(super) is_refused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) mid: Option<Mid>,
    pub(super) role: Role,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The client sends.
    Receive {
        kind: Kind,
        formats: Vec<Format>,
        extensions: Vec<Extension>,
        ssrcs: Vec<SsrcPair>,
        is_active: bool,
    },
    /// We send.
    Send(SendRole),
    /// Stopped or refused. What it said is kept to be written back.
    Dead {
        media: String,
        protocol: String,
        format: String,
        /// What follows `a=rtpmap:`; some parsers want it on stopped lines too.
        rtpmap: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SendRole {
    pub(super) wanted: Wanted,
    pub(super) formats: Vec<Format>,
    pub(super) extensions: Vec<Extension>,
    pub(super) ssrc: u32,
    pub(super) rtx_ssrc: Option<u32>,
    /// Agreed to by the client. Nothing is sent before.
    pub(super) is_active: bool,
}

impl Line {
    /// A stopped line of a kind, as we would write it ourselves.
    pub(super) fn stopped(mid: Option<Mid>, kind: Kind, formats: &[Format]) -> Self {
        let media = match kind {
            Kind::Audio => "audio",
            Kind::Video => "video",
        };
        let format = formats
            .first()
            .map_or_else(|| "0".to_owned(), |f| f.payload.pt.to_string());
        let role = Role::Dead {
            media: media.to_owned(),
            protocol: "UDP/TLS/RTP/SAVPF".to_owned(),
            format,
            rtpmap: formats.first().map(Format::rtpmap),
        };
        Self { mid, role }
    }

    pub(super) fn uses_ssrc(&self, ssrc: u32) -> bool {
        match &self.role {
            Role::Receive { ssrcs, .. } => {
                ssrcs.iter().any(|p| p.ssrc == ssrc || p.rtx == Some(ssrc))
            }
            Role::Send(send) => send.ssrc == ssrc || send.rtx_ssrc == Some(ssrc),
            Role::Dead { .. } => false,
        }
    }

    pub(super) fn sends(&self, track: TrackId) -> bool {
        matches!(&self.role, Role::Send(send) if send.wanted.track == track)
    }

    pub(super) fn to_receive_line(&self) -> Option<ReceiveLine> {
        let Role::Receive {
            kind,
            formats,
            extensions,
            ssrcs,
            is_active,
        } = &self.role
        else {
            return None;
        };
        Some(ReceiveLine {
            mid: self.mid?,
            kind: *kind,
            payloads: formats.iter().map(|f| f.payload).collect(),
            extensions: ids(extensions),
            ssrcs: ssrcs.clone(),
            active: *is_active,
        })
    }

    pub(super) fn to_send_line(&self) -> Option<(TrackId, SendLine)> {
        let Role::Send(send) = &self.role else {
            return None;
        };
        let line = SendLine {
            mid: self.mid?,
            kind: send.wanted.kind,
            payloads: send.formats.iter().map(|f| f.payload).collect(),
            extensions: ids(&send.extensions),
            ssrc: send.ssrc,
            rtx_ssrc: send.rtx_ssrc,
            cname: send.wanted.cname.clone(),
        };
        send.is_active.then_some((send.wanted.track, line))
    }

    pub(super) fn to_part(&self) -> Part<'_> {
        let kind = match &self.role {
            Role::Receive {
                kind,
                formats,
                extensions,
                is_active,
                ..
            } => PartKind::Receive {
                kind: *kind,
                formats,
                extensions,
                is_active: *is_active,
            },
            Role::Send(send) => PartKind::Send {
                is_active: send.is_active,
                part: SendPart {
                    kind: send.wanted.kind,
                    formats: &send.formats,
                    extensions: &send.extensions,
                    stream: &send.wanted.stream,
                    track: &send.wanted.name,
                    cname: &send.wanted.cname,
                    ssrc: send.ssrc,
                    rtx_ssrc: send.rtx_ssrc,
                },
            },
            Role::Dead {
                media,
                protocol,
                format,
                rtpmap,
            } => PartKind::Stopped {
                media,
                protocol,
                format,
                rtpmap: rtpmap.as_deref(),
            },
        };
        Part {
            mid: self.mid,
            kind,
        }
    }
}

/// The ids under the names the media plane has for them.
fn ids(extensions: &[Extension]) -> ExtensionIds {
    let mut ids = ExtensionIds::default();
    for extension in extensions {
        let field = match extension.uri.as_str() {
            uri::MID => &mut ids.mid,
            uri::AUDIO_LEVEL => &mut ids.audio_level,
            uri::ABS_SEND_TIME => &mut ids.abs_send_time,
            uri::TRANSPORT_CC => &mut ids.transport_cc,
            uri::ORIENTATION => &mut ids.video_orientation,
            uri::PLAYOUT_DELAY => &mut ids.playout_delay,
            uri::ABS_CAPTURE_TIME => &mut ids.abs_capture_time,
            uri::DEPENDENCY_DESCRIPTOR => &mut ids.dependency_descriptor,
            _ => continue,
        };
        *field = Some(extension.id);
    }
    ids
}
