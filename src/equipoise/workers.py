"""Work shared among the processors. Where the system can copy a running program (Linux) they all take part; elsewhere one does
it all. The numbers are the same."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

Done = TypeVar("Done")


def processors() -> int:
    """How many this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def in_order(work: Callable[[Any, int], Done], world: Any, starts: Sequence[int], processes: int) -> Iterator[Done]:
    """work(world, start) for each start, in their order. work: a function of a module. world: what all of it is made of; each
    process is begun with it once."""
    if processes < 2 or len(starts) < 2 or sys.platform != "linux":
        yield from (work(world, start) for start in starts)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(min(processes, len(starts)), context, _begin, (work, world)) as pool:
        yield from pool.map(_own, starts)


_OWN: list[Any] = []  # of a process that was begun for the work


def _begin(work: Callable[[Any, int], Any], world: Any) -> None:
    _OWN[:] = [work, world]


def _own(start: int) -> Any:
    work, world = _OWN
    return work(world, start)
