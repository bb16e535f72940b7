//! Lines of `index.jsonl`.

use std::fmt::Write;

/// Why something is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Loss,
    Keyframe,
    Overflow,
    Disk,
    Muted,
    Codec,
}

impl Cause {
    const fn as_str(self) -> &'static str {
        match self {
            Cause::Loss => "loss",
            Cause::Keyframe => "keyframe",
            Cause::Overflow => "overflow",
            Cause::Disk => "disk",
            Cause::Muted => "muted",
            Cause::Codec => "codec",
        }
    }
}

/// Builds one line: an object that ends with a newline.
pub(crate) struct Line(String);

impl Line {
    pub(crate) fn new(t_us: u64, kind: &str) -> Line {
        let mut line = Line(String::with_capacity(160));
        let _ = write!(line.0, "{{\"t\":{t_us}");
        line.text("kind", kind)
    }

    pub(crate) fn text(mut self, name: &str, value: &str) -> Line {
        let _ = write!(self.0, ",\"{name}\":\"");
        for c in value.chars() {
            match c {
                '"' | '\\' => self.0.extend(['\\', c]),
                c if u32::from(c) < 0x20 => {
                    let _ = write!(self.0, "\\u{:04x}", u32::from(c));
                }
                c => self.0.push(c),
            }
        }
        self.0.push('"');
        self
    }

    pub(crate) fn number(mut self, name: &str, value: u64) -> Line {
        let _ = write!(self.0, ",\"{name}\":{value}");
        self
    }

    pub(crate) fn flag(mut self, name: &str, value: bool) -> Line {
        let _ = write!(self.0, ",\"{name}\":{value}");
        self
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }

    pub(crate) fn gap(
        t_us: u64,
        track: &str,
        from_us: u64,
        to_us: u64,
        cause: Cause,
        packets: u64,
    ) -> String {
        let line = Line::new(t_us, "gap")
            .text("track", track)
            .number("from_us", from_us)
            .number("to_us", to_us)
            .text("cause", cause.as_str());
        if packets > 0 {
            line.number("packets", packets).end()
        } else {
            line.end()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object() {
        let line = Line::new(5, "track")
            .text("track", "a\"b\\c\nd")
            .number("n", 7)
            .flag("on", true);
        assert_eq!(
            line.end(),
            "{\"t\":5,\"kind\":\"track\",\"track\":\"a\\\"b\\\\c\\u000ad\",\"n\":7,\"on\":true}\n"
        );
        assert_eq!(
            Line::gap(9, "x", 1, 2, Cause::Loss, 0),
            "{\"t\":9,\"kind\":\"gap\",\"track\":\"x\",\"from_us\":1,\"to_us\":2,\"cause\":\"loss\"}\n"
        );
    }
}
