"""How much of the server one person can take up: what is asked for beyond that is refused, and can be asked for again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from starlette.exceptions import HTTPException

from extractor.web.roles import Right

AT_ONCE = 12
"""Requests of one person that are answered at the same time: two browsers open as many connections; there are 40 threads."""
AT_ONCE_WITH: dict[Right, int] = {"export": 2}
"""Of those that take such a right: writing a large file takes much memory and long."""
TOO_MUCH = "同时进行的操作太多，这一次没有办理：请等前面的完成后再试。"


class AtOnce:
    """What of each person is being answered."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Right | None]] = Counter()
        self._lock = Lock()

    @contextmanager
    def one_more(self, name: str, right: Right) -> Iterator[None]:
        """Count a request of that person, that takes that right, until it is answered.

        Raises:
            HTTPException: if they have too many.
        """
        limits = {(name, None): AT_ONCE, (name, right): AT_ONCE_WITH.get(right, AT_ONCE)}
        with self._lock:
            if any(self._counts[key] >= limit for key, limit in limits.items()):
                raise HTTPException(429, TOO_MUCH, {"Retry-After": "5"})
            self._counts.update(limits.keys())
        try:
            yield
        finally:
            with self._lock:
                self._counts.subtract(limits.keys())
                self._counts = +self._counts  # without those that have none
