//! Our own descriptions, as text.

use std::fmt::Write;
use std::net::SocketAddr;

use salon_sfu_core::{Kind, Mid};

use super::codec::Format;
use super::parse::Extension;

/// What we say about one m-line.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// Absent only where a client numbered no line; then it is refused.
    pub(crate) mid: Option<Mid>,
    pub(crate) kind: PartKind<'a>,
}

/// What the m-line is for.
#[derive(Debug)]
pub(crate) enum PartKind<'a> {
    /// Port 0: stopped, or refused. Written back with the media, protocol and formats it came with.
    Stopped {
        media: &'a str,
        protocol: &'a str,
        format: &'a str,
        rtpmap: Option<&'a str>,
    },
    /// The client sends, if `is_active`.
    Receive {
        kind: Kind,
        formats: &'a [Format],
        extensions: &'a [Extension],
        is_active: bool,
    },
    /// We send, if `is_active`.
    Send { part: SendPart<'a>, is_active: bool },
}

/// A line we send on.
#[derive(Debug)]
pub(crate) struct SendPart<'a> {
    pub(crate) kind: Kind,
    pub(crate) formats: &'a [Format],
    pub(crate) extensions: &'a [Extension],
    pub(crate) stream: &'a str,
    pub(crate) track: &'a str,
    pub(crate) cname: &'a str,
    pub(crate) ssrc: u32,
    pub(crate) rtx_ssrc: Option<u32>,
}

/// A description to be written.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) session_id: u64,
    pub(crate) version: u64,
    pub(crate) ufrag: &'a str,
    pub(crate) pwd: &'a str,
    pub(crate) fingerprint: &'a str,
    pub(crate) setup: &'a str,
    pub(crate) allows_mixed_extensions: bool,
    pub(crate) candidates: &'a [SocketAddr],
    pub(crate) parts: Vec<Part<'a>>,
}

/// Writes the description.
pub(crate) fn write(outgoing: &Outgoing<'_>) -> String {
    let mut text = String::with_capacity(1024 + outgoing.parts.len() * 1024);
    // Writing to a String cannot fail.
    let _ = write_all(&mut text, outgoing);
    text
}

fn write_all(text: &mut String, o: &Outgoing<'_>) -> std::fmt::Result {
    write!(
        text,
        "v=0\r\no=- {} {} IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
        o.session_id, o.version
    )?;
    text.push_str("a=group:BUNDLE");
    for part in o.parts.iter().filter(|p| p.is_live()) {
        if let Some(mid) = part.mid {
            write!(text, " {}", mid.as_str())?;
        }
    }
    text.push_str("\r\na=ice-lite\r\na=msid-semantic: WMS *\r\n");
    if o.allows_mixed_extensions {
        text.push_str("a=extmap-allow-mixed\r\n");
    }
    let mut needs_candidates = true;
    for part in &o.parts {
        write_part(text, o, part, needs_candidates)?;
        needs_candidates &= !part.is_live();
    }
    Ok(())
}

impl Part<'_> {
    fn is_live(&self) -> bool {
        !matches!(self.kind, PartKind::Stopped { .. })
    }
}

fn write_part(
    text: &mut String,
    o: &Outgoing<'_>,
    part: &Part<'_>,
    with_candidates: bool,
) -> std::fmt::Result {
    match &part.kind {
        PartKind::Stopped {
            media,
            protocol,
            format,
            rtpmap,
        } => {
            write!(
                text,
                "m={media} 0 {protocol} {format}\r\nc=IN IP4 0.0.0.0\r\n"
            )?;
            write_mid(text, part.mid)?;
            text.push_str("a=inactive\r\n");
            if let Some(rtpmap) = rtpmap {
                write!(text, "a=rtpmap:{rtpmap}\r\n")?;
            }
        }
        PartKind::Receive {
            kind,
            formats,
            extensions,
            is_active,
        } => {
            write_media_line(text, *kind, formats)?;
            write_transport(text, o, part.mid, with_candidates)?;
            text.push_str(if *is_active {
                "a=recvonly\r\n"
            } else {
                "a=inactive\r\n"
            });
            write_extensions(text, extensions)?;
            write_formats(text, formats)?;
        }
        PartKind::Send {
            part: send,
            is_active,
        } => {
            write_media_line(text, send.kind, send.formats)?;
            write_transport(text, o, part.mid, with_candidates)?;
            text.push_str(if *is_active {
                "a=sendonly\r\n"
            } else {
                "a=inactive\r\n"
            });
            write_extensions(text, send.extensions)?;
            write_formats(text, send.formats)?;
            write_source(text, send)?;
        }
    }
    Ok(())
}

