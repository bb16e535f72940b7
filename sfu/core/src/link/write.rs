//! Writing a packet for a subscriber: header, extensions with the line's ids, payload.

use crate::media::{ExtensionIds, Mid};
use crate::rtp::{ExtensionKind, ExtensionSet, HEADER_BYTES};

/// Extensions that pass as they are.
const PASSED: u16 = ExtensionKind::AudioLevel.bit()
    | ExtensionKind::VideoOrientation.bit()
    | ExtensionKind::PlayoutDelay.bit()
    | ExtensionKind::AbsCaptureTime.bit()
    | ExtensionKind::DependencyDescriptor.bit();

/// A packet on its way to many subscribers: what is the same for all of them.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// Marker bit.
    pub marker: bool,
    /// Which payload of the publisher's line.
    pub payload_index: u8,
    /// Sequence number of the publisher, extended.
    pub seq: u64,
    /// Timestamp of the publisher.
    pub timestamp: u32,
    /// Extensions of the publisher ...
    pub extensions: ExtensionSet,
    /// ... within these bytes.
    pub extension_bytes: &'a [u8],
    /// Plain payload.
    pub payload: &'a [u8],
    /// Departure time as the abs-send-time extension has it.
    pub abs_send_time: u32,
}

/// Which extensions a line gets, worked out once.
#[derive(Clone, Copy, Debug)]
pub struct WritePlan {
    mid: Mid,
    /// Id by [`ExtensionKind`]; zero where not negotiated.
    ids: [u8; ExtensionKind::COUNT],
    passed: u16,
    /// Values written for every packet: how many, and their bytes without element headers.
    fixed_count: u8,
    fixed_bytes: u8,
}

impl WritePlan {
    /// The plan of a line.
    #[must_use]
    pub fn new(mid: Mid, ids: &ExtensionIds) -> WritePlan {
        let mut plan = WritePlan {
            mid,
            ids: [0; ExtensionKind::COUNT],
            passed: 0,
            fixed_count: 0,
            fixed_bytes: 0,
        };
        for kind in ExtensionKind::ALL {
            let Some(id) = kind.id_in(ids).filter(|id| (1..=14).contains(id)) else {
                continue;
            };
            if let Some(place) = plan.ids.get_mut(kind as usize) {
                *place = id;
            }
            plan.passed |= kind.bit() & PASSED;
            let fixed = match kind {
                ExtensionKind::Mid => mid.as_bytes().len() as u8,
                ExtensionKind::AbsSendTime => 3,
                ExtensionKind::TransportCc => 2,
                _ => continue,
            };
            plan.fixed_count += 1;
            plan.fixed_bytes += fixed;
        }
        plan
    }

    #[inline]
    fn id(&self, kind: ExtensionKind) -> u8 {
        self.ids.get(kind as usize).copied().unwrap_or_default()
    }

    /// Whether packets carry a transport-wide sequence number.
    #[must_use]
    pub fn has_transport_cc(&self) -> bool {
        self.id(ExtensionKind::TransportCc) != 0
    }

    /// Length of the header with extensions for a packet.
    #[inline]
    #[must_use]
    pub fn header_bytes(&self, packet: &Outgoing<'_>) -> usize {
        let elements = self.element_bytes(packet);
        if elements == 0 {
            HEADER_BYTES
        } else {
            HEADER_BYTES + 4 + elements.next_multiple_of(4)
        }
    }

    #[inline]
    fn is_two_byte(&self, packet: &Outgoing<'_>) -> bool {
        packet.extensions.needs_two_byte() & self.passed != 0
    }

    #[inline]
    fn element_bytes(&self, packet: &Outgoing<'_>) -> usize {
        let head = if self.is_two_byte(packet) { 2 } else { 1 };
        let mut bytes = usize::from(self.fixed_bytes) + head * usize::from(self.fixed_count);
        for kind in kinds_in(packet.extensions.present() & self.passed) {
            bytes += head + packet.extensions.len_of(kind);
        }
        bytes
    }

