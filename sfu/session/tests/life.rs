//! A session from its first check to its end, in memory and in virtual time. The client's DTLS is the same library's
//! other half; its checks are written by another STUN.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use dimpl::certificate::{format_fingerprint, generate_self_signed_certificate};
use dimpl::{Config, Dtls, Output};
use is::stun::{StunMessage, TransId};
use salon_sfu_core::{Codec, Kind, SrtpProfile, TrackId};
use salon_sfu_session::{
    BindingRequest, Check, GoneCause, Identity, Session, SessionConfig, SessionError, SessionEvent,
    Wanted,
};

const CHROMIUM: &str = include_str!("fixtures/chromium.sdp");

struct Client {
    session: Session,
    now: Instant,
    dtls: Dtls,
    address: SocketAddr,
    offer: String,
    ufrag: String,
    pwd: String,
}

/// The value of the first such attribute.
fn attribute<'s>(sdp: &'s str, name: &str) -> &'s str {
    sdp.lines()
        .find_map(|line| line.strip_prefix(&format!("a={name}:")))
        .expect("the attribute")
}

fn sign(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    hmac::sign(&key, &parts.concat())
        .as_ref()
        .try_into()
        .expect("20 bytes")
}

impl Client {
    fn new() -> Self {
        Self::announcing(None)
    }

    /// A client that announces another certificate than the one it has.
    fn announcing(fingerprint: Option<&str>) -> Self {
        let now = Instant::now();
        let certificate = generate_self_signed_certificate().expect("a certificate");
        let own = format_fingerprint(&certificate.fingerprint());
        let announced = fingerprint.unwrap_or(&own);
        let offer = CHROMIUM.replace(
            attribute(CHROMIUM, "fingerprint"),
            &format!("sha-256 {announced}"),
        );
        let config = SessionConfig {
            identity: Identity::generate().expect("a certificate"),
            candidates: vec!["192.0.2.1:4000".parse().expect("an address")],
            max_lines: 4,
        };
        let (session, answer) = Session::accept(&config, now, &offer, None).expect("an answer");
        let mut dtls = Dtls::new_12(Arc::new(Config::default()), certificate, now);
        dtls.set_active(true);
        let address = "198.51.100.7:5000".parse().expect("an address");
        let (ufrag, pwd) = (
            attribute(&answer, "ice-ufrag").to_owned(),
            attribute(&answer, "ice-pwd").to_owned(),
        );
        Self {
            session,
            now,
            dtls,
            address,
            offer,
            ufrag,
            pwd,
        }
    }

    fn check_with(&mut self, pwd: &str, nominates: bool) -> Check {
        let name = format!("{}:{}", self.ufrag, attribute(&self.offer, "ice-ufrag"));
        let request = StunMessage::binding_request(&name, TransId::new(), true, 7, 100, nominates);
        let mut bytes = [0; 256];
        let length = request
            .to_bytes(Some(pwd.as_bytes()), &mut bytes, sign)
            .expect("it fits");
        let request = BindingRequest::parse(&bytes[..length]).expect("a request");
        self.session.handle_check(self.now, self.address, &request)
    }

    fn check(&mut self, nominates: bool) {
        let pwd = self.pwd.clone();
        let Check::Accepted(response) = self.check_with(&pwd, nominates) else {
            panic!("an authentic check was refused");
        };
        let response = StunMessage::parse(&response).expect("a response");
        assert!(response.is_successful_binding_response() && response.verify(pwd.as_bytes(), sign));
        assert_eq!(response.mapped_address(), Some(self.address));
    }

    /// Exchanges DTLS records until both have nothing to say; gives the session's news.
    fn shake_hands(&mut self) -> Vec<SessionEvent> {
        let mut events = Vec::new();
        let mut buffer = vec![0; 4096];
        for _ in 0..20 {
            self.dtls.handle_timeout(self.now).expect("alive");
            while let output = self.dtls.poll_output(&mut buffer)
                && !matches!(output, Output::Timeout(_))
            {
                if let Output::Packet(record) = output {
                    events.extend(self.session.handle_dtls(self.now, record));
                }
            }
            for record in self.session.take_outgoing() {
                drop(self.dtls.handle_packet(&record));
            }
        }
        events
    }

