//! The flow of datagrams, time and media through a client peer.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::format::Codec;
use str0m::media::{KeyframeRequestKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc};
use str0m::{Event, IceConnectionState, Input, Output};

use super::{PeerState, TestPeer};
use crate::error::PeerError;
use crate::media::{Payload, VideoCodec};
use crate::socket::{ReceiveBatch, wall_clock_ns};

/// Turns a session may take for one input before it is called stuck.
const TURNS: usize = 10_000;

impl TestPeer {
    /// Does what is due at `now`: timers of the session, frames of the sources.
    pub(crate) fn handle_time(&mut self, now: Instant) -> Result<(), PeerError> {
        if now >= self.timeout_at {
            self.rtc.handle_input(Input::Timeout(now))?;
            self.drain(now)?;
        }
        if self.state == PeerState::Connected && !self.is_paused {
            self.send_audio(now)?;
            self.send_video(now)?;
        }
        Ok(())
    }

    /// When [`Self::handle_time`] has something to do again.
    pub(crate) fn wake_at(&self) -> Instant {
        let mut at = self.timeout_at;
        if self.state == PeerState::Connected && !self.is_paused {
            let audio = self.audio.iter().map(|source| source.next_at());
            let video = self.video.iter().map(|source| source.next_at());
            at = audio.chain(video).fold(at, Instant::min);
        }
        at
    }

    /// Takes the datagrams of a batch in.
    pub(crate) fn handle_batch(&mut self, batch: &ReceiveBatch) -> Result<(), PeerError> {
        for datagram in batch.datagrams() {
            if self.incoming_loss.drops(datagram.bytes) {
                continue;
            }
            let destination = self.socket.address();
            let Ok(receive) =
                Receive::new(Protocol::Udp, datagram.from, destination, datagram.bytes)
            else {
                self.unexpected += 1;
                continue;
            };
            self.received_ns = datagram.received_ns;
            self.datagram_bytes = datagram.bytes.len();
            let now = Instant::now();
            self.rtc.handle_input(Input::Receive(now, receive))?;
            self.drain(now)?;
        }
        Ok(())
    }