    /// Writes the extensions behind the fixed header; `header` is exactly [`WritePlan::header_bytes`] long.
    #[inline]
    pub fn write_extensions(&self, packet: &Outgoing<'_>, header: &mut [u8], transport_seq: u16) {
        let Some((_, space)) = header.split_at_mut_checked(HEADER_BYTES) else {
            return;
        };
        let Some((intro, mut space)) = space.split_first_chunk_mut::<4>() else {
            return;
        };
        let is_two_byte = self.is_two_byte(packet);
        let profile: u16 = if is_two_byte { 0x1000 } else { 0xbede };
        *intro = ((u32::from(profile) << 16) | (space.len() / 4) as u32).to_be_bytes();
        let mut put = |kind: ExtensionKind, value: &[u8]| {
            let id = self.id(kind);
            let len = value.len() as u8;
            let taken = std::mem::take(&mut space);
            let rest = if is_two_byte {
                taken.split_first_chunk_mut::<2>().map(|(head, rest)| {
                    *head = [id, len];
                    rest
                })
            } else {
                taken.split_first_mut().map(|(head, rest)| {
                    *head = (id << 4) | (len.wrapping_sub(1) & 0x0f);
                    rest
                })
            };
            if let Some((target, rest)) =
                rest.and_then(|rest| rest.split_at_mut_checked(value.len()))
            {
                target.copy_from_slice(value);
                space = rest;
            }
        };
        if self.id(ExtensionKind::TransportCc) != 0 {
            put(ExtensionKind::TransportCc, &transport_seq.to_be_bytes());
        }
        if self.id(ExtensionKind::AbsSendTime) != 0 {
            let [_, bytes @ ..] = packet.abs_send_time.to_be_bytes();
            put(ExtensionKind::AbsSendTime, &bytes);
        }
        if self.id(ExtensionKind::Mid) != 0 {
            put(ExtensionKind::Mid, self.mid.as_bytes());
        }
        for kind in kinds_in(packet.extensions.present() & self.passed) {
            put(
                kind,
                packet
                    .extensions
                    .value(kind, packet.extension_bytes)
                    .unwrap_or_default(),
            );
        }
        space.fill(0);
    }
}

/// The kinds of a mask, lowest first.
#[inline]
fn kinds_in(mut mask: u16) -> impl Iterator<Item = ExtensionKind> {
    std::iter::from_fn(move || {
        let number = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        ExtensionKind::ALL.get(number).copied()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtp::{ExtensionForm, ReadTable, RtpHeader, write_header};

    fn round_trip(descriptor: &[u8]) -> (ExtensionForm, Vec<u8>, ExtensionSet) {
        let sent = ExtensionIds {
            audio_level: Some(3),
            dependency_descriptor: Some(9),
            ..Default::default()
        };
        let taken = ExtensionIds {
            mid: Some(4),
            audio_level: Some(7),
            abs_send_time: Some(1),
            transport_cc: Some(2),
            dependency_descriptor: Some(5),
            ..Default::default()
        };
        let mut source = vec![3, 1, 0x91, 9, descriptor.len() as u8];
        source.extend(descriptor);
        let extensions = ExtensionSet::parse(
            &source,
            ExtensionForm::TwoByte,
            0,
            source.len(),
            &ReadTable::new(&sent),
        );
        let packet = Outgoing {
            marker: false,
            payload_index: 0,
            seq: 0,
            timestamp: 0,
            extensions,
            extension_bytes: &source,
            payload: &[],
            abs_send_time: 0x0a_0b0c,
        };
        let plan = WritePlan::new(Mid::new("12").unwrap(), &taken);
        let mut header = vec![0xff; plan.header_bytes(&packet)];
        write_header(&mut header, true, false, 96, 1, 2, 3).unwrap();
        plan.write_extensions(&packet, &mut header, 0x1234);
        let parsed = RtpHeader::parse(&header).unwrap();
        assert_eq!(parsed.payload_start, header.len());
        let set = ExtensionSet::parse(
            &header,
            parsed.extension_form,
            parsed.extension_start,
            parsed.payload_start,
            &ReadTable::new(&taken),
        );
        (parsed.extension_form, header, set)
    }

    #[test]
    fn extensions_get_the_ids_of_the_subscriber() {
        for descriptor in [&[1, 2, 3][..], &[9; 40][..]] {
            let (form, header, set) = round_trip(descriptor);
            assert_eq!(form == ExtensionForm::TwoByte, descriptor.len() > 16);
            assert_eq!(set.value(ExtensionKind::Mid, &header), Some(&b"12"[..]));
            assert_eq!(
                set.value(ExtensionKind::AudioLevel, &header),
                Some(&[0x91][..])
            );
            assert_eq!(
                set.value(ExtensionKind::AbsSendTime, &header),
                Some(&[10, 11, 12][..])
            );
            assert_eq!(
                set.value(ExtensionKind::TransportCc, &header),
                Some(&[0x12, 0x34][..])
            );
            assert_eq!(
                set.value(ExtensionKind::DependencyDescriptor, &header),
                Some(descriptor)
            );
        }
    }
}