fn write_mid(text: &mut String, mid: Option<Mid>) -> std::fmt::Result {
    mid.map_or(Ok(()), |mid| write!(text, "a=mid:{}\r\n", mid.as_str()))
}

fn write_media_line(text: &mut String, kind: Kind, formats: &[Format]) -> std::fmt::Result {
    let media = match kind {
        Kind::Audio => "audio",
        Kind::Video => "video",
    };
    write!(text, "m={media} 9 UDP/TLS/RTP/SAVPF")?;
    for format in formats {
        write!(text, " {}", format.payload.pt)?;
        if let Some(rtx) = format.payload.rtx_pt {
            write!(text, " {rtx}")?;
        }
    }
    text.push_str("\r\nc=IN IP4 0.0.0.0\r\n");
    Ok(())
}

fn write_transport(
    text: &mut String,
    o: &Outgoing<'_>,
    mid: Option<Mid>,
    with_candidates: bool,
) -> std::fmt::Result {
    write_mid(text, mid)?;
    write!(text, "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", o.ufrag, o.pwd)?;
    write!(
        text,
        "a=fingerprint:sha-256 {}\r\na=setup:{}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n",
        o.fingerprint, o.setup
    )?;
    if with_candidates {
        for (index, address) in o.candidates.iter().enumerate() {
            // RFC 8445 5.1.2.1: host candidates of component 1; a lower local preference for later addresses.
            let priority = (126u32 << 24) | (65_535u32.saturating_sub(index as u32) << 8) | 255;
            let (foundation, ip, port) = (index + 1, address.ip(), address.port());
            write!(
                text,
                "a=candidate:{foundation} 1 udp {priority} {ip} {port} typ host\r\n"
            )?;
        }
        text.push_str("a=end-of-candidates\r\n");
    }
    Ok(())
}

fn write_extensions(text: &mut String, extensions: &[Extension]) -> std::fmt::Result {
    extensions
        .iter()
        .try_for_each(|e| write!(text, "a=extmap:{} {}\r\n", e.id, e.uri))
}

fn write_formats(text: &mut String, formats: &[Format]) -> std::fmt::Result {
    for format in formats {
        let payload = &format.payload;
        let pt = payload.pt;
        write!(text, "a=rtpmap:{}\r\n", format.rtpmap())?;
        if !format.fmtp.is_empty() {
            write!(text, "a=fmtp:{pt} {}\r\n", format.fmtp)?;
        }
        for (wanted, name) in [
            (payload.nack, "nack"),
            (payload.pli, "nack pli"),
            (payload.fir, "ccm fir"),
            (payload.transport_cc, "transport-cc"),
        ] {
            if wanted {
                write!(text, "a=rtcp-fb:{pt} {name}\r\n")?;
            }
        }
        if let Some(rtx) = payload.rtx_pt {
            write!(
                text,
                "a=rtpmap:{rtx} rtx/{}\r\na=fmtp:{rtx} apt={pt}\r\n",
                payload.clock_hz
            )?;
        }
    }
    Ok(())
}

fn write_source(text: &mut String, send: &SendPart<'_>) -> std::fmt::Result {
    let SendPart {
        stream,
        track,
        cname,
        ssrc,
        rtx_ssrc,
        ..
    } = send;
    write!(text, "a=msid:{stream} {track}\r\n")?;
    if let Some(rtx) = rtx_ssrc {
        write!(text, "a=ssrc-group:FID {ssrc} {rtx}\r\n")?;
    }
    for ssrc in std::iter::once(ssrc).chain(rtx_ssrc) {
        write!(
            text,
            "a=ssrc:{ssrc} cname:{cname}\r\na=ssrc:{ssrc} msid:{stream} {track}\r\n"
        )?;
    }
    Ok(())
}
