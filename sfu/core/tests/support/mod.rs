//! A room with clients around it, in virtual time: they seal and open with their own end of the keys.
#![allow(dead_code, reason = "each test file uses its part")]

mod lines;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use salon_sfu_core::rtcp::{Packets, RtcpPacket, RtcpWriter};
use salon_sfu_core::rtp::{
    ExtensionKind, ExtensionSet, ReadTable, RtpHeader, SeqWindow, is_rtcp, write_header,
};
use salon_sfu_core::srtp::{SrtpReceiver, SrtpSender};
use salon_sfu_core::{
    Egress, Kind, PeerKey, Room, RoomEvent, RoomLimits, SrtpKeys, SrtpProfile, TrackId,
};

pub use lines::*;

/// A packet a client received.
#[derive(Clone, Debug)]
pub struct Received {
    pub header: RtpHeader,
    pub index: u64,
    pub mid: Vec<u8>,
    pub audio_level: Option<u8>,
    pub transport_seq: Option<u16>,
    pub payload: Vec<u8>,
}

/// RTCP a client received, in owned form.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    SenderReport {
        ssrc: u32,
        ntp: u64,
        rtp_timestamp: u32,
    },
    ReceiverReport {
        lost: Vec<(u32, u8)>,
    },
    Nack {
        media_ssrc: u32,
        seqs: Vec<u16>,
    },
    PictureLoss {
        media_ssrc: u32,
    },
    Arrivals(Vec<(u16, bool)>),
}

pub struct Client {
    pub key: PeerKey,
    sender: SrtpSender,
    receiver: SrtpReceiver,
    windows: HashMap<u32, SeqWindow<16>>,
    pub rtp: Vec<Received>,
    pub told: Vec<Told>,
    transport_seq: u16,
}

impl Client {
    fn new(key: PeerKey, keys: &SrtpKeys) -> Client {
        Client {
            key,
            sender: SrtpSender::new(keys).unwrap(),
            receiver: SrtpReceiver::new(keys).unwrap(),
            windows: HashMap::new(),
            rtp: Vec::new(),
            told: Vec::new(),
            transport_seq: 0,
        }
    }

    /// Takes new keys, as after a new handshake.
    pub fn rekey(&mut self, keys: &SrtpKeys) {
        self.sender = SrtpSender::new(keys).unwrap();
        self.receiver = SrtpReceiver::new(keys).unwrap();
        self.windows.clear();
    }

    fn receive(&mut self, mut packet: Vec<u8>) {
        if is_rtcp(&packet) {
            let len = self.receiver.open_rtcp(&mut packet).expect("RTCP opens");
            self.told
                .extend(Packets::new(&packet[..len]).filter_map(own));
            return;
        }
        let header = RtpHeader::parse(&packet).expect("RTP parses");
        let window = self.windows.entry(header.ssrc).or_default();
        let index = window.extend(header.seq).expect("a number after the start");
        assert!(window.insert(index), "an index must never come twice");
        let len = self
            .receiver
            .open_rtp(header.ssrc, index, header.payload_start, &mut packet)
            .expect("RTP opens");
        let table = ReadTable::new(&taken_extensions());
        let end = header.extension_start + header.extension_bytes;
        let set = ExtensionSet::parse(
            &packet,
            header.extension_form,
            header.extension_start,
            end,
            &table,
        );
        let value = |kind| set.value(kind, &packet).map(<[u8]>::to_vec);
        self.rtp.push(Received {
            header,
            index,
            mid: value(ExtensionKind::Mid).unwrap_or_default(),
            audio_level: value(ExtensionKind::AudioLevel).map(|v| v[0]),
            transport_seq: value(ExtensionKind::TransportCc)
                .map(|v| u16::from_be_bytes([v[0], v[1]])),
            payload: packet[header.payload_start..len].to_vec(),
        });
    }

    pub fn rtp_of(&self, ssrc: u32) -> Vec<&Received> {
        self.rtp
            .iter()
            .filter(|packet| packet.header.ssrc == ssrc)
            .collect()
    }