    fn connect(&mut self) {
        self.check(true);
        let events = self.shake_hands();
        let [SessionEvent::Keys(keys)] = &events[..] else {
            panic!("keys: {events:?}")
        };
        assert_ne!(keys.profile(), SrtpProfile::Aes128CmSha1_80);
        assert!(matches!(
            self.session.poll(self.now),
            Some(SessionEvent::Connected)
        ));
        assert!(self.session.poll(self.now).is_none());
    }

    fn want(&mut self, track: u32, kind: Kind) {
        let codec = if kind == Kind::Audio {
            Codec::Opus
        } else {
            Codec::Vp8
        };
        let (stream, name, cname) = (
            "web_1".to_owned(),
            format!("other-{track}"),
            "other".to_owned(),
        );
        let wanted = Wanted {
            track: TrackId(track),
            kind,
            codec,
            stream,
            name,
            cname,
        };
        self.session.want(self.now, wanted).expect("random numbers");
    }

    fn next_offer(&mut self) -> Option<(u32, String)> {
        self.now += Duration::from_millis(50);
        self.session.poll_offer(self.now)
    }

    /// What a browser answers when it takes everything.
    fn answer(&self, offer: &str) -> String {
        let own = attribute(&self.offer, "ice-ufrag");
        offer
            .replace("a=recvonly", "a=was-recvonly")
            .replace("a=sendonly", "a=recvonly")
            .replace("a=was-recvonly", "a=sendonly")
            .replace("a=setup:actpass", "a=setup:active")
            .replace("a=ice-lite\r\n", "")
            .replace(
                &format!("a=ice-ufrag:{}", self.ufrag),
                &format!("a=ice-ufrag:{own}"),
            )
    }

    fn tracks(&self) -> Vec<u32> {
        self.session
            .send_lines()
            .iter()
            .map(|(track, _)| track.0)
            .collect()
    }
}

fn mids(sdp: &str) -> Vec<&str> {
    sdp.lines()
        .filter_map(|line| line.strip_prefix("a=mid:"))
        .collect()
}

#[test]
fn a_client_connects_and_is_found_where_it_nominated() {
    let mut client = Client::new();
    assert!(client.session.path().is_none());
    client.check(false);
    assert!(client.session.path().is_none());
    client.connect();
    assert_eq!(client.session.path(), Some(client.address));
    client.address = "203.0.113.9:6000".parse().expect("an address");
    client.check(false);
    assert_ne!(client.session.path(), Some(client.address));
    client.check(true);
    assert_eq!(client.session.path(), Some(client.address));
}

#[test]
fn a_forged_check_changes_nothing() {
    let mut client = Client::new();
    assert_eq!(
        client.check_with("wrong-password-wrong-pass", true),
        Check::Forged
    );
    assert!(client.session.path().is_none());
}

#[test]
fn another_certificate_than_announced_ends_the_session() {
    let mut client = Client::announcing(Some(&format_fingerprint(&[7; 32])));
    client.check(true);
    let events = client.shake_hands();
    assert!(
        matches!(events[..], [SessionEvent::Gone(GoneCause::DtlsFailed)]),
        "{events:?}"
    );
}

#[test]
fn garbage_between_the_records_does_no_harm() {
    let mut client = Client::new();
    client.check(true);
    for length in [1, 13, 14, 60, 1200] {
        assert!(
            client
                .session
                .handle_dtls(client.now, &vec![22; length])
                .is_none()
        );
    }
    client.connect();
    assert!(client.session.handle_dtls(client.now, &[22; 100]).is_none());
}

