//! Cores, priority, CPU time and memory of threads and processes.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::Failure;

/// Steps of priority asked for: a bench on a shared machine should not measure the neighbours.
const PRIORITY: i32 = -15;

/// Which core does what.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// The engine's media threads, and the floor.
    pub engine: usize,
    /// All client peers.
    pub generator: usize,
}

impl Cores {
    /// The first two cores this process may use.
    ///
    /// # Errors
    /// There are fewer than two: the generator would be measured with the engine.
    pub fn choose() -> Result<Self, Failure> {
        let allowed = sched_getaffinity(Pid::from_raw(0))?;
        let is_allowed = |core: &usize| allowed.is_set(*core).unwrap_or(false);
        let mut cores = (0..CpuSet::count()).filter(is_allowed);
        match (cores.next(), cores.next()) {
            (Some(engine), Some(generator)) => Ok(Self { engine, generator }),
            _ => Err("two cores are needed: one for the engine, one for the peers".into()),
        }
    }
}

/// Binds the calling thread, and all it starts later, to one core.
///
/// # Errors
/// The system refuses.
pub fn pin_this_thread(core: usize) -> Result<(), Failure> {
    pin(0, core)
}

/// Binds one thread to one core.
///
/// # Errors
/// The system refuses, or there is no such thread.
pub fn pin(thread: i32, core: usize) -> Result<(), Failure> {
    let mut set = CpuSet::new();
    set.set(core)?;
    sched_setaffinity(Pid::from_raw(thread), &set)?;
    Ok(())
}

/// First word of the command line of a bench that was started in real time.
pub const REAL_TIME_FLAG: &str = "--in-real-time";

/// Replaces this process by the same one under real-time scheduling, where `chrt` may do that.
///
/// The latency of the engine is asked for, not that of its neighbours on a shared machine. The
/// floor runs under the same scheduling. Comes back if it is not possible.
pub fn restart_in_real_time(words: &[String]) {
    let chrt = || {
        let mut command = Command::new("chrt");
        command.args(["--fifo", "5"]);
        command
    };
    let is_allowed = chrt()
        .arg("true")
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if let (true, Ok(program)) = (is_allowed, std::env::current_exe()) {
        let error = chrt().arg(program).arg(REAL_TIME_FLAG).args(words).exec();
        eprintln!("salon-sfu-bench: real-time scheduling: {error}");
    }
}

/// Asks for a higher priority for this process and its children; says whether it was granted.
///
/// Where the kernel shares the cores among sessions first (`sched_autogroup`), the priority of a
/// process counts only against others of its session: so it takes a session of its own, if it may.
pub fn raise_priority() -> bool {
    let is_raised = rustix::process::setpriority_process(None, PRIORITY).is_ok();
    let has_own_session = rustix::process::setsid().is_ok();
    let session = std::path::Path::new("/proc/self/autogroup");
    let is_session_raised = !session.exists()
        || has_own_session && std::fs::write(session, PRIORITY.to_string()).is_ok();
    is_raised && is_session_raised
}

/// What the scheduler knows of a thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuTime {
    /// Time on a core, in nanoseconds.
    pub on_cpu_ns: u64,
    /// Time it wanted to run while its core did something else, in nanoseconds.
    pub waited_ns: u64,
}

impl CpuTime {
    /// What was added since an earlier reading.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            on_cpu_ns: self.on_cpu_ns.saturating_sub(earlier.on_cpu_ns),
            waited_ns: self.waited_ns.saturating_sub(earlier.waited_ns),
        }
    }

    /// Both together.
    pub fn and(&self, other: &Self) -> Self {
        Self {
            on_cpu_ns: self.on_cpu_ns + other.on_cpu_ns,
            waited_ns: self.waited_ns + other.waited_ns,
        }
    }
}

/// CPU time of some threads of a process, added up.
///
/// # Errors
/// A thread is gone, or the kernel keeps no such count.
pub fn cpu_time(process: u32, threads: &[i32]) -> Result<CpuTime, Failure> {
    let mut sum = CpuTime::default();
    for thread in threads {
        let path = format!("/proc/{process}/task/{thread}/schedstat");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let mut numbers = text.split_whitespace();
        let mut next = || numbers.next().unwrap_or_default().parse::<u64>();
        sum.on_cpu_ns += next()?;
        sum.waited_ns += next()?;
    }
    Ok(sum)
}

/// CPU time of the calling process's first thread, which drives the peers.
///
/// # Errors
/// The kernel keeps no such count.
pub fn own_cpu_time() -> Result<CpuTime, Failure> {
    let process = std::process::id();
    cpu_time(process, &[i32::try_from(process)?])
}

/// Memory of a process that is in RAM, in KiB.
///
/// # Errors
/// The process is gone.
pub fn resident_kib(process: u32) -> Result<u64, Failure> {
    let path = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    Ok(number.ok_or("no VmRSS")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_this_process_can_be_read() {
        let process = std::process::id();
        assert!(resident_kib(process).expect("memory") > 100);
        assert!(own_cpu_time().expect("CPU time").on_cpu_ns > 0);
        assert!(cpu_time(process, &[-1]).is_err());
    }
}
