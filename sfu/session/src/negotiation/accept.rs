//! Taking in what the client says: its offers, and its answers to ours.

use std::time::Instant;

use salon_sfu_core::{Codec, Kind, Mid};

use super::Negotiation;
use super::catalog::useful_extensions;
use super::lines::{Line, Role, SendRole};
use crate::error::SessionError;
use crate::sdp::{Description, Format, Section, SectionKind, formats_of};

impl Negotiation {
    /// Takes an offer of the client. Whatever we had on offer is void and will be offered again.
    ///
    /// # Errors
    /// [`SessionError::BadSdp`]; nothing has changed then.
    pub(crate) fn accept_offer(
        &mut self,
        now: Instant,
        offer: &Description,
    ) -> Result<(), SessionError> {
        if offer.sections.len() < self.lines.len() {
            return Err(bad("an m-line is missing that was there before"));
        }
        check_mids(offer)?;
        let mut lines = Vec::with_capacity(offer.sections.len());
        for (index, section) in offer.sections.iter().enumerate() {
            lines.push(match self.lines.get(index) {
                Some(line) if section.mid == line.mid || section.mid.is_none() => {
                    self.updated(line, section)
                }
                Some(line) if !matches!(line.role, Role::Dead { .. }) => {
                    return Err(bad("an m-line in use got another mid"));
                }
                _ => self.received(section),
            });
        }
        let is_first = self.lines.is_empty();
        if is_first && lines.iter().all(|l| matches!(l.role, Role::Dead { .. })) {
            return Err(bad("no m-line of the offer can be taken"));
        }
        self.catalog.learn(offer);
        for want in &mut self.wants {
            let before = self.lines.iter().any(|l| l.sends(want.wanted.track));
            want.is_refused |= before && !lines.iter().any(|l| l.sends(want.wanted.track));
        }
        self.lines = lines;
        self.pending = None;
        self.touch(now);
        Ok(())
    }

    /// Takes the answer to our pending offer.
    ///
    /// # Errors
    /// [`SessionError::StaleNegotiation`] if `neg` is not the pending one, [`SessionError::BadSdp`] if the answer does
    /// not fit the offer; the offer stays pending then.
    pub(crate) fn accept_answer(
        &mut self,
        now: Instant,
        neg: Option<u32>,
        answer: &Description,
    ) -> Result<(), SessionError> {
        let pending = self
            .pending
            .as_ref()
            .ok_or(SessionError::StaleNegotiation)?;
        if neg.is_some_and(|neg| neg != pending.neg) {
            return Err(SessionError::StaleNegotiation);
        }
        // Old clients name no number: an answer with other lines than the offer belongs to an earlier one.
        let fits = answer.sections.len() == pending.lines.len()
            && pending
                .lines
                .iter()
                .zip(&answer.sections)
                .all(|(line, section)| {
                    section.mid == line.mid || (section.mid.is_none() && section.is_stopped)
                });
        if !fits {
            return Err(match neg {
                Some(_) => bad("the answer's m-lines are not those of the offer"),
                None => SessionError::StaleNegotiation,
            });
        }
        let Some(pending) = self.pending.take() else {
            return Err(SessionError::StaleNegotiation);
        };
        self.lines = pending
            .lines
            .iter()
            .zip(&answer.sections)
            .map(|(line, section)| answered(line, section))
            .collect();
        for want in &mut self.wants {
            let was_offered = pending.lines.iter().any(|l| l.sends(want.wanted.track));
            want.is_refused |=
                was_offered && !self.lines.iter().any(|l| l.sends(want.wanted.track));
        }
        // A line may have become free for a track that waits for one.
        self.touch(now);
        Ok(())
    }

    /// A line we know, in a new offer of the client.
    fn updated(&self, line: &Line, section: &Section) -> Line {
        match &line.role {
            Role::Send(send) if section.is_stopped => {
                Line::stopped(line.mid, send.wanted.kind, &send.formats)
            }
            Role::Send(send) => {
                let is_active = section.direction.receives();
                Line {
                    mid: line.mid,
                    role: Role::Send(SendRole {
                        is_active,
                        ..send.clone()
                    }),
                }
            }
            Role::Dead { .. } if section.is_stopped => line.clone(),
            Role::Receive { .. } | Role::Dead { .. } => self.received(section),
        }
    }

