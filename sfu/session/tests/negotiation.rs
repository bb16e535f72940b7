//! Offer and answer as a client sees them, on recorded offers of real browsers.

use std::time::{Duration, Instant};

use salon_sfu_core::{Codec, Kind, TrackId};
use salon_sfu_session::{Identity, Session, SessionConfig, SessionError, Wanted};

const CHROMIUM: &str = include_str!("fixtures/chromium.sdp");
const FIREFOX: &str = include_str!("fixtures/firefox.sdp");
const H264: Codec = Codec::H264 {
    profile_level_id: 0x42_e01f,
    packetization_mode: 1,
};

fn config() -> SessionConfig {
    SessionConfig {
        identity: Identity::generate().expect("a certificate"),
        candidates: vec!["192.0.2.1:4000".parse().expect("an address")],
        max_lines: 10,
    }
}

fn join(offer: &str) -> (Session, String) {
    Session::accept(&config(), Instant::now(), offer, None).expect("an answer")
}

/// The m-lines of a description, each with its attributes.
fn sections(sdp: &str) -> Vec<&str> {
    let starts: Vec<usize> = sdp.match_indices("\nm=").map(|(at, _)| at + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([sdp.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| &sdp[*start..end])
        .collect()
}

fn wanted(track: u32, kind: Kind, codec: Codec) -> Wanted {
    Wanted {
        track: TrackId(track),
        kind,
        codec,
        stream: "web_0badcafe".to_owned(),
        name: format!("someone-{track}"),
        cname: "someone".to_owned(),
    }
}

#[test]
fn a_browsers_first_offer_is_answered_line_by_line() {
    for offer in [CHROMIUM, FIREFOX] {
        let (session, answer) = join(offer);
        let sections = sections(&answer);
        assert_eq!(sections.len(), 2);
        assert!(
            sections
                .iter()
                .all(|s| s.contains("a=recvonly") && s.contains("a=setup:passive"))
        );
        assert!(sections[0].contains("192.0.2.1 4000 typ host"));
        assert!(answer.contains("a=ice-lite"));
        let lines = session.receive_lines();
        assert_eq!((lines[0].kind, lines[1].kind), (Kind::Audio, Kind::Video));
        assert!(
            lines
                .iter()
                .all(|l| l.active && l.extensions.mid.is_some() && !l.ssrcs.is_empty())
        );
        assert_eq!(lines[0].payloads[0].codec, Codec::Opus);
        let video = &lines[1];
        assert_eq!(video.payloads[0].codec, Codec::Vp8);
        assert!(video.payloads[0].nack && video.payloads[0].pli && video.payloads[0].transport_cc);
        assert!(video.payloads[0].rtx_pt.is_some() && video.ssrcs[0].rtx.is_some());
        assert!(lines[1].extensions.transport_cc.is_some());
    }
}

#[test]
fn the_clients_order_of_codecs_stands_unless_somebody_cannot_decode_it() {
    let h264_first =
        CHROMIUM
            .replacen("SAVPF 96 97 ", "SAVPF ", 1)
            .replacen(" 108 109 ", " 108 109 96 97 ", 1);
    let first = |room: Option<Vec<Codec>>, offer: &str| {
        let (session, answer) =
            Session::accept(&config(), Instant::now(), offer, room).expect("an answer");
        (session.receive_lines()[1].payloads[0].codec, answer)
    };
    let moved = h264_first
        .replacen("SAVPF 102", "SAVPF 108 109 102", 1)
        .replacen(" 108 109 96", " 96", 1);
    assert_eq!(first(None, &moved).0, H264);
    assert_eq!(first(Some(vec![Codec::Vp8, H264]), &moved).0, H264);
    let (codec, answer) = first(Some(vec![Codec::Vp8]), &moved);
    assert_eq!(codec, Codec::Vp8);
    assert!(sections(&answer)[1].starts_with("m=video 9 UDP/TLS/RTP/SAVPF 96 97 "));
}

#[test]
fn what_is_no_offer_is_refused() {
    let without = |start: &str| {
        let kept = CHROMIUM.lines().filter(|l| !l.starts_with(start));
        kept.map(|l| format!("{l}\r\n")).collect::<String>()
    };
    let refused = [
        String::new(),
        "v=0\r\n".to_owned(),
        without("m="),
        without("a=mid"),
        without("a=fingerprint"),
        without("a=ice-pwd"),
        without("a=rtcp-mux"),
        CHROMIUM.replace("a=mid:1", "a=mid:0"),
        CHROMIUM.replace("sha-256", "md5"),
        CHROMIUM.replacen("t=0 0", "t=0 0\r\na=ice-lite", 1),
        CHROMIUM.replacen("a=mid:0", "a=mid:\u{1}", 1),
        format!("{CHROMIUM}{}", "a=x\r\n".repeat(20_000)),
    ];
    for offer in refused {
        let outcome = Session::accept(&config(), Instant::now(), &offer, None);
        assert!(
            matches!(outcome, Err(SessionError::BadSdp(_))),
            "{:.80}",
            offer
        );
    }
    let many = CHROMIUM.to_owned() + &sections(CHROMIUM)[0].repeat(9);
    let outcome = Session::accept(&config(), Instant::now(), &many, None);
    assert!(matches!(outcome, Err(SessionError::TooManyLines)));
}

#[test]
fn any_cut_or_garbled_offer_is_survived() {
    for end in (0..CHROMIUM.len()).step_by(7) {
        let _ = Session::accept(&config_once(), Instant::now(), &CHROMIUM[..end], None);
    }
    for at in (0..CHROMIUM.len()).step_by(5) {
        let mut bytes = CHROMIUM.as_bytes().to_vec();
        bytes[at] = bytes[at].wrapping_mul(31).wrapping_add(7) & 0x7f;
        let text = String::from_utf8(bytes).expect("ASCII");
        let _ = Session::accept(&config_once(), Instant::now(), &text, None);
    }
}

/// One certificate for many tries.
fn config_once() -> SessionConfig {
    static CONFIG: std::sync::OnceLock<SessionConfig> = std::sync::OnceLock::new();
    CONFIG.get_or_init(config).clone()
}

#[test]
fn data_channels_are_refused_and_the_rest_is_taken() {
    let data =
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n";
    let (session, answer) = join(&(CHROMIUM.to_owned() + data));
    let sections = sections(&answer);
    assert!(sections[2].starts_with("m=application 0 UDP/DTLS/SCTP webrtc-datachannel"));
    assert!(answer.contains("a=group:BUNDLE 0 1\r\n"));
    assert_eq!(session.receive_lines().len(), 2);
}

#[test]
fn a_new_offer_of_the_client_restarts_ice_with_new_credentials() {
    let (mut session, answer) = join(CHROMIUM);
    let ufrag = |sdp: &str| sdp.split("a=ice-ufrag:").nth(1).map(|r| r[..8].to_owned());
    let same = session
        .accept_offer(Instant::now(), CHROMIUM)
        .expect("an answer");
    assert_eq!(ufrag(&same), ufrag(&answer));
    let old: Vec<String> = session.ufrags().map(str::to_owned).collect();
    let theirs = CHROMIUM
        .split("a=ice-ufrag:")
        .nth(1)
        .and_then(|r| r.lines().next())
        .expect("a ufrag");
    let restart = CHROMIUM.replace(&format!("a=ice-ufrag:{theirs}"), "a=ice-ufrag:neww");
    let new = session
        .accept_offer(Instant::now(), &restart)
        .expect("an answer");
    assert_ne!(ufrag(&new), ufrag(&answer));
    // Checks of the old generation are still known, so that media goes on until the new path is nominated.
    assert!(session.ufrags().any(|u| old.contains(&u.to_owned())));
}

#[test]
fn lines_must_stay_in_their_place() {
    let (mut session, _) = join(CHROMIUM);
    let parts = sections(CHROMIUM);
    let head = CHROMIUM
        .split_once("m=")
        .map(|(head, _)| head)
        .expect("a head");
    let swapped = format!("{head}{}{}", parts[1], parts[0]);
    let fewer = format!("{head}{}", parts[0]);
    for offer in [swapped, fewer] {
        let outcome = session.accept_offer(Instant::now(), &offer);
        assert!(matches!(outcome, Err(SessionError::BadSdp(_))));
    }
    assert!(session.accept_offer(Instant::now(), CHROMIUM).is_ok());
}

#[test]
fn candidates_are_looked_at() {
    let (session, _) = join(CHROMIUM);
    for good in [
        "",
        "candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host generation 0 ufrag x",
        "a=candidate:1 1 UDP 2113937151 abc.local 50000 typ host",
    ] {
        assert_eq!(session.add_candidate(good), Ok(()));
    }
    assert_eq!(
        session.add_candidate("nonsense"),
        Err(SessionError::BadCandidate)
    );
}

#[test]
fn nothing_is_offered_before_the_client_is_connected() {
    let (mut session, _) = join(CHROMIUM);
    let now = Instant::now();
    session
        .want(now, wanted(1, Kind::Audio, Codec::Opus))
        .expect("room for it");
    assert!(session.poll_offer(now + Duration::from_secs(1)).is_none());
    assert_eq!(
        session.accept_answer(now, "v=0", Some(1)),
        Err(SessionError::StaleNegotiation)
    );
}
