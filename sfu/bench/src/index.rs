//! What the index of a recording says about it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::Failure;

/// Some recordings, added up.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Tracks with frames in a sealed segment.
    pub tracks: usize,
    /// Bytes of all sealed segments.
    pub bytes: u64,
    /// Number of gaps by their cause.
    pub gaps: BTreeMap<String, u64>,
}

/// The fields needed of a line; other kinds of lines have none of them.
#[derive(Deserialize)]
struct Line {
    kind: String,
    #[serde(default)]
    track: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    frames: u64,
    #[serde(default)]
    bytes: u64,
}

impl Recorded {
    /// Adds the recording in a folder.
    ///
    /// # Errors
    /// Its index cannot be read.
    pub fn add(&mut self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join("index.jsonl");
        let text = std::fs::read_to_string(&path);
        self.add_lines(&text.map_err(|error| format!("{}: {error}", path.display()))?)
    }

    fn add_lines(&mut self, text: &str) -> Result<(), Failure> {
        let mut tracks = BTreeSet::new();
        for line in text.lines() {
            let line: Line = serde_json::from_str(line)?;
            match line.kind.as_str() {
                "sealed" => {
                    self.bytes += line.bytes;
                    if line.frames > 0 {
                        tracks.insert(line.track);
                    }
                }
                "gap" => *self.gaps.entry(line.cause).or_default() += 1,
                _ => {}
            }
        }
        self.tracks += tracks.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_added_up_by_track_and_gaps_by_cause() {
        let text = "{\"t\":1,\"kind\":\"run\",\"run\":\"x\",\"version\":\"1\"}\n\
            {\"t\":2,\"kind\":\"track\",\"track\":\"a\",\"peer\":\"0\",\"media\":\"audio\"}\n\
            {\"t\":3,\"kind\":\"sealed\",\"track\":\"a\",\"frames\":5,\"bytes\":10}\n\
            {\"t\":4,\"kind\":\"sealed\",\"track\":\"a\",\"frames\":5,\"bytes\":20}\n\
            {\"t\":5,\"kind\":\"sealed\",\"track\":\"b\",\"frames\":0,\"bytes\":1}\n\
            {\"t\":6,\"kind\":\"gap\",\"track\":\"a\",\"cause\":\"loss\",\"packets\":2}\n\
            {\"t\":7,\"kind\":\"gap\",\"track\":\"b\",\"cause\":\"loss\"}\n\
            {\"t\":8,\"kind\":\"stop\",\"cause\":\"command\"}\n";
        let mut recorded = Recorded::default();
        recorded.add_lines(text).expect("lines");
        recorded.add_lines(text).expect("lines");
        let gaps = BTreeMap::from([("loss".to_owned(), 4)]);
        let expected = Recorded {
            tracks: 2,
            bytes: 62,
            gaps,
        };
        assert_eq!(recorded, expected);
        assert!(recorded.add_lines("{\"kind\":").is_err());
    }
}
