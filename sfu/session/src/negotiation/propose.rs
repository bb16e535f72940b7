//! From what is wanted to what is offered.

use salon_sfu_core::{Kind, Mid};

use super::lines::{Line, Role, SendRole};
use super::{Negotiation, accept};

impl Negotiation {
    /// The lines as they should be; `None` if they are that already.
    pub(super) fn propose(&mut self) -> Option<Vec<Line>> {
        let mut lines = self.lines.clone();
        for line in &mut lines {
            match &mut line.role {
                Role::Send(send)
                    if !self
                        .wants
                        .iter()
                        .any(|w| w.wanted.track == send.wanted.track) =>
                {
                    *line = Line::stopped(line.mid, send.wanted.kind, &send.formats);
                }
                Role::Receive {
                    kind: Kind::Video,
                    formats,
                    ..
                } => {
                    accept::prefer_common(formats, self.room_codecs.as_deref());
                }
                _ => {}
            }
        }
        for index in 0..self.wants.len() {
            self.place(index, &mut lines);
        }
        (lines != self.lines).then_some(lines)
    }

    /// Gives a wanted track a line: a stopped one of its kind, else a new one, else none for now.
    fn place(&mut self, index: usize, lines: &mut Vec<Line>) {
        let Some(want) = self.wants.get(index) else {
            return;
        };
        if want.is_refused || lines.iter().any(|l| l.sends(want.wanted.track)) {
            return;
        }
        let formats = self.catalog.formats_for(want.wanted.codec);
        // Only lines that were stopped before: a line must be seen stopped before it is used again (RFC 8829 5.2.2).
        let kind = want.wanted.kind;
        let free = self
            .lines
            .iter()
            .zip(lines.iter())
            .position(|(old, new)| old == new && old.is_free_for(kind));
        let has_room = free.is_some() || lines.len() < self.max_lines;
        if formats.is_empty() || !has_room {
            if let Some(want) = self.wants.get_mut(index) {
                want.is_refused |= formats.is_empty();
            }
            return;
        }
        let mid = want
            .mid
            .filter(|mid| !lines.iter().any(|l| l.mid == Some(*mid)));
        let mid = mid.or_else(|| self.unused_mid(lines));
        let Some(want) = self.wants.get_mut(index) else {
            return;
        };
        want.mid = mid;
        let has_rtx = formats.iter().any(|f| f.payload.rtx_pt.is_some());
        let role = Role::Send(SendRole {
            wanted: want.wanted.clone(),
            extensions: self.catalog.extensions(want.wanted.kind).to_vec(),
            formats,
            ssrc: want.ssrc,
            rtx_ssrc: want.rtx_ssrc.filter(|_| has_rtx),
            is_active: true,
        });
        let line = Line { mid, role };
        match free.and_then(|at| lines.get_mut(at)) {
            Some(slot) => *slot = line,
            None => lines.push(line),
        }
    }

    /// A name no line has, nor ever had: a used line gets a new name each time.
    fn unused_mid(&mut self, lines: &[Line]) -> Option<Mid> {
        loop {
            self.next_mid = self.next_mid.checked_add(1)?;
            let mid = Mid::new(&format!("s{}", self.next_mid)).ok()?;
            if !lines.iter().any(|l| l.mid == Some(mid)) {
                return Some(mid);
            }
        }
    }
}

impl Line {
    /// Stopped, and once for media of this kind.
    fn is_free_for(&self, kind: Kind) -> bool {
        let wanted = match kind {
            Kind::Audio => "audio",
            Kind::Video => "video",
        };
        matches!(&self.role, Role::Dead { media, .. } if media == wanted)
    }
}
