//! Header extensions (RFC 8285): reading both forms, and naming what is inside independently of negotiated ids.

use crate::media::ExtensionIds;

/// The extensions the engine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExtensionKind {
    /// Line of the packet.
    Mid,
    /// Layer of the packet.
    Rid,
    /// Layer that a retransmission belongs to.
    RepairedRid,
    /// Loudness.
    AudioLevel,
    /// Departure time.
    AbsSendTime,
    /// Transport-wide sequence number.
    TransportCc,
    /// Rotation of the picture.
    VideoOrientation,
    /// Wished delay.
    PlayoutDelay,
    /// Time of capture.
    AbsCaptureTime,
    /// Frame structure.
    DependencyDescriptor,
}

impl ExtensionKind {
    /// How many there are.
    pub const COUNT: usize = 10;

    /// All kinds, in the order of their numbers.
    pub const ALL: [ExtensionKind; ExtensionKind::COUNT] = [
        ExtensionKind::Mid,
        ExtensionKind::Rid,
        ExtensionKind::RepairedRid,
        ExtensionKind::AudioLevel,
        ExtensionKind::AbsSendTime,
        ExtensionKind::TransportCc,
        ExtensionKind::VideoOrientation,
        ExtensionKind::PlayoutDelay,
        ExtensionKind::AbsCaptureTime,
        ExtensionKind::DependencyDescriptor,
    ];

    /// The bit of this kind in a mask.
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << (self as u16)
    }

    /// The negotiated id of this kind.
    #[must_use]
    pub const fn id_in(self, ids: &ExtensionIds) -> Option<u8> {
        match self {
            ExtensionKind::Mid => ids.mid,
            ExtensionKind::Rid => ids.rid,
            ExtensionKind::RepairedRid => ids.repaired_rid,
            ExtensionKind::AudioLevel => ids.audio_level,
            ExtensionKind::AbsSendTime => ids.abs_send_time,
            ExtensionKind::TransportCc => ids.transport_cc,
            ExtensionKind::VideoOrientation => ids.video_orientation,
            ExtensionKind::PlayoutDelay => ids.playout_delay,
            ExtensionKind::AbsCaptureTime => ids.abs_capture_time,
            ExtensionKind::DependencyDescriptor => ids.dependency_descriptor,
        }
    }
}

/// How extension elements are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtensionForm {
    /// No extension, or one of a profile unknown here.
    None,
    /// `0xBEDE`.
    OneByte,
    /// `0x100X`.
    TwoByte,
}

impl ExtensionForm {
    /// The form of a profile word.
    #[must_use]
    pub const fn from_profile(profile: u16) -> ExtensionForm {
        match profile {
            0xbede => ExtensionForm::OneByte,
            p if p >> 4 == 0x100 => ExtensionForm::TwoByte,
            _ => ExtensionForm::None,
        }
    }
}

/// From negotiated id to kind, for reading.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadTable {
    kind_plus_one: [u8; 16],
}

impl ReadTable {
    /// The table of a line.
    #[must_use]
    pub fn new(ids: &ExtensionIds) -> ReadTable {
        let mut table = ReadTable::default();
        for kind in ExtensionKind::ALL {
            let place = kind
                .id_in(ids)
                .and_then(|id| table.kind_plus_one.get_mut(usize::from(id)));
            if let Some(place) = place {
                *place = kind as u8 + 1;
            }
        }
        table
    }

    fn find(&self, id: u8) -> Option<ExtensionKind> {
        let number = self.kind_plus_one.get(usize::from(id))?.checked_sub(1)?;
        ExtensionKind::ALL.get(usize::from(number)).copied()
    }
}

/// Where the known extensions of a packet lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtensionSet {
    present: u16,
    needs_two_byte: u16,
    at: [u16; ExtensionKind::COUNT],
    len: [u8; ExtensionKind::COUNT],
}

