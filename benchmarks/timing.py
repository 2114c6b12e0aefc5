"""How long a piece of work takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """The median time of some rounds, after one that warms up."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)