    /// A line the client made.
    fn received(&self, section: &Section) -> Line {
        let mut formats = formats_of(section);
        let kind = match section.kind {
            SectionKind::Audio => Kind::Audio,
            SectionKind::Video => Kind::Video,
            SectionKind::Other => return refused(section),
        };
        if section.is_stopped || formats.is_empty() {
            return refused(section);
        }
        if kind == Kind::Video {
            prefer_common(&mut formats, self.room_codecs.as_deref());
        }
        let role = Role::Receive {
            kind,
            formats,
            extensions: useful_extensions(section),
            ssrcs: section.ssrcs.clone(),
            is_active: section.direction.sends(),
        };
        Line {
            mid: section.mid,
            role,
        }
    }
}

/// Puts codecs first that everybody decodes, if the present first is not one of them. The client's order stands
/// otherwise.
pub(super) fn prefer_common(formats: &mut [Format], common: Option<&[Codec]>) {
    let Some(common) = common else { return };
    let is_common = |f: &Format| common.iter().any(|c| f.payload.codec.decodes_as(*c));
    if formats.first().is_some_and(|first| !is_common(first)) && formats.iter().any(is_common) {
        formats.sort_by_key(|f| !is_common(f));
    }
}

/// A line of our offer, as the client answered it.
fn answered(line: &Line, section: &Section) -> Line {
    match &line.role {
        Role::Dead { .. } => line.clone(),
        Role::Send(send) => {
            let formats: Vec<Format> = formats_of(section)
                .into_iter()
                .filter(|f| {
                    send.formats
                        .iter()
                        .any(|o| o.payload.codec.decodes_as(f.payload.codec))
                })
                .collect();
            if section.is_stopped || formats.is_empty() {
                return Line::stopped(line.mid, send.wanted.kind, &send.formats);
            }
            let has_rtx = formats.iter().any(|f| f.payload.rtx_pt.is_some());
            let extensions = useful_extensions(section);
            let role = SendRole {
                formats,
                extensions: send
                    .extensions
                    .iter()
                    .filter(|e| extensions.contains(e))
                    .cloned()
                    .collect(),
                rtx_ssrc: send.rtx_ssrc.filter(|_| has_rtx),
                is_active: section.direction.receives(),
                ..send.clone()
            };
            Line {
                mid: line.mid,
                role: Role::Send(role),
            }
        }
        Role::Receive {
            kind,
            formats,
            extensions,
            ssrcs,
            ..
        } => {
            if section.is_stopped {
                return Line::stopped(line.mid, *kind, formats);
            }
            // In the order we offered, whatever the client prefers: else we would offer that order again for ever.
            let place = |f: &Format| formats.iter().position(|o| o.payload.pt == f.payload.pt);
            let mut answered = formats_of(section);
            answered.sort_by_key(|f| place(f).unwrap_or(usize::MAX));
            let role = Role::Receive {
                kind: *kind,
                formats: if answered.is_empty() {
                    formats.clone()
                } else {
                    answered
                },
                extensions: extensions.clone(),
                ssrcs: if section.ssrcs.is_empty() {
                    ssrcs.clone()
                } else {
                    section.ssrcs.clone()
                },
                is_active: section.direction.sends(),
            };
            Line {
                mid: line.mid,
                role,
            }
        }
    }
}

/// Port 0 in the answer: data channels, unknown media, and media without a codec we know.
fn refused(section: &Section) -> Line {
    let format = section
        .formats
        .first()
        .cloned()
        .unwrap_or_else(|| "0".to_owned());
    let mapping = section
        .mappings
        .iter()
        .find(|m| m.pt.to_string() == format && !m.name.is_empty());
    let rtpmap = mapping.map(|m| match m.channels {
        1 => format!("{} {}/{}", m.pt, m.name, m.clock_hz),
        channels => format!("{} {}/{}/{channels}", m.pt, m.name, m.clock_hz),
    });
    let role = Role::Dead {
        media: section.media.clone(),
        protocol: section.protocol.clone(),
        format,
        rtpmap,
    };
    Line {
        mid: section.mid,
        role,
    }
}

/// Every live line needs a name of its own, and multiplexed RTCP.
fn check_mids(offer: &Description) -> Result<(), SessionError> {
    let mut seen: Vec<Mid> = Vec::with_capacity(offer.sections.len());
    for section in &offer.sections {
        match section.mid {
            Some(mid) if seen.contains(&mid) => return Err(bad("two m-lines have the same mid")),
            Some(mid) => seen.push(mid),
            None if section.is_stopped => {}
            None => return Err(bad("an m-line has no mid")),
        }
        let is_media = section.kind != SectionKind::Other && !section.is_stopped;
        if is_media && !section.has_rtcp_mux {
            return Err(bad("rtcp-mux is required"));
        }
    }
    Ok(())
}

fn bad(why: &str) -> SessionError {
    SessionError::BadSdp(why.to_owned())
}
