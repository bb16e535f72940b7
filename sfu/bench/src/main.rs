//! The bench of the engine: one publisher, N subscribers, all real DTLS-SRTP peers on real sockets.
//!
//! The engine runs alone in a child process on one core, the peers on another. Counted are the
//! packets that arrive at the subscribers after their SRTP, and the CPU time of the engine's media
//! threads. The floor (sealing the same packets and `sendmmsg`, nothing else) is measured in the
//! same run on the same core, because absolute figures do not carry between machines.

mod arguments;
mod call;
mod child;
mod engine;
mod floor;
mod index;
mod machine;
mod recording;
mod report;
mod rooms;
mod scenario;

use std::process::ExitCode;

use arguments::Arguments;

/// Anything that ends the bench early; it is printed and nothing more is done with it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.split_first() {
        Some((first, _)) if first == child::FLAG => child::run(),
        Some((first, rest)) if first == machine::REAL_TIME_FLAG => {
            Arguments::parse(rest).and_then(|arguments| bench(&arguments, "real-time"))
        }
        _ => Arguments::parse(&words).and_then(|arguments| {
            // Does not come back if it can be done.
            machine::restart_in_real_time(&words);
            let is_raised = machine::raise_priority();
            bench(&arguments, if is_raised { "raised" } else { "as given" })
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("salon-sfu-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &Arguments, priority: &str) -> Result<(), Failure> {
    let cores = machine::Cores::choose()?;
    machine::pin_this_thread(cores.generator)?;
    if let Some(folder) = &arguments.record {
        return match arguments.rooms {
            Some(rooms) => rooms::measure(rooms, folder, arguments.seconds, &cores),
            None => recording::measure(folder, arguments.seconds, &cores),
        };
    }
    report::print_head(arguments, &cores, priority);
    let mut last = None;
    for &subscribers in &arguments.subscribers {
        let load = scenario::run(subscribers, arguments.seconds, None, &cores)?;
        let floor_us = floor::measure(&load.shape(), arguments.floor_seconds(), &cores)?;
        let row = report::Row::of(&load, floor_us);
        report::print_row(&row);
        last = Some(row);
    }
    match last {
        Some(row) => report::print_foot(&row),
        None => Err("no number of subscribers was given".into()),
    }
}