    pub fn keyframe_requests(&self) -> usize {
        self.told
            .iter()
            .filter(|told| matches!(told, Told::PictureLoss { .. }))
            .count()
    }
}

fn own(packet: RtcpPacket<'_>) -> Option<Told> {
    Some(match packet {
        RtcpPacket::SenderReport {
            ssrc,
            ntp,
            rtp_timestamp,
            ..
        } => Told::SenderReport {
            ssrc,
            ntp,
            rtp_timestamp,
        },
        RtcpPacket::ReceiverReport { blocks, .. } => Told::ReceiverReport {
            lost: blocks
                .map(|block| (block.ssrc, block.fraction_lost))
                .collect(),
        },
        RtcpPacket::Nack { media_ssrc, seqs } => Told::Nack {
            media_ssrc,
            seqs: seqs.collect(),
        },
        RtcpPacket::PictureLoss { media_ssrc } => Told::PictureLoss { media_ssrc },
        RtcpPacket::TransportFeedback(statuses) => {
            Told::Arrivals(statuses.map(|(seq, at)| (seq, at.is_some())).collect())
        }
        _ => return None,
    })
}

/// Collects what the room writes.
#[derive(Default)]
pub struct Arena {
    pub packets: Vec<(PeerKey, Vec<u8>)>,
    pub is_full: bool,
}

impl Egress for Arena {
    fn packet(&mut self, peer: PeerKey, len: usize) -> Option<&mut [u8]> {
        if self.is_full {
            return None;
        }
        self.packets.push((peer, vec![0xaa; len]));
        self.packets
            .last_mut()
            .map(|(_, packet)| packet.as_mut_slice())
    }
}

pub struct Studio {
    pub room: Room,
    pub now: Instant,
    pub clients: HashMap<PeerKey, Client>,
    pub arena: Arena,
    pub events: Vec<RoomEvent>,
    /// Answer every wanted line at once.
    pub answers: bool,
    /// Datagrams to clients that get lost: by number of the datagram.
    pub loses: fn(u64) -> bool,
    pub delivered: u64,
}

impl Studio {
    pub fn new() -> Studio {
        Studio {
            room: Room::new(RoomLimits::default(), 42),
            now: Instant::now(),
            clients: HashMap::new(),
            arena: Arena::default(),
            events: Vec::new(),
            answers: true,
            loses: |_| false,
            delivered: 0,
        }
    }

    /// A studio of connected peers, each with a microphone and a camera line.
    pub fn with(peers: u32) -> Studio {
        let mut studio = Studio::new();
        (0..peers).for_each(|peer| studio.join(PeerKey(peer)));
        studio
    }

    pub fn join(&mut self, peer: PeerKey) {
        self.join_with(peer, SrtpProfile::AeadAes128Gcm);
    }

    pub fn join_with(&mut self, peer: PeerKey, profile: SrtpProfile) {
        let (ours, theirs) = keys(peer, profile);
        self.clients.insert(peer, Client::new(peer, &theirs));
        self.room.add_peer(self.now, peer, 0x9000 + peer.0).unwrap();
        self.room.set_keys(peer, ours).unwrap();
        self.room
            .set_receive_lines(self.now, peer, &[audio_line(), video_line()])
            .unwrap();
        self.room.set_connected(self.now, peer);
        self.settle();
    }

    pub fn client(&mut self, peer: u32) -> &mut Client {
        self.clients.get_mut(&PeerKey(peer)).unwrap()
    }

    /// Delivers what was written and answers what was wanted.
    pub fn settle(&mut self) {
        while let Some(event) = self.room.poll_event() {
            self.events.push(event);
            if let RoomEvent::WantLine {
                subscriber,
                track,
                kind,
                ..
            } = event
                && self.answers
            {
                self.room
                    .bind_link(self.now, subscriber, track, send_line(kind, track))
                    .unwrap();
            }
        }
        self.room.handle_timeout(self.now, &mut self.arena);
        for (peer, packet) in std::mem::take(&mut self.arena.packets) {
            self.delivered += 1;
            if (self.loses)(self.delivered) {
                continue;
            }
            if let Some(client) = self.clients.get_mut(&peer) {
                client.receive(packet);
            }
        }
    }