impl ExtensionSet {
    /// Reads the elements between `start` and `end` of a packet; stops at the first that does not fit.
    #[must_use]
    pub fn parse(
        packet: &[u8],
        form: ExtensionForm,
        start: usize,
        end: usize,
        table: &ReadTable,
    ) -> ExtensionSet {
        let mut set = ExtensionSet::default();
        let elements = packet.get(..end).unwrap_or_default();
        let mut at = start;
        while let Some(&first) = elements.get(at) {
            let (id, len, head) = match form {
                ExtensionForm::None => break,
                _ if first == 0 => {
                    at += 1;
                    continue;
                }
                ExtensionForm::OneByte if first >> 4 == 15 => break,
                ExtensionForm::OneByte => (first >> 4, (first & 0x0f) + 1, 1),
                ExtensionForm::TwoByte => {
                    let Some(&len) = elements.get(at + 1) else {
                        break;
                    };
                    (first, len, 2)
                }
            };
            at += head;
            if at + usize::from(len) > elements.len() {
                break;
            }
            if let Some(kind) = table.find(id) {
                set.put(kind, at, len);
            }
            at += usize::from(len);
        }
        set
    }

    fn put(&mut self, kind: ExtensionKind, at: usize, len: u8) {
        let index = kind as usize;
        if let (Some(place), Some(length), Ok(at)) = (
            self.at.get_mut(index),
            self.len.get_mut(index),
            at.try_into(),
        ) {
            (*place, *length) = (at, len);
            self.present |= kind.bit();
            if len == 0 || len > 16 {
                self.needs_two_byte |= kind.bit();
            }
        }
    }

    /// Which kinds are there, as a mask of [`ExtensionKind::bit`].
    #[must_use]
    pub const fn present(&self) -> u16 {
        self.present
    }

    /// Which kinds have a value that the one-byte form cannot hold.
    #[must_use]
    pub const fn needs_two_byte(&self) -> u16 {
        self.needs_two_byte
    }

    /// Length of the value of a kind; zero if absent.
    #[must_use]
    pub fn len_of(&self, kind: ExtensionKind) -> usize {
        self.len
            .get(kind as usize)
            .copied()
            .unwrap_or_default()
            .into()
    }

    /// The value of a kind within the packet that was parsed.
    #[must_use]
    pub fn value<'a>(&self, kind: ExtensionKind, packet: &'a [u8]) -> Option<&'a [u8]> {
        if self.present & kind.bit() == 0 {
            return None;
        }
        let at = usize::from(*self.at.get(kind as usize)?);
        packet.get(at..at + self.len_of(kind))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table() -> ReadTable {
        let ids = ExtensionIds {
            mid: Some(1),
            audio_level: Some(2),
            transport_cc: Some(14),
            ..Default::default()
        };
        ReadTable::new(&ids)
    }

    #[test]
    fn both_forms_are_read() {
        let one = [0x10, b'0', 0, 0x20, 0x85, 0xe1, 7, 8];
        let set = ExtensionSet::parse(&one, ExtensionForm::OneByte, 0, one.len(), &table());
        assert_eq!(set.value(ExtensionKind::Mid, &one), Some(&b"0"[..]));
        assert_eq!(
            set.value(ExtensionKind::AudioLevel, &one),
            Some(&[0x85][..])
        );
        assert_eq!(
            set.value(ExtensionKind::TransportCc, &one),
            Some(&[7, 8][..])
        );
        assert_eq!(set.value(ExtensionKind::Rid, &one), None);
        let two = [1, 1, b'0', 0, 2, 0, 14, 2, 7, 8];
        let set = ExtensionSet::parse(&two, ExtensionForm::TwoByte, 0, two.len(), &table());
        assert_eq!(set.value(ExtensionKind::AudioLevel, &two), Some(&[][..]));
        assert_eq!(
            set.value(ExtensionKind::TransportCc, &two),
            Some(&[7, 8][..])
        );
    }

    proptest! {
        #[test]
        fn any_bytes_parse_without_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..64), start in 0usize..70, end in 0usize..70, two: bool,
        ) {
            let form = if two { ExtensionForm::TwoByte } else { ExtensionForm::OneByte };
            let set = ExtensionSet::parse(&bytes, form, start, end, &table());
            for kind in ExtensionKind::ALL {
                prop_assert_eq!(set.value(kind, &bytes).is_some(), set.present() & kind.bit() != 0);
            }
        }
    }
}