#[test]
fn silence_interrupts_and_then_ends_a_session() {
    let mut client = Client::new();
    client.connect();
    client.now += Duration::from_secs(8);
    assert!(matches!(
        client.session.poll(client.now),
        Some(SessionEvent::Interrupted)
    ));
    client.check(true);
    assert!(matches!(
        client.session.poll(client.now),
        Some(SessionEvent::Connected)
    ));
    client.now += Duration::from_secs(29);
    assert!(matches!(
        client.session.poll(client.now),
        Some(SessionEvent::Interrupted)
    ));
    client.now += Duration::from_secs(1);
    assert!(matches!(
        client.session.poll(client.now),
        Some(SessionEvent::Gone(GoneCause::Timeout))
    ));
    assert!(client.session.poll(client.now).is_none());
}

#[test]
fn who_never_connects_is_given_up() {
    let mut client = Client::new();
    client.now += Duration::from_secs(30);
    assert!(matches!(
        client.session.poll(client.now),
        Some(SessionEvent::Gone(GoneCause::NeverConnected))
    ));
}

#[test]
fn one_offer_is_out_at_a_time_and_changes_are_gathered() {
    let mut client = Client::new();
    client.connect();
    client.want(1, Kind::Audio);
    client.want(2, Kind::Video);
    assert!(client.session.poll_offer(client.now).is_none());
    let (neg, offer) = client.next_offer().expect("an offer");
    assert_eq!(mids(&offer), ["0", "1", "s1", "s2"]);
    assert!(offer.contains("a=msid:web_1 other-1") && offer.contains("a=msid:web_1 other-2"));
    assert!(client.tracks().is_empty());
    client.session.unwant(client.now, TrackId(2));
    assert!(client.next_offer().is_none());
    let answer = client.answer(&offer);
    assert_eq!(
        client
            .session
            .accept_answer(client.now, &answer, Some(neg + 1)),
        Err(SessionError::StaleNegotiation)
    );
    assert_eq!(
        client.session.accept_answer(client.now, &answer, Some(neg)),
        Ok(())
    );
    assert_eq!(
        client.session.accept_answer(client.now, &answer, Some(neg)),
        Err(SessionError::StaleNegotiation)
    );
    assert_eq!(client.tracks(), [1, 2]);
    let (neg, offer) = client.next_offer().expect("the change that came meanwhile");
    assert!(offer.contains("m=video 0 "));
    assert_eq!(
        client
            .session
            .accept_answer(client.now, &client.answer(&offer), Some(neg)),
        Ok(())
    );
    assert_eq!(client.tracks(), [1]);
    assert!(client.next_offer().is_none());
}

#[test]
fn a_stopped_line_is_used_again_under_another_name() {
    let mut client = Client::new();
    client.connect();
    for round in 1..=20 {
        client.want(2 * round, Kind::Video);
        let (neg, offer) = client.next_offer().expect("an offer");
        assert_eq!(mids(&offer).len(), 3, "{offer}");
        assert_eq!(mids(&offer)[2], format!("s{round}"));
        assert_eq!(
            client
                .session
                .accept_answer(client.now, &client.answer(&offer), Some(neg)),
            Ok(())
        );
        assert_eq!(client.tracks(), [2 * round]);
        client.session.unwant(client.now, TrackId(2 * round));
        let (neg, offer) = client.next_offer().expect("an offer");
        assert_eq!(
            client
                .session
                .accept_answer(client.now, &client.answer(&offer), Some(neg)),
            Ok(())
        );
        assert_eq!(client.session.line_counts(), (3, 1));
    }
}

#[test]
fn tracks_beyond_the_lines_wait_for_a_free_one() {
    let mut client = Client::new();
    client.connect();
    for track in 1..=3 {
        client.want(track, Kind::Audio);
    }
    let (neg, offer) = client.next_offer().expect("an offer");
    assert_eq!(
        client
            .session
            .accept_answer(client.now, &client.answer(&offer), Some(neg)),
        Ok(())
    );
    assert_eq!(client.tracks(), [1, 2]);
    client.session.unwant(client.now, TrackId(1));
    for _ in 0..2 {
        if let Some((neg, offer)) = client.next_offer() {
            assert_eq!(
                client
                    .session
                    .accept_answer(client.now, &client.answer(&offer), Some(neg)),
                Ok(())
            );
        }
    }
    assert_eq!(client.tracks(), [3, 2]);
}

