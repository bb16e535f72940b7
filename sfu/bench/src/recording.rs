//! What recording costs, against one more subscriber.

use std::path::Path;

use crate::Failure;
use crate::machine::Cores;
use crate::scenario;

/// Rounds; the cheapest of each kind counts, as others only add.
const ROUNDS: usize = 3;
/// Subscribers that make the price of one.
const MORE: usize = 11;

/// Measures one publisher with one subscriber, with some more, and with one and a recording; prints the ratio.
///
/// # Errors
/// As [`scenario::run`].
pub fn measure(folder: &Path, seconds: u64, cores: &Cores) -> Result<(), Failure> {
    println!(
        "1 publisher (video 200 packets/s of 1100 B, audio 50/s of 100 B), {seconds} s each, the best of {ROUNDS}\n\
         CPU of the media thread, and of the writer while a recording runs, in us a second"
    );
    let (mut alone, mut many, mut recorded) = (f64::MAX, f64::MAX, f64::MAX);
    for round in 0..ROUNDS {
        let folder = folder.join(format!("round-{round}"));
        alone = alone.min(scenario::run(1, seconds, None, cores)?.engine_us_per_s());
        many = many.min(scenario::run(MORE, seconds, None, cores)?.engine_us_per_s());
        let load = scenario::run(1, seconds, Some(&folder), cores)?;
        recorded = recorded.min(load.engine_us_per_s());
    }
    let one = (many - alone) / (MORE - 1) as f64;
    let recording = recorded - alone;
    println!("one more subscriber  {one:>8.0}\nrecording            {recording:>8.0}");
    println!(
        "{{\"subscriber_us\":{one:.1},\"recording_us\":{recording:.1},\"ratio\":{:.2}}}",
        recording / one
    );
    Ok(())
}
