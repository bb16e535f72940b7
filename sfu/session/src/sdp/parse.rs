//! Text to [`Description`]. Bounded before it is read; unknown attributes are skipped.

use salon_sfu_core::{Mid, SsrcPair};

use crate::error::SessionError;

/// Lines of text in one description. A browser writes about 60 for each m-line.
const MAX_TEXT_LINES: usize = 20_000;
/// Longest single line; the longest a browser writes is the fmtp of a codec.
const MAX_LINE_BYTES: usize = 2048;
/// Payload types, extensions, and SSRCs of one m-line.
const MAX_PER_SECTION: usize = 128;
/// SSRCs of one m-line; three layers with retransmission are six.
const MAX_SSRCS: usize = 16;

/// What an m-line carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionKind {
    Audio,
    Video,
    /// Data channels, or something unheard of: refused with port 0.
    Other,
}

/// Direction of media as its writer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    pub(crate) fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    pub(crate) fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }
}

/// DTLS role the writer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setup {
    ActPass,
    Active,
    Passive,
}

/// One `a=extmap`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) id: u8,
    pub(crate) uri: String,
}

/// One `a=rtpmap` with what belongs to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mapping {
    pub(crate) pt: u8,
    pub(crate) name: String,
    pub(crate) clock_hz: u32,
    pub(crate) channels: u8,
    pub(crate) fmtp: String,
    pub(crate) feedback: Vec<String>,
}

/// One m-line and its attributes.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) kind: SectionKind,
    /// The word after `m=`, to be written back when refusing.
    pub(crate) media: String,
    pub(crate) protocol: String,
    /// Format list as written, in order of preference.
    pub(crate) formats: Vec<String>,
    /// Port 0 and not bundle-only: stopped or refused.
    pub(crate) is_stopped: bool,
    pub(crate) mid: Option<Mid>,
    pub(crate) direction: Direction,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) extensions: Vec<Extension>,
    pub(crate) ssrcs: Vec<SsrcPair>,
    pub(crate) has_rtcp_mux: bool,
}

/// Credentials and role of one transport.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transport {
    pub(crate) ufrag: Option<String>,
    pub(crate) pwd: Option<String>,
    /// Hash name in lower case, and the bytes.
    pub(crate) fingerprint: Option<(String, Vec<u8>)>,
    pub(crate) setup: Option<Setup>,
}

/// A parsed description.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) transport: Transport,
    pub(crate) is_ice_lite: bool,
    pub(crate) allows_mixed_extensions: bool,
    pub(crate) sections: Vec<Section>,
}

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// [`SessionError::BadSdp`] if it is none, [`SessionError::TooManyLines`] beyond `max_lines` m-lines.
    pub(crate) fn parse(
        text: &str,
        max_bytes: usize,
        max_lines: usize,
    ) -> Result<Self, SessionError> {
        if text.len() > max_bytes {
            return Err(bad("the description is too long"));
        }
        let mut reader = Reader::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                continue;
            }
            if index >= MAX_TEXT_LINES
                || line.len() > MAX_LINE_BYTES
                || line.chars().any(char::is_control)
            {
                return Err(bad(
                    "a line is too long, or there are too many, or one holds control characters",
                ));
            }
            reader.line(line, max_lines)?;
        }
        reader.finish()
    }
}

fn bad(why: &str) -> SessionError {
    SessionError::BadSdp(why.to_owned())
}

