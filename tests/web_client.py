"""The page without a browser or a socket: an app on a ledger of its own, and visitors who carry their cookies and tokens."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI

from extractor.ledger import Ledger
from extractor.ledger.people import PERSON_ROLES
from extractor.web import accounts as accounts_module
from extractor.web.accounts import Accounts, add_account
from extractor.web.app import create_app
from extractor.web.settings import Settings
from tests.helpers.documents import sample

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of httpx, which is to have another name one day
    from starlette.testclient import TestClient

# Hashing is slow on purpose; what is tested here is all but that.
accounts_module.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

HOST = "http://127.0.0.1:8321"
PASSWORD = "correct horse 马"
CSRF = re.compile(r'<meta name="csrf-token" content="([0-9a-f]+)">')
NAMES = {"staff": "小收", "coordinator": "老统", "auditor": "审计甲", "admin": "管事"}


class Visitor:
    """A browser: keeps cookies, follows nothing unless told, and sends the token of the last page with what it posts."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app, base_url=HOST, follow_redirects=False, raise_server_exceptions=False)
        self.token = ""

    def get(self, path: str, **more: Any) -> Any:
        answer = self.client.get(path, **more)
        if found := CSRF.search(answer.text):
            self.token = found.group(1)
        return answer

    def post(self, path: str, *, token: str | None = None, **more: Any) -> Any:
        headers = {"X-CSRF-Token": self.token if token is None else token, **more.pop("headers", {})}
        return self.client.post(path, headers=headers, **more)

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        self.get("/login")
        answer = self.post("/login", data={"name": name, "password": password})
        self.get("/account")
        return answer


@dataclass
class Served:
    """A ledger that is served: `visitor()` is a new browser, `signed_in(role)` one in which somebody of that role is signed in."""

    app: FastAPI
    settings: Settings
    accounts: Accounts

    def visitor(self) -> Visitor:
        return Visitor(self.app)

    def signed_in(self, role: str) -> Visitor:
        visitor = self.visitor()
        assert visitor.sign_in(NAMES[role]).status_code == 303
        return visitor

    def ledger(self) -> Ledger:
        return Ledger.open(self.settings.ledger)


@contextmanager
def served(
    folder: Path,
    *,
    accounts: bool = False,
    clock: Callable[[], float] | None = None,
    **settings: Any,
) -> Iterator[Served]:
    """Serve a ledger in `folder` that holds the sample document; with `accounts` one person of each role, see `NAMES`."""
    chosen = Settings(folder / "ledger.db", login="本机人", **settings)
    book = Accounts(chosen.accounts, **({"clock": clock} if clock else {}))
    with Ledger.create(chosen.ledger, actor="准备") as ledger:
        ledger.add(sample())
        for role in PERSON_ROLES if accounts else ():
            add_account(ledger, book, NAMES[role], role, PASSWORD)
    with ThreadPoolExecutor(1) as executor:
        app = create_app(chosen, executor=executor, accounts=book)
        with TestClient(app, base_url=HOST):
            yield Served(app, chosen, book)
