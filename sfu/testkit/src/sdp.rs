//! Reads the few things a browser application learns from an SDP text.

/// Direction of an m-line, as its writer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineDirection {
    /// `a=sendrecv`, and the default (RFC 8866 section 6.7).
    SendRecv,
    /// `a=sendonly`.
    SendOnly,
    /// `a=recvonly`.
    RecvOnly,
    /// `a=inactive`.
    Inactive,
}

/// One m-line of an SDP text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteLine {
    /// `a=mid`.
    pub mid: String,
    /// `audio`, `video` or `application`.
    pub kind: String,
    /// Port zero: the line is stopped.
    pub is_stopped: bool,
    /// Who sends.
    pub direction: LineDirection,
    /// First word of `a=msid`.
    pub stream: String,
    /// Second word of `a=msid`.
    pub track: String,
    /// SSRC of every `a=ssrc` line, each once, in order.
    pub ssrcs: Vec<u32>,
}

/// The m-lines of an SDP text, in order.
#[must_use]
pub fn lines_of(sdp: &str) -> Vec<RemoteLine> {
    let mut lines: Vec<RemoteLine> = Vec::new();
    for text in sdp.lines() {
        if let Some(media) = text.strip_prefix("m=") {
            let mut words = media.split_whitespace();
            lines.push(RemoteLine {
                kind: words.next().unwrap_or_default().to_owned(),
                is_stopped: words.next() == Some("0"),
                mid: String::new(),
                direction: LineDirection::SendRecv,
                stream: String::new(),
                track: String::new(),
                ssrcs: Vec::new(),
            });
        } else if let (Some(line), Some(attribute)) = (lines.last_mut(), text.strip_prefix("a=")) {
            read_attribute(line, attribute);
        }
    }
    lines
}

fn read_attribute(line: &mut RemoteLine, attribute: &str) {
    let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
    match name {
        "mid" => line.mid = value.to_owned(),
        "sendonly" => line.direction = LineDirection::SendOnly,
        "recvonly" => line.direction = LineDirection::RecvOnly,
        "inactive" => line.direction = LineDirection::Inactive,
        "msid" => {
            let mut words = value.split_whitespace();
            line.stream = words.next().unwrap_or_default().to_owned();
            line.track = words.next().unwrap_or_default().to_owned();
        }
        "ssrc" => {
            let number = value.split_whitespace().next().unwrap_or_default();
            if let Ok(ssrc) = number.parse()
                && !line.ssrcs.contains(&ssrc)
            {
                line.ssrcs.push(ssrc);
            }
        }
        _ => {}
    }
}

/// The SDP as a lenient reader takes it: nothing is expected of the formats of a stopped line.
///
/// str0m wants an `a=rtpmap` for each of them, browsers do not; format 0 needs none.
pub(crate) fn without_stopped_formats(sdp: &str) -> String {
    let mut text = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            [media, "0", protocol, ..] if media.starts_with("m=") => {
                text.push_str(&[*media, "0", *protocol, "0"].join(" "));
            }
            _ => text.push_str(line),
        }
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stopped_lines_lose_their_formats() {
        let sdp =
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=mid:0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\n";
        let expected =
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=mid:0\r\nm=video 0 UDP/TLS/RTP/SAVPF 0\r\n";
        assert_eq!(without_stopped_formats(sdp), expected);
    }

    #[test]
    fn lines_are_read_with_their_stream_and_state() {
        let sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=recvonly\r\n\
                   m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendonly\r\na=msid:web_1 cam\r\n\
                   a=ssrc:7 cname:x\r\na=ssrc:7 msid:web_1 cam\r\na=ssrc:8 cname:x\r\n";
        let lines = lines_of(sdp);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].mid.as_str(), lines[0].is_stopped), ("0", false));
        assert_eq!(lines[0].direction, LineDirection::RecvOnly);
        assert!(lines[1].is_stopped);
        assert_eq!(
            (lines[1].stream.as_str(), lines[1].track.as_str()),
            ("web_1", "cam")
        );
        assert_eq!(lines[1].ssrcs, vec![7, 8]);
    }
}
