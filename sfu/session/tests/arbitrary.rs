//! Whatever comes as SDP or STUN is survived: refused, or taken, never a panic.

use std::sync::OnceLock;
use std::time::Instant;

use proptest::prelude::*;
use salon_sfu_session::{BindingRequest, Identity, Session, SessionConfig};

const CHROMIUM: &str = include_str!("fixtures/chromium.sdp");

fn config() -> &'static SessionConfig {
    static CONFIG: OnceLock<SessionConfig> = OnceLock::new();
    CONFIG.get_or_init(|| SessionConfig {
        identity: Identity::generate().expect("a certificate"),
        candidates: vec!["192.0.2.1:4000".parse().expect("an address")],
        max_lines: 20,
    })
}

/// Lines of a real offer, some of them repeated, left out, moved, or with a number or word changed.
fn shuffled() -> impl Strategy<Value = String> {
    let lines: Vec<&'static str> = CHROMIUM.lines().collect();
    let line = prop_oneof![
        8 => proptest::sample::select(lines),
        1 => Just("m=video 9 UDP/TLS/RTP/SAVPF 96 97"),
        1 => Just("m=audio 0 UDP/TLS/RTP/SAVPF 111"),
    ];
    let word = prop_oneof![Just(None), "[a-z0-9:/ =;*-]{0,12}".prop_map(Some)];
    let changed = (line, word).prop_map(|(line, word)| match word {
        Some(word) => line
            .split_once(' ')
            .map_or_else(|| word.clone(), |(head, _)| format!("{head} {word}")),
        None => line.to_owned(),
    });
    let body = proptest::collection::vec(changed, 0..60);
    body.prop_map(|body| format!("{CHROMIUM}{}\r\n", body.join("\r\n")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_survived(text in "\\PC{0,400}") {
        drop(Session::accept(config(), Instant::now(), &text, None));
    }

    #[test]
    fn any_mixture_of_real_lines_is_survived(first in shuffled(), second in shuffled()) {
        let now = Instant::now();
        drop(Session::accept(config(), now, &first, None));
        let (mut session, _) = Session::accept(config(), now, CHROMIUM, None).expect("an answer");
        if let Ok(answer) = session.accept_offer(now, &second) {
            // What we say ourselves must be something we could read.
            let answer = answer.replace("a=ice-lite\r\n", "").replace("a=setup:passive", "a=setup:actpass");
            prop_assert!(Session::accept(config(), now, &answer, None).is_ok());
        }
        prop_assert!(session.accept_answer(now, &second, None).is_err());
    }

    #[test]
    fn any_bytes_are_survived_as_stun(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(request) = BindingRequest::parse(&bytes) {
            prop_assert!(!request.is_authentic("some-password-of-somebody"));
        }
    }
}