    pub fn seal(&mut self, peer: u32, sent: Sent<'_>) -> Vec<u8> {
        let client = self.client(peer);
        let transport_seq = client.transport_seq;
        client.transport_seq += 1;
        let mid: &[u8] = if sent.ssrc == AUDIO_SSRC { b"0" } else { b"1" };
        let mut packet = vec![0; 12];
        write_header(
            &mut packet,
            true,
            sent.marker,
            sent.pt,
            sent.index as u16,
            sent.timestamp,
            sent.ssrc,
        )
        .unwrap();
        packet.extend([0xbe, 0xde, 0, 2, 0x40, mid[0], 0x10, 0x85, 0x31]);
        packet.extend(transport_seq.to_be_bytes());
        packet.push(0);
        let header = packet.len();
        packet.resize(header + sent.payload.len() + 16, 0);
        assert!(client.sender.seal_rtp(
            sent.ssrc,
            sent.index,
            header,
            &mut packet,
            Some(sent.payload)
        ));
        packet
    }

    pub fn send(&mut self, peer: u32, sent: Sent<'_>) {
        let mut packet = self.seal(peer, sent);
        self.raw(peer, &mut packet);
    }

    /// Seals a payload behind any header.
    pub fn seal_raw(&mut self, peer: u32, packet: &mut Vec<u8>, payload: &[u8]) {
        let header = packet.len();
        let ssrc = u32::from_be_bytes(packet[8..12].try_into().unwrap());
        let index = u64::from(u16::from_be_bytes([packet[2], packet[3]]));
        packet.resize(header + payload.len() + 16, 0);
        assert!(
            self.client(peer)
                .sender
                .seal_rtp(ssrc, index, header, packet, Some(payload))
        );
    }

    /// Seals RTCP of any content.
    pub fn seal_rtcp_raw(&mut self, peer: u32, packet: &mut Vec<u8>) {
        packet.resize(packet.len() + 20, 0);
        assert!(self.client(peer).sender.seal_rtcp(packet));
    }

    /// A packet of the client that never arrives; its transport-wide number is spent.
    pub fn lose(&mut self, peer: u32) {
        self.client(peer).transport_seq += 1;
    }

    pub fn raw(&mut self, peer: u32, packet: &mut [u8]) {
        self.room
            .handle_datagram(self.now, PeerKey(peer), packet, &mut self.arena);
        self.settle();
    }

    pub fn send_rtcp(&mut self, peer: u32, write: impl FnOnce(&mut RtcpWriter)) {
        let mut writer = RtcpWriter::default();
        write(&mut writer);
        let mut packet = writer.as_bytes().to_vec();
        packet.resize(packet.len() + 20, 0);
        assert!(self.client(peer).sender.seal_rtcp(&mut packet));
        self.raw(peer, &mut packet);
    }

    /// Lets time pass, doing what is due on the way.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.room.poll_timeout().filter(|due| *due <= end) {
            assert!(
                due >= self.now || {
                    self.settle();
                    self.room.poll_timeout().is_none_or(|d| d > self.now)
                }
            );
            self.now = self.now.max(due);
            self.settle();
        }
        self.now = end;
    }

    pub fn ms(&mut self, ms: u64) {
        self.pass(Duration::from_millis(ms));
    }

    /// The track a peer publishes.
    pub fn track_of(&self, peer: u32, kind: Kind) -> TrackId {
        self.events
            .iter()
            .rev()
            .find_map(|event| match event {
                RoomEvent::TrackPublished {
                    peer: by,
                    track,
                    kind: k,
                    ..
                } if *by == PeerKey(peer) && *k == kind => Some(*track),
                _ => None,
            })
            .expect("published")
    }
}
