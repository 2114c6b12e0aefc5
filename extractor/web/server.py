"""The page on a port: listening, serving, ending quietly."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from extractor.web.app import create_app
from extractor.web.connections import CONNECTIONS, Connection
from extractor.web.settings import Settings

WAITING_CONNECTIONS = 128
KEEP_ALIVE_SECONDS = 15
LAST_ANSWERS_SECONDS = 3
LONGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        OSError: if it cannot be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if hasattr(
            socket, "SO_EXCLUSIVEADDRUSE"
        ):  # Windows lets two programs share a port unless told not to
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(WAITING_CONNECTIONS)
    except OSError:
        listening.close()
        raise
    return listening


def run(
    settings: Settings,
    listening: socket.socket,
    certificate: Path | None,
    key: Path | None,
    started: Callable[[], None],
) -> None:
    """Serve until the process is told to stop; calls `started` when the first visitor may come."""
    try:
        server_of(settings, started, certificate, key).run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn raises it once more when all is closed
        return


def server_of(
    settings: Settings,
    started: Callable[[], None],
    certificate: Path | None = None,
    key: Path | None = None,
) -> uvicorn.Server:
    """What serves; it ends when its `should_exit` is set."""
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        log_level="error",  # its warnings are English and about visitors: bytes that are no HTTP, too many connections
        access_log=False,
        http=Connection,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    return _Server(config, started)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell_started()
