//! Cores, priority, CPU time and memory of threads and processes.

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

/// Asks for a higher priority for this process and its children; says whether it was granted.
pub fn raise_priority() -> bool {
    rustix::process::setpriority_process(None, PRIORITY).is_ok()
}

/// CPU time of some threads of a process, in nanoseconds.
///
/// # Errors
/// A thread is gone, or the kernel keeps no such count.
pub fn cpu_ns(process: u32, threads: &[i32]) -> Result<u64, Failure> {
    let mut sum = 0;
    for thread in threads {
        let path = format!("/proc/{process}/task/{thread}/schedstat");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let on_cpu = text.split_whitespace().next().unwrap_or_default();
        sum += on_cpu.parse::<u64>()?;
    }
    Ok(sum)
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
        let thread = i32::try_from(process).expect("a small id");
        assert!(resident_kib(process).expect("memory") > 100);
        assert!(cpu_ns(process, &[thread]).is_ok());
        assert!(cpu_ns(process, &[-1]).is_err());
    }
}
