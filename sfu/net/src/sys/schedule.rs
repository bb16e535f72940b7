//! Who gets a core first.

use std::io;

/// The lowest of the real-time priorities: above everything ordinary, below whatever else was given one.
const PRIORITY: libc::c_int = 1;

/// Puts the calling thread before everything ordinary on its core (`SCHED_RR`, sched(7)).
///
/// An ordinary thread that wakes for a packet may wait for the turns of all who compute. The kernel keeps a twentieth
/// of the time for these, so even a media thread that never slept would not take the machine away.
/// A thread that somebody has already put under another policy is left alone.
///
/// # Errors
/// The process may not do that: it is not privileged, and its `RLIMIT_RTPRIO` is zero.
pub(crate) fn go_first() -> io::Result<()> {
    // SAFETY: takes no pointers; 0 is the calling thread.
    if super::check(unsafe { libc::sched_getscheduler(0) })? != libc::SCHED_OTHER {
        return Ok(());
    }
    let wanted = libc::sched_param {
        sched_priority: PRIORITY,
    };
    // SAFETY: the pointer is to a struct that lives through the call; 0 is the calling thread.
    super::check(unsafe { libc::sched_setscheduler(0, libc::SCHED_RR, &raw const wanted) })
        .map(drop)
}
