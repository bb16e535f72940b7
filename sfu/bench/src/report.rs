//! The table for people and the last line for scripts.

use serde::Serialize;

use crate::Failure;
use crate::arguments::Arguments;
use crate::call::Arrivals;
use crate::machine::{Cores, CpuTime};
use crate::scenario::Load;

/// The figures of one measurement.
#[derive(Debug, Serialize)]
pub struct Row {
    n: usize,
    us_per_packet: f64,
    floor_us: f64,
    ratio: f64,
    lost: u64,
    latency_us_p50: f64,
    latency_us_p99: f64,
    kib_per_subscriber: f64,
    #[serde(skip)]
    packets_per_s: f64,
    #[serde(skip)]
    trouble: Vec<String>,
    #[serde(skip)]
    counters: Vec<(String, u64)>,
}

impl Row {
    /// The figures of a load and of the floor beside it.
    pub fn of(load: &Load, floor_us: f64) -> Self {
        let arrivals = &load.arrivals;
        let forwarded = arrivals.expected.saturating_sub(arrivals.lost).max(1) as f64;
        let us_per_packet = load.engine.on_cpu_ns as f64 / 1000.0 / forwarded;
        Self {
            n: load.subscribers,
            us_per_packet: rounded(us_per_packet),
            floor_us: rounded(floor_us),
            ratio: rounded(us_per_packet / floor_us),
            lost: arrivals.lost,
            latency_us_p50: rounded(arrivals.latency.p50.as_nanos() as f64 / 1000.0),
            latency_us_p99: rounded(arrivals.latency.p99.as_nanos() as f64 / 1000.0),
            kib_per_subscriber: rounded(load.kib_per_subscriber),
            packets_per_s: forwarded / load.seconds,
            trouble: trouble(arrivals, &load.engine, &load.generator, load.seconds),
            counters: load.counters.clone(),
        }
    }
}

/// What speaks against the figures of a measurement: one line each.
pub fn trouble(
    arrivals: &Arrivals,
    engine: &CpuTime,
    generator: &CpuTime,
    seconds: f64,
) -> Vec<String> {
    let mut trouble = Vec::new();
    if arrivals.duplicates > 0 {
        trouble.push(format!("{} packets came twice", arrivals.duplicates));
    }
    if arrivals.damaged > 0 {
        trouble.push(format!(
            "{} packets were damaged or foreign",
            arrivals.damaged
        ));
    }
    let share = |time: u64| time as f64 / 1e7 / seconds;
    let busy = [engine, generator].map(|time| share(time.on_cpu_ns));
    let kept_waiting = [engine, generator].map(|time| share(time.waited_ns));
    if kept_waiting.iter().any(|share| *share > 1.0) {
        trouble.push(format!(
            "other programs kept the engine waiting for its core {:.1} % of the time, the peers \
             {:.1} %: the latency is theirs too",
            kept_waiting[0], kept_waiting[1],
        ));
    }
    if busy[1] > 80.0 {
        trouble.push(format!(
            "the peers' core is {:.0} % busy: the load may not be met",
            busy[1]
        ));
    }
    trouble
}

/// A figure with two digits after the point.
pub fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Says what is measured, and how.
pub fn print_head(arguments: &Arguments, cores: &Cores, priority: &str) {
    println!(
        "1 publisher (video 200 packets/s of 1100 B in 25 frames/s, audio 50/s of 100 B), {} s each\n\
         engine's media thread on core {}, all peers on core {}, scheduling: {}\n\
         us/packet  CPU of the media thread per packet that arrived decrypted at a subscriber\n\
         floor      AES-128-GCM of the same datagrams + sendmmsg to N sockets, paced alike, same core,\n\
         \x20          the lowest of three runs\n\
         latency    publisher's stamp before its own SRTP and send, to the kernel's receive stamp\n\
         \x20          at the subscriber: both socket crossings and the publisher's work are in it\n\
         KiB/sub    growth of the engine process's resident memory per subscriber\n\n\
         {:>4} {:>10} {:>10} {:>8} {:>7} {:>6} {:>10} {:>10} {:>8}",
        arguments.seconds,
        cores.engine,
        cores.generator,
        priority,
        "N",
        "packets/s",
        "us/packet",
        "floor",
        "ratio",
        "lost",
        "p50 us",
        "p99 us",
        "KiB/sub",
    );
}

/// Prints one measurement.
pub fn print_row(row: &Row) {
    println!(
        "{:>4} {:>10.0} {:>10.2} {:>8.2} {:>7.2} {:>6} {:>10.0} {:>10.0} {:>8.1}",
        row.n,
        row.packets_per_s,
        row.us_per_packet,
        row.floor_us,
        row.ratio,
        row.lost,
        row.latency_us_p50,
        row.latency_us_p99,
        row.kib_per_subscriber,
    );
    for line in &row.trouble {
        println!("     {line}");
    }
}

/// Prints the engine's counters of the last measurement, and its figures as JSON in the last line.
///
/// # Errors
/// A figure cannot be written.
pub fn print_foot(row: &Row) -> Result<(), Failure> {
    let counters: Vec<String> = row
        .counters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    println!(
        "\nthe engine's counters at N={}: {}",
        row.n,
        counters.join(" ")
    );
    println!("{}", serde_json::to_string(row)?);
    Ok(())
}