#[test]
fn the_clients_offer_wins_and_ours_comes_again_behind_its_lines() {
    let mut client = Client::new();
    client.connect();
    client.want(1, Kind::Audio);
    let (neg, ours) = client.next_offer().expect("an offer");
    let video = client.offer.split("m=video").nth(1).expect("a video line");
    let theirs = format!(
        "{}m=video{}",
        client.offer,
        video.replace("a=mid:1", "a=mid:2")
    );
    let answer = client
        .session
        .accept_offer(client.now, &theirs)
        .expect("an answer");
    assert_eq!(mids(&answer), ["0", "1", "2"]);
    let late = client.answer(&ours);
    assert_eq!(
        client.session.accept_answer(client.now, &late, Some(neg)),
        Err(SessionError::StaleNegotiation)
    );
    let (neg, again) = client.next_offer().expect("our wish is not forgotten");
    assert_eq!(mids(&again), ["0", "1", "2", "s1"]);
    assert_eq!(
        client
            .session
            .accept_answer(client.now, &client.answer(&again), Some(neg)),
        Ok(())
    );
    assert_eq!(
        (client.tracks(), client.session.receive_lines().len()),
        (vec![1], 3)
    );
}

#[test]
fn a_line_the_client_refuses_is_not_sent_to_nor_offered_again() {
    let mut client = Client::new();
    client.connect();
    client.want(1, Kind::Audio);
    let (neg, offer) = client.next_offer().expect("an offer");
    let (head, last) = offer.rsplit_once("m=audio 9").expect("our line");
    let refused = client.answer(&format!("{head}m=audio 0{last}"));
    assert_eq!(
        client
            .session
            .accept_answer(client.now, &refused, Some(neg)),
        Ok(())
    );
    assert!(client.tracks().is_empty());
    assert!(client.next_offer().is_none());
}

#[test]
fn a_publisher_is_asked_for_what_all_decode() {
    let mut client = Client::new();
    client.connect();
    let h264 = Codec::H264 {
        profile_level_id: 0x42_e01f,
        packetization_mode: 1,
    };
    client.session.set_room_codecs(client.now, Some(vec![h264]));
    let (neg, offer) = client.next_offer().expect("an offer");
    assert_eq!(
        client
            .session
            .accept_answer(client.now, &client.answer(&offer), Some(neg)),
        Ok(())
    );
    assert_eq!(client.session.receive_lines()[1].payloads[0].codec, h264);
    client
        .session
        .set_room_codecs(client.now, Some(vec![h264, Codec::Vp8]));
    assert!(client.next_offer().is_none());
}

#[test]
fn a_publisher_that_keeps_its_order_of_codecs_is_asked_once() {
    let mut client = Client::new();
    client.connect();
    let h264 = Codec::H264 {
        profile_level_id: 0x42_e01f,
        packetization_mode: 1,
    };
    client.session.set_room_codecs(client.now, Some(vec![h264]));
    let (neg, offer) = client.next_offer().expect("an offer");
    let mut lines: Vec<String> = client.answer(&offer).lines().map(str::to_owned).collect();
    for line in lines.iter_mut().filter(|l| l.starts_with("m=video 9 ")) {
        let mut words: Vec<&str> = line.split(' ').collect();
        words.retain(|pt| !["96", "97"].contains(pt));
        words.splice(3..3, ["96", "97"]);
        *line = words.join(" ");
    }
    let stubborn = lines.join("\r\n");
    assert_eq!(
        client
            .session
            .accept_answer(client.now, &stubborn, Some(neg)),
        Ok(())
    );
    assert!(client.next_offer().is_none(), "asked for the same again");
    let video = &client.session.receive_lines()[1];
    assert!(video.payloads.iter().any(|p| p.codec == Codec::Vp8));
}