#[derive(Default)]
struct Reader {
    has_version: bool,
    session: Transport,
    /// Transport of the first m-line that names one; with one bundle all are the same.
    media: Transport,
    is_ice_lite: bool,
    allows_mixed_extensions: bool,
    session_direction: Option<Direction>,
    session_extensions: Vec<Extension>,
    sections: Vec<Section>,
    is_bundle_only: bool,
    groups: Vec<(u32, u32)>,
    /// Feedback for all payload types of the m-line.
    common_feedback: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str, max_lines: usize) -> Result<(), SessionError> {
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| bad("a line has no '='"))?;
        match key {
            "v" => self.has_version = true,
            "m" => {
                self.close_section();
                if self.sections.len() >= max_lines {
                    return Err(SessionError::TooManyLines);
                }
                let section = section(value, self.session_direction)?;
                self.sections.push(section);
            }
            "a" => {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                self.attribute(name, value)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError> {
        let is_in_section = !self.sections.is_empty();
        let transport = if is_in_section {
            &mut self.media
        } else {
            &mut self.session
        };
        match name {
            "ice-ufrag" => set_once(&mut transport.ufrag, token(value, 4, 256)?),
            "ice-pwd" => set_once(&mut transport.pwd, token(value, 22, 256)?),
            "fingerprint" => set_once(&mut transport.fingerprint, fingerprint(value)?),
            "setup" => set_once(&mut transport.setup, setup(value)?),
            "ice-lite" => self.is_ice_lite = true,
            "extmap-allow-mixed" => self.allows_mixed_extensions = true,
            "sendrecv" | "sendonly" | "recvonly" | "inactive" => {
                let direction = direction(name);
                match self.sections.last_mut() {
                    Some(section) => section.direction = direction,
                    None => self.session_direction = Some(direction),
                }
            }
            "extmap" => {
                let extensions = match self.sections.last_mut() {
                    Some(section) => &mut section.extensions,
                    None => &mut self.session_extensions,
                };
                push_bounded(extensions, extmap(value)?)?;
            }
            "bundle-only" => self.is_bundle_only = true,
            _ if is_in_section => self.section_attribute(name, value)?,
            _ => {}
        }
        Ok(())
    }

    fn section_attribute(&mut self, name: &str, value: &str) -> Result<(), SessionError> {
        let Some(section) = self.sections.last_mut() else {
            return Ok(());
        };
        match name {
            "mid" => {
                section.mid =
                    Some(Mid::new(&token(value, 1, Mid::MAX_BYTES)?).map_err(|_| bad("bad mid"))?);
            }
            "rtcp-mux" => section.has_rtcp_mux = true,
            "rtpmap" => {
                if let Some((mapping, rest)) = mapping_of(section, value)? {
                    rtpmap(mapping, rest);
                }
            }
            "fmtp" => {
                if let Some((mapping, rest)) = mapping_of(section, value)? {
                    rest.clone_into(&mut mapping.fmtp);
                }
            }
            "rtcp-fb" => {
                if let Some(kind) = value.strip_prefix("* ") {
                    push_bounded(&mut self.common_feedback, kind.to_owned())?;
                } else if let Some((mapping, kind)) = mapping_of(section, value)? {
                    push_bounded(&mut mapping.feedback, kind.to_owned())?;
                }
            }
            "ssrc" => {
                if let Some(ssrc) = value.split(' ').next().and_then(|n| n.parse::<u32>().ok())
                    && !section.ssrcs.iter().any(|p| p.ssrc == ssrc)
                {
                    if section.ssrcs.len() >= MAX_SSRCS {
                        return Err(bad("too many SSRCs"));
                    }
                    section.ssrcs.push(SsrcPair { ssrc, rtx: None });
                }
            }
            "ssrc-group" => {
                let mut words = value.split(' ');
                if words.next() == Some("FID")
                    && let (Some(Ok(media)), Some(Ok(rtx))) =
                        (words.next().map(str::parse), words.next().map(str::parse))
                    && self.groups.len() < MAX_SSRCS
                {
                    self.groups.push((media, rtx));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Settles what needs the whole m-line: retransmission pairs, and port 0 that only means "bundled".
    fn close_section(&mut self) {
        let groups = std::mem::take(&mut self.groups);
        let is_bundle_only = std::mem::take(&mut self.is_bundle_only);
        let common_feedback = std::mem::take(&mut self.common_feedback);
        let Some(section) = self.sections.last_mut() else {
            return;
        };
        section.is_stopped &= !is_bundle_only;
        for mapping in &mut section.mappings {
            mapping.feedback.extend_from_slice(&common_feedback);
        }
        for (media, rtx) in groups {
            section.ssrcs.retain(|p| p.ssrc != rtx);
            match section.ssrcs.iter_mut().find(|p| p.ssrc == media) {
                Some(pair) => pair.rtx = Some(rtx),
                None => section.ssrcs.push(SsrcPair {
                    ssrc: media,
                    rtx: Some(rtx),
                }),
            }
        }
        for extension in &self.session_extensions {
            if !section.extensions.iter().any(|e| e.id == extension.id) {
                section.extensions.push(extension.clone());
            }
        }
    }

    fn finish(mut self) -> Result<Description, SessionError> {
        self.close_section();
        if !self.has_version || self.sections.is_empty() {
            return Err(bad("this is no session description with media"));
        }
        let (media, session) = (self.media, self.session);
        Ok(Description {
            transport: Transport {
                ufrag: media.ufrag.or(session.ufrag),
                pwd: media.pwd.or(session.pwd),
                fingerprint: media.fingerprint.or(session.fingerprint),
                setup: media.setup.or(session.setup),
            },
            is_ice_lite: self.is_ice_lite,
            allows_mixed_extensions: self.allows_mixed_extensions,
            sections: self.sections,
        })
    }
}

fn set_once<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

fn push_bounded<T>(list: &mut Vec<T>, value: T) -> Result<(), SessionError> {
    if list.len() >= MAX_PER_SECTION {
        return Err(bad("an m-line has too many attributes"));
    }
    list.push(value);
    Ok(())
}

/// `m=<media> <port>[/n] <protocol> <formats>`
fn section(value: &str, direction: Option<Direction>) -> Result<Section, SessionError> {
    let mut words = value.split(' ').filter(|w| !w.is_empty());
    let (Some(media), Some(port), Some(protocol)) = (words.next(), words.next(), words.next())
    else {
        return Err(bad("an m-line is cut short"));
    };
    let port: u16 = port
        .split('/')
        .next()
        .and_then(|p| p.parse().ok())
        .ok_or_else(|| bad("an m-line has no port"))?;
    let formats: Vec<String> = words.map(str::to_owned).collect();
    if formats.len() > MAX_PER_SECTION {
        return Err(bad("an m-line has too many formats"));
    }
    let is_srtp = protocol.ends_with("RTP/SAVPF") || protocol.ends_with("RTP/SAVP");
    let kind = match media {
        "audio" if is_srtp => SectionKind::Audio,
        "video" if is_srtp => SectionKind::Video,
        _ => SectionKind::Other,
    };
    Ok(Section {
        kind,
        media: token(media, 1, 32)?,
        protocol: protocol.to_owned(),
        formats,
        is_stopped: port == 0,
        mid: None,
        direction: direction.unwrap_or(Direction::SendRecv),
        mappings: Vec::new(),
        extensions: Vec::new(),
        ssrcs: Vec::new(),
        has_rtcp_mux: false,
    })
}

/// Printable characters without spaces, so that the text can be written into our own descriptions.
fn token(value: &str, min: usize, max: usize) -> Result<String, SessionError> {
    let is_token =
        (min..=max).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic());
    if is_token {
        Ok(value.to_owned())
    } else {
        Err(bad("a token has a bad length or bad characters"))
    }
}

fn direction(name: &str) -> Direction {
    match name {
        "sendonly" => Direction::SendOnly,
        "recvonly" => Direction::RecvOnly,
        "inactive" => Direction::Inactive,
        _ => Direction::SendRecv,
    }
}

fn setup(value: &str) -> Result<Setup, SessionError> {
    match value {
        "actpass" => Ok(Setup::ActPass),
        "active" => Ok(Setup::Active),
        "passive" => Ok(Setup::Passive),
        _ => Err(bad("unknown DTLS role")),
    }
}

/// `<hash> AB:CD:…`
fn fingerprint(value: &str) -> Result<(String, Vec<u8>), SessionError> {
    let wrong = || bad("bad fingerprint");
    let (hash, hex) = value.split_once(' ').ok_or_else(wrong)?;
    let bytes: Option<Vec<u8>> = hex
        .trim()
        .split(':')
        .map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect();
    let bytes = bytes
        .filter(|b| (20..=64).contains(&b.len()))
        .ok_or_else(wrong)?;
    Ok((hash.to_ascii_lowercase(), bytes))
}

/// `<id>[/direction] <uri> [attributes]`
fn extmap(value: &str) -> Result<Extension, SessionError> {
    let wrong = || bad("bad extmap");
    let mut words = value.split(' ');
    let id = words
        .next()
        .and_then(|w| w.split('/').next())
        .and_then(|n| n.parse().ok());
    let uri = words.next().ok_or_else(wrong)?;
    Ok(Extension {
        id: id.ok_or_else(wrong)?,
        uri: uri.to_owned(),
    })
}

/// `<name>/<clock>[/<channels>]`
fn rtpmap(mapping: &mut Mapping, value: &str) {
    let mut parts = value.trim().split('/');
    mapping.name = parts.next().unwrap_or_default().to_ascii_lowercase();
    mapping.clock_hz = parts
        .next()
        .and_then(|clock| clock.parse().ok())
        .unwrap_or(0);
    mapping.channels = parts
        .next()
        .and_then(|channels| channels.parse().ok())
        .unwrap_or(1);
}

/// The mapping that `<pt> <rest>` belongs to, and the rest. Firefox tells parameters and feedback of a payload type
/// before its name, so the first line about one makes it.
fn mapping_of<'s, 'v>(
    section: &'s mut Section,
    value: &'v str,
) -> Result<Option<(&'s mut Mapping, &'v str)>, SessionError> {
    let Some((pt, rest)) = value.split_once(' ') else {
        return Ok(None);
    };
    let Some(pt) = pt.parse::<u8>().ok().filter(|pt| *pt < 128) else {
        return Ok(None);
    };
    if !section.mappings.iter().any(|m| m.pt == pt) {
        push_bounded(
            &mut section.mappings,
            Mapping {
                pt,
                ..Mapping::default()
            },
        )?;
    }
    Ok(section
        .mappings
        .iter_mut()
        .find(|m| m.pt == pt)
        .map(|mapping| (mapping, rest)))
}
