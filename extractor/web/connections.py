"""Connections that ask for nothing do not last, and no machine can hold all of them."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from extractor.web.settings import is_loopback

CONNECTIONS = 400
"""As many as are answered at once, those that browsers keep open included; the next is told to come back later."""
OF_ONE_ADDRESS = 100
"""Behind this machine's own address there may be a proxy with everyone behind it: it may have all of them."""
HEAD_SECONDS = 20.0
"""So long may the line and headers of the next request take to arrive."""


class Connection(H11Protocol):
    """A connection that is given up where no request comes; uvicorn waits for one for ever."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Answer it, unless its machine has more than its share."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        same = sum(bool(other.client and other.client[0] == address) for other in self._others())
        if same >= OF_ONE_ADDRESS and not is_loopback(address):
            transport.abort()
        else:
            self._wait_for_request()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        super().connection_lost(exc)
        if self._waiting:
            self._waiting.cancel()

    def _others(self) -> list[Any]:
        return [other for other in self.connections if other is not self]

    def _wait_for_request(self) -> None:
        if self._waiting:
            self._waiting.cancel()
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up_after, self.cycle)

    def _give_up_after(self, last: object) -> None:
        if self.cycle is last:
            self.transport.abort()
