//! What everybody negotiates, and the packets they send.

use salon_sfu_core::{
    Codec, ExtensionIds, Kind, Mid, Payload, PeerKey, ReceiveLine, SendLine, SrtpKeys, SrtpProfile,
    SsrcPair, TrackId,
};

pub const H264: Codec = Codec::H264 {
    profile_level_id: 0x42_e01f,
    packetization_mode: 1,
};
pub const VP8_PT: u8 = 96;
pub const VP8_RTX_PT: u8 = 97;
pub const H264_PT: u8 = 102;
pub const OPUS_PT: u8 = 111;
pub const AUDIO_SSRC: u32 = 0x1111;
pub const VIDEO_SSRC: u32 = 0x2222;
pub const RTX_SSRC: u32 = 0x3333;

pub fn extensions() -> ExtensionIds {
    ExtensionIds {
        mid: Some(4),
        audio_level: Some(1),
        abs_send_time: Some(2),
        transport_cc: Some(3),
        video_orientation: Some(13),
        ..Default::default()
    }
}

/// What the subscribers answer: other ids than the publishers have.
pub fn taken_extensions() -> ExtensionIds {
    ExtensionIds {
        mid: Some(9),
        audio_level: Some(10),
        abs_send_time: Some(11),
        transport_cc: Some(12),
        ..Default::default()
    }
}

pub fn payload(pt: u8, codec: Codec, clock_hz: u32, rtx_pt: Option<u8>) -> Payload {
    let is_video = codec.kind() == Kind::Video;
    Payload {
        pt,
        rtx_pt,
        codec,
        clock_hz,
        nack: is_video,
        pli: is_video,
        fir: false,
        transport_cc: true,
    }
}

pub fn audio_line() -> ReceiveLine {
    ReceiveLine {
        mid: Mid::new("0").unwrap(),
        kind: Kind::Audio,
        payloads: vec![payload(OPUS_PT, Codec::Opus, 48_000, None)],
        extensions: extensions(),
        ssrcs: vec![SsrcPair {
            ssrc: AUDIO_SSRC,
            rtx: None,
        }],
        active: true,
    }
}

pub fn video_line() -> ReceiveLine {
    ReceiveLine {
        mid: Mid::new("1").unwrap(),
        kind: Kind::Video,
        payloads: vec![
            payload(VP8_PT, Codec::Vp8, 90_000, Some(VP8_RTX_PT)),
            payload(H264_PT, H264, 90_000, Some(H264_PT + 1)),
        ],
        extensions: extensions(),
        ssrcs: vec![SsrcPair {
            ssrc: VIDEO_SSRC,
            rtx: Some(RTX_SSRC),
        }],
        active: true,
    }
}

pub fn send_line(kind: Kind, track: TrackId) -> SendLine {
    let payloads = match kind {
        Kind::Audio => vec![payload(63, Codec::Opus, 48_000, None)],
        Kind::Video => vec![
            payload(100, Codec::Vp8, 90_000, Some(101)),
            payload(107, H264, 90_000, Some(108)),
        ],
    };
    SendLine {
        mid: Mid::new(&format!("{}", 10 + track.0)).unwrap(),
        kind,
        payloads,
        extensions: taken_extensions(),
        ssrc: 0x5000 + track.0,
        rtx_ssrc: (kind == Kind::Video).then_some(0x6000 + track.0),
        cname: "publisher".into(),
    }
}

/// Both ends of the keys of a peer: ours, and the client's.
pub fn keys(peer: PeerKey, profile: SrtpProfile) -> (SrtpKeys, SrtpKeys) {
    let bytes = |salt: u8, len: usize| -> Vec<u8> {
        (0..len).map(|i| (peer.0 as u8) ^ salt ^ i as u8).collect()
    };
    let (k, s) = (profile.key_bytes(), profile.salt_bytes());
    let (down, down_salt, up, up_salt) = (bytes(1, k), bytes(2, s), bytes(3, k), bytes(4, s));
    let ours = SrtpKeys::new(profile, &down, &down_salt, &up, &up_salt).unwrap();
    let theirs = SrtpKeys::new(profile, &up, &up_salt, &down, &down_salt).unwrap();
    (ours, theirs)
}

/// A packet a client sends.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    pub ssrc: u32,
    pub pt: u8,
    /// Extended sequence number.
    pub index: u64,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: &'a [u8],
}

pub fn video(index: u64, payload: &[u8]) -> Sent<'_> {
    Sent {
        ssrc: VIDEO_SSRC,
        pt: VP8_PT,
        index,
        timestamp: 3000 * index as u32,
        marker: true,
        payload,
    }
}

pub fn audio(index: u64, payload: &[u8]) -> Sent<'_> {
    Sent {
        ssrc: AUDIO_SSRC,
        pt: OPUS_PT,
        index,
        timestamp: 960 * index as u32,
        marker: false,
        payload,
    }
}

/// First packet of a VP8 key frame, and of another frame.
pub const KEY: &[u8] = &[0x10, 0x00, 1, 2, 3];
pub const DELTA: &[u8] = &[0x10, 0x01, 4, 5, 6];
