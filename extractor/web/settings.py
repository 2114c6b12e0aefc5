"""What the page is told when it starts."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field
from pathlib import Path

from extractor.ledger.ledger import login_name

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_UPLOAD = 64 * 1024 * 1024
"""As much as intake reads of one file."""
MAX_FORM = 1024 * 1024
"""Far above any form that is typed."""


@dataclass(frozen=True)
class Settings:
    """Which ledger is served, how and to whom.

    `host` is the address or name listened on; `login` is who is said to have made changes where there are no accounts.
    """

    ledger: Path
    host: str = "127.0.0.1"
    port: int = 8321
    https: bool = False
    login: str = field(default_factory=login_name)
    max_upload: int = MAX_UPLOAD
    max_form: int = MAX_FORM

    @property
    def accounts(self) -> Path:
        """Where passwords, sessions and tokens are kept: beside the ledger, for they must not travel with its copies."""
        return self.ledger.with_name(f"{self.ledger.name}.accounts.db")

    @property
    def local_only(self) -> bool:
        """Whether only this machine can reach the page."""
        return is_loopback(self.host)

    @property
    def address(self) -> str:
        """What is typed into a browser on this machine."""
        name = "127.0.0.1" if is_wildcard(self.host) else self.host
        shown = f"[{name}]" if ":" in name else name
        return f"{'https' if self.https else 'http'}://{shown}:{self.port}/"

    def answers_to(self, name: str) -> bool:
        """Whether a browser that asks for the host `name` means this page, and was not led here by a foreign DNS name."""
        name = name.lower().rstrip(".")
        if name in LOOPBACK or name == self.host.lower():
            return True
        if not is_wildcard(self.host):
            return False
        return _is_address(name) or name in {socket.gethostname().lower(), socket.getfqdn().lower()}


def is_loopback(host: str) -> bool:
    """Whether that address is this machine alone."""
    return host.lower() in LOOPBACK or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_wildcard(host: str) -> bool:
    """Whether that address is every address of this machine."""
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
