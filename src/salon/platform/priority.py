"""Whether this process may go before everything ordinary on its machine."""

import os
from concurrent.futures import ThreadPoolExecutor


def may_be_in_real_time() -> bool:
    """Whether a thread of this process may be scheduled in real time (sched(7), ``SCHED_RR``)."""
    # Tried by a thread that ends with the answer: there is no other way to ask for all that may forbid it.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_try_real_time).result()


def _try_real_time() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    return True