    /// Takes out all the session has to say; afterwards it may be changed again.
    pub(super) fn drain(&mut self, now: Instant) -> Result<(), PeerError> {
        for _ in 0..TURNS {
            match self.rtc.poll_output()? {
                Output::Timeout(at) if at <= now => {
                    self.rtc.handle_input(Input::Timeout(now))?;
                }
                Output::Timeout(at) => {
                    self.timeout_at = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    self.remote = Some(transmit.destination);
                    if matches!(transmit.contents.first(), Some(128..=191)) {
                        self.last_media.clear();
                        self.last_media.extend_from_slice(&transmit.contents);
                    }
                    if !self.outgoing_loss.drops(&transmit.contents) {
                        self.socket.send(&transmit.contents, transmit.destination)?;
                    }
                }
                Output::Event(event) => self.on_event(event),
            }
        }
        Err(PeerError::Stuck)
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::Connected => self.state = PeerState::Connected,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.state = PeerState::Disconnected;
            }
            Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) if self.state == PeerState::Disconnected => self.state = PeerState::Connected,
            Event::KeyframeRequest(_) => {
                self.key_frame_requests += 1;
                if let Some(video) = &mut self.video {
                    video.ask_key_frame();
                }
            }
            Event::RtpPacket(packet) => self.on_packet(&packet),
            _ => {}
        }
    }

    fn on_packet(&mut self, packet: &RtpPacket) {
        let ssrc = packet.header.ssrc;
        let position = match self.track_of_ssrc.get(&ssrc) {
            Some(known) => *known,
            None => self.find_track(ssrc),
        };
        let (bytes, received_ns) = (self.datagram_bytes, self.received_ns);
        match position.and_then(|at| self.tracks.get_mut(at)) {
            Some(track) => track.take(&packet.payload, bytes, received_ns),
            None => self.unexpected += 1,
        }
    }

    fn find_track(&mut self, ssrc: Ssrc) -> Option<usize> {
        let mid = self.rtc.direct_api().stream_rx(&ssrc)?.mid();
        let position = self
            .tracks
            .iter()
            .position(|track| !track.is_ended && track.mid == mid.to_string());
        self.track_of_ssrc.insert(ssrc, position);
        position
    }

    /// Asks the sender of a received track for a key frame, as a decoder that lost its way.
    ///
    /// # Errors
    /// The session failed.
    pub fn ask_key_frame(&mut self, stream: &str) -> Result<(), PeerError> {
        let mids: Vec<String> = self
            .live_tracks()
            .filter(|track| track.stream == stream && track.kind == "video")
            .map(|track| track.mid.clone())
            .collect();
        for mid in mids {
            if let Some(receiver) = self
                .rtc
                .direct_api()
                .stream_rx_by_mid(Mid::from(mid.as_str()), None)
            {
                receiver.request_keyframe(KeyframeRequestKind::Pli);
            }
            self.nudge()?;
        }
        Ok(())
    }

    /// Lets the session act on a change at once instead of at its next timer.
    fn nudge(&mut self) -> Result<(), PeerError> {
        let now = Instant::now();
        self.drain(now)?;
        self.rtc.handle_input(Input::Timeout(now))?;
        self.drain(now)
    }

    fn send_audio(&mut self, now: Instant) -> Result<(), PeerError> {
        let Some(mid) = self.audio_mid else {
            return Ok(());
        };
        while let Some(payload) = self
            .audio
            .as_mut()
            .and_then(|source| source.due_packet(now, wall_clock_ns))
        {
            self.write(mid, Codec::Opus, payload, now)?;
        }
        Ok(())
    }

    fn send_video(&mut self, now: Instant) -> Result<(), PeerError> {
        let (Some(mid), Some(codec)) = (self.video_mid, self.video_codec()) else {
            return Ok(());
        };
        while let Some((count, is_key)) = self.video.as_mut().and_then(|v| v.begin_frame(now)) {
            for position in 0..count {
                let Some(video) = &mut self.video else {
                    break;
                };
                let payload = video.packet(position, count, is_key, wall_clock_ns());
                self.write(mid, codec, payload, now)?;
            }
        }
        Ok(())
    }

    fn video_codec(&self) -> Option<Codec> {
        self.video.as_ref().map(|video| match video.codec() {
            VideoCodec::Vp8 => Codec::Vp8,
            VideoCodec::H264 => Codec::H264,
        })
    }

    /// The payload type for a codec on a line: the first the other side listed.
    fn payload_type(&self, mid: Mid, codec: Codec) -> Option<Pt> {
        let params = self.rtc.codec_config().params();
        let listed = self.rtc.media(mid)?.remote_pts();
        listed.iter().copied().find(|pt| {
            params
                .iter()
                .any(|one| one.pt() == *pt && one.spec().codec == codec)
        })
    }

    fn write(
        &mut self,
        mid: Mid,
        codec: Codec,
        payload: Payload,
        now: Instant,
    ) -> Result<(), PeerError> {
        let Some(pt) = self.payload_type(mid, codec) else {
            self.unsent += 1;
            return Ok(());
        };
        let is_audio = codec == Codec::Opus;
        // Starts in the lower half, so that early loss cannot hide a wrap (RFC 3711 appendix).
        let first = self.random.below(30_000) + 1;
        let seq = self.next_seq.entry(mid).or_insert(first);
        let number = *seq;
        *seq += 1;
        let extensions = ExtensionValues {
            audio_level: is_audio.then_some(-30),
            voice_activity: is_audio.then_some(true),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(pt, number.into(), payload.timestamp, now, payload.bytes)
            .marker(payload.is_last_of_frame)
            .ext_vals(extensions)
            .nackable(!is_audio);
        let mut direct = self.rtc.direct_api();
        let Some(sender) = direct.stream_tx_by_mid(mid, None) else {
            self.unsent += 1;
            return Ok(());
        };
        sender.write_rtp(write);
        self.drain(now)
    }

    /// Sends one authenticated packet with this payload on the peer's own video line.
    ///
    /// # Errors
    /// The session failed.
    pub fn send_video_payload(&mut self, bytes: Vec<u8>) -> Result<(), PeerError> {
        let (Some(mid), Some(codec)) = (self.video_mid, self.video_codec()) else {
            return Ok(());
        };
        let payload = Payload {
            bytes,
            timestamp: 1,
            is_last_of_frame: true,
        };
        self.write(mid, codec, payload, Instant::now())
    }

    /// Goes on sending video on an SSRC that may be somebody else's; false if it cannot.
    pub fn take_ssrc(&mut self, ssrc: u32) -> bool {
        let Some(mid) = self.video_mid else {
            return false;
        };
        let ssrc = Ssrc::from(ssrc);
        let repair = Ssrc::from(ssrc.wrapping_add(1));
        let mut direct = self.rtc.direct_api();
        direct
            .reset_stream_tx(mid, None, ssrc, Some(repair))
            .is_some()
    }

    /// Sends bytes as they are to where the connection goes, past ICE, DTLS and SRTP.
    ///
    /// # Errors
    /// The socket failed.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<(), PeerError> {
        if let Some(remote) = self.remote {
            self.socket.send(bytes, remote)?;
        }
        Ok(())
    }

    /// Where the connection goes, once something was sent.
    #[must_use]
    pub fn remote(&self) -> Option<SocketAddr> {
        self.remote
    }
}
