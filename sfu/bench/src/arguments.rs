//! The command line.

use std::path::PathBuf;

use crate::Failure;

const USAGE: &str = "usage: salon-sfu-bench [--subscribers 10,50,100] [--seconds 20] \
                     [--record folder [--rooms 8x4]]";

/// Rooms of equal size in which everyone publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rooms {
    pub rooms: usize,
    /// Publishers of each room.
    pub publishers: usize,
}

/// What to measure.
#[derive(Debug)]
pub struct Arguments {
    /// Numbers of subscribers, one measurement each.
    pub subscribers: Vec<usize>,
    /// Length of each measurement.
    pub seconds: u64,
    /// Measure what recording costs instead, into this folder.
    pub record: Option<PathBuf>,
    /// Measure that in so many rooms at once.
    pub rooms: Option<Rooms>,
}

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// An unknown word, or a number out of range; the text says what is expected.
    pub fn parse(words: &[String]) -> Result<Self, Failure> {
        let mut parsed = Self {
            subscribers: vec![10, 50, 100],
            seconds: 20,
            record: None,
            rooms: None,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or(USAGE)?;
            match word.as_str() {
                "--subscribers" => {
                    let numbers = value.split(',').map(|one| one.trim().parse());
                    parsed.subscribers = numbers.collect::<Result<_, _>>().map_err(|_| USAGE)?;
                }
                "--record" => parsed.record = Some(value.into()),
                "--rooms" => parsed.rooms = Some(parse_rooms(value)?),
                "--seconds" => parsed.seconds = value.parse().map_err(|_| USAGE)?,
                _ => return Err(USAGE.into()),
            }
        }
        if parsed.rooms.is_some() && parsed.record.is_none() {
            return Err("--rooms is possible only with --record".into());
        }
        let is_sane = parsed.subscribers.iter().all(|n| (1..=400).contains(n))
            && !parsed.subscribers.is_empty()
            && (1..=600).contains(&parsed.seconds);
        if is_sane {
            Ok(parsed)
        } else {
            Err("1 to 400 subscribers and 1 to 600 seconds are possible".into())
        }
    }

    /// Length of each measurement of the floor: it has no warm-up and little spread.
    pub fn floor_seconds(&self) -> u64 {
        (self.seconds / 2).clamp(1, 10)
    }
}

fn parse_rooms(text: &str) -> Result<Rooms, Failure> {
    let (rooms, publishers) = text.split_once('x').ok_or(USAGE)?;
    let rooms: usize = rooms.parse().map_err(|_| USAGE)?;
    let publishers: usize = publishers.parse().map_err(|_| USAGE)?;
    // Without a second publisher nobody would receive anything.
    if (1..=100).contains(&rooms) && (2..=20).contains(&publishers) {
        Ok(Rooms { rooms, publishers })
    } else {
        Err("1 to 100 rooms of 2 to 20 publishers are possible".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Arguments::parse(&words)
    }

    #[test]
    fn numbers_are_read_and_nonsense_is_refused() {
        let arguments = parse("--subscribers 3,7 --seconds 2").expect("fine");
        assert_eq!((arguments.subscribers, arguments.seconds), (vec![3, 7], 2));
        assert_eq!(parse("").expect("defaults").subscribers, vec![10, 50, 100]);
        for line in [
            "--seconds",
            "--seconds x",
            "--subscribers 0",
            "--seconds 0",
            "x y",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn rooms_are_read_and_only_with_a_folder_to_record_into() {
        let arguments = parse("--record f --rooms 8x4 --seconds 2").expect("fine");
        let (rooms, publishers) = (8, 4);
        assert_eq!(arguments.rooms, Some(Rooms { rooms, publishers }));
        assert_eq!(arguments.record, Some("f".into()));
        assert_eq!(parse("--record f").expect("fine").rooms, None);
        for rooms in ["8", "8x", "x4", "8x4x2", "0x4", "8x1", "101x2", "2x21"] {
            let line = format!("--record f --rooms {rooms}");
            assert!(parse(&line).is_err(), "{line}");
        }
        assert!(parse("--rooms 8x4").is_err());
    }
}
