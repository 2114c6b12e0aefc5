"""Passwords, sessions, tokens and failed tries, in a file of their own beside the ledger.

Who is who and may do what stands in the ledger (`ledger/people.py`), with an event for each change of it; the functions at the
end of this module change both. Passwords are kept as Argon2id hashes; of sessions and tokens, which are random to begin with,
only the SHA-256 is kept, so that whoever gets hold of the file cannot act as anybody.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from extractor.ledger.errors import told_plainly
from extractor.ledger.ledger import Ledger
from extractor.ledger.people import (
    Person,
    PersonError,
    PersonRole,
    add_person,
    change_person,
    known_person,
    spelled,
)

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
IDLE_SECONDS, LONGEST_SESSION_SECONDS = 30 * 60, 12 * 60 * 60
TOUCH_SECONDS = 60
"""A session that was used within this time is not written down again."""
LOCKED_SECONDS = 15 * 60
TRIES = 5
"""Wrong passwords for a name from one address, or in a browser in which that person has signed in before."""
TRIES_PER_NAME = 20
"""From all addresses together, those browsers apart: whoever tries from many locks nobody out of where they always work."""
TRIES_PER_ADDRESS = 20
"""For all names together: behind one address there may be several people."""
TOKEN_PREFIX = "taizhang_"
WAIT_SECONDS = 10.0
HASHER = PasswordHasher()
"""Argon2id with the parameters of RFC 9106 for little memory."""
HASHING_AT_ONCE = BoundedSemaphore(2)
"""Each takes 64 MB of memory, which nobody who merely knocks shall be able to multiply."""

TABLES = """
    CREATE TABLE IF NOT EXISTS passwords (name TEXT PRIMARY KEY, hash TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS sessions (
        digest TEXT PRIMARY KEY, name TEXT NOT NULL, begun REAL NOT NULL, seen REAL NOT NULL
    );
    CREATE TABLE IF NOT EXISTS tokens (digest TEXT PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS failures (subject TEXT NOT NULL, at REAL NOT NULL);
    CREATE INDEX IF NOT EXISTS failures_subject ON failures(subject, at);
"""


class LockedOutError(Exception):
    """Too many tries with a wrong password."""


class Accounts:
    """The file of secrets at `path`, which need not be there; `clock` gives the seconds since 1970."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock

    def in_use(self) -> bool:
        """Whether anyone has an account, so that everyone must sign in."""
        if not self.path.exists():
            return False
        with self._opened() as db:
            return db.execute("SELECT 1 FROM passwords LIMIT 1").fetchone() is not None

    def set_password(self, name: str, password: str, *, end_tokens: bool) -> None:
        """Give `name` a password; the sessions begun with the old one end, and the tokens where that is asked for."""
        hashed = _hashed(password)
        with self._opened() as db:
            db.execute("INSERT OR REPLACE INTO passwords VALUES (?, ?)", [name, hashed])
            db.execute("DELETE FROM sessions WHERE name = ?", [name])
            if end_tokens:
                db.execute("DELETE FROM tokens WHERE name = ?", [name])

    def sign_in(self, name: str, password: str, address: str, mark: str = "") -> str | None:
        """The secret of a new session, or None where name and password do not belong together.

        Raises:
            LockedOutError: as `password_is_right`.
        """
        if not self.password_is_right(name, password, address, mark):
            return None
        with self._opened() as db:
            return self._begin_session(db, spelled(name))

    def password_is_right(self, name: str, password: str, address: str, mark: str = "") -> bool:
        """Whether that is the person's password; `mark` is what their browser was given when they last signed in with it.

        Raises:
            LockedOutError: if there were too many tries (see `_limits`); the password is not looked at.
        """
        name, now = spelled(name), self._clock()
        with self._opened() as db:
            hashed = self._hash_of(db, name)
            limits = _limits(name, hashed or _hash_of_nobody(), address, mark)
            db.execute("DELETE FROM failures WHERE at < ?", [now - LOCKED_SECONDS])
            counted = "SELECT count(*) FROM failures WHERE subject = ?"
            for subject, allowed in limits.items():
                if db.execute(counted, [subject]).fetchone()[0] >= allowed:
                    raise LockedOutError
            # Counted as failed until it has succeeded, so that many tries at once are no way round the limit.
            noted = [
                db.execute("INSERT INTO failures VALUES (?, ?)", [subject, now]).lastrowid
                for subject in limits
            ]
        if not _matches(hashed or _hash_of_nobody(), password) or hashed is None:
            return False
        with self._opened() as db:
            db.execute("DELETE FROM failures WHERE subject = ?", [next(iter(limits))])
            db.executemany("DELETE FROM failures WHERE rowid = ?", [(rowid,) for rowid in noted])
        return True

    def new_mark(self, name: str) -> str:
        """What a browser in which `name` has signed in is known by; it opens nothing, and a new password ends it."""
        with self._opened() as db:
            hashed = self._hash_of(db, spelled(name))
        return _mark(hashed or _hash_of_nobody(), secrets.token_urlsafe(16))

    @staticmethod
    def _hash_of(db: sqlite3.Connection, name: str) -> str | None:
        row = db.execute("SELECT hash FROM passwords WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else None

    def _begin_session(self, db: sqlite3.Connection, name: str) -> str:
        secret, now = secrets.token_urlsafe(32), self._clock()
        db.execute(
            "DELETE FROM sessions WHERE seen < ? OR begun < ?",
            [now - IDLE_SECONDS, now - LONGEST_SESSION_SECONDS],
        )
        db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", [_digest(secret), name, now, now])
        return secret

    def who_is_signed_in(self, secret: str) -> str | None:
        """The name of whose session `secret` is, if it has not ended."""
        now = self._clock()
        with self._opened() as db:
            found = db.execute(
                "SELECT name, begun, seen FROM sessions WHERE digest = ?", [_digest(secret)]
            ).fetchone()
            if found is None:
                return None
            name, begun, seen = found
            if now - seen > IDLE_SECONDS or now - begun > LONGEST_SESSION_SECONDS:
                db.execute("DELETE FROM sessions WHERE digest = ?", [_digest(secret)])
                return None
            if now - seen > TOUCH_SECONDS:
                db.execute("UPDATE sessions SET seen = ? WHERE digest = ?", [now, _digest(secret)])
        return str(name)

    def sign_out(self, secret: str) -> None:
        """End that session."""
        with self._opened() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", [_digest(secret)])

    def new_token(self, name: str) -> tuple[str, int]:
        """A token with which a program may act as `name`, told this once, and how many there are now."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        with self._opened() as db:
            db.execute("INSERT INTO tokens VALUES (?, ?)", [_digest(token), name])
            (count,) = db.execute("SELECT count(*) FROM tokens WHERE name = ?", [name]).fetchone()
        return token, int(count)

    def whose_token(self, token: str) -> str | None:
        """The name of whose token it is."""
        with self._opened() as db:
            found = db.execute("SELECT name FROM tokens WHERE digest = ?", [_digest(token)]).fetchone()
        return str(found[0]) if found else None

    def end_access(self, name: str, *, tokens_only: bool = False) -> None:
        """End the tokens of `name`, and the sessions as well."""
        with self._opened() as db:
            db.execute("DELETE FROM tokens WHERE name = ?", [name])
            if not tokens_only:
                db.execute("DELETE FROM sessions WHERE name = ?", [name])

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with told_plainly(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Made by hand first: SQLite would make it readable for everyone.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS)) as db, db:
                if not db.execute("PRAGMA user_version").fetchone()[0]:
                    db.executescript(f"BEGIN; {TABLES} PRAGMA user_version = 1; COMMIT;")
                yield db


def add_account(ledger: Ledger, accounts: Accounts, name: str, role: PersonRole, password: str) -> Person:
    """Someone new, with a password.

    Raises:
        LedgerError: if the name is taken or none, or the password too short.
    """
    check_password(password)
    with ledger.transaction():
        person = add_person(ledger, name, role)
        return give_password(ledger, accounts, person.name, password)


def give_password(
    ledger: Ledger, accounts: Accounts, name: str, password: str, *, end_tokens: bool = True
) -> Person:
    """Give someone a new password, which ends their sessions, and their tokens unless told to leave them.

    Raises:
        LedgerError: if there is nobody of that name, or the password is too short.
    """
    check_password(password)
    # The secret goes in before the ledger is written for good: if either fails, nobody gets in who should not.
    with ledger.transaction():
        person = change_person(ledger, name, password_set=True, tokens=0 if end_tokens else None)
        accounts.set_password(person.name, password, end_tokens=end_tokens)
    return person


def set_active(ledger: Ledger, accounts: Accounts, name: str, *, active: bool) -> Person:
    """Let someone in again, or shut them out at once: their sessions and tokens end.

    Raises:
        LedgerError: if there is nobody of that name, or they are the last who may manage accounts.
    """
    with ledger.transaction():
        person = change_person(ledger, name, active=active, tokens=None if active else 0)
        if not active:
            accounts.end_access(person.name)
    return person


def issue_token(ledger: Ledger, accounts: Accounts, name: str) -> str:
    """A token with which a program may act as that person; it cannot be told again.

    Raises:
        LedgerError: if there is nobody of that name, or they are shut out.
    """
    with ledger.transaction():
        person = known_person(ledger, name)
        if not person.active:
            raise PersonError(f"“{person.name}”已停用：请先启用。")
        token, count = accounts.new_token(person.name)
        change_person(ledger, person.name, tokens=count)
    return token


def revoke_tokens(ledger: Ledger, accounts: Accounts, name: str) -> Person:
    """End all tokens of a person.

    Raises:
        LedgerError: if there is nobody of that name.
    """
    with ledger.transaction():
        person = change_person(ledger, name, tokens=0)
        accounts.end_access(person.name, tokens_only=True)
    return person


def check_password(password: str) -> None:
    """See that it can be a password.

    Raises:
        PersonError: if it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PersonError(f"密码须为 {SHORTEST_PASSWORD} 至 {LONGEST_PASSWORD} 个字符：请另设一个。")


def _limits(name: str, hashed: str, address: str, mark: str) -> dict[str, int]:
    """What a try is counted under, each with how many wrong ones are allowed; success begins the first anew.

    Tries from elsewhere must not keep a person out of the browser in which they work: one with their mark has a count of its
    own (OWASP: device cookies). The hash is part of each, so that a new password lets a person in at once.
    """
    whose = f"{name}:{hashed}"
    if hmac.compare_digest(mark.encode(), _mark(hashed, mark.partition(".")[0]).encode()):
        return {_digest(f"mark:{whose}:{mark}"): TRIES}
    return {
        _digest(f"name and address:{whose}:{address}"): TRIES,
        _digest(f"name:{whose}"): TRIES_PER_NAME,
        _digest(f"address:{address}"): TRIES_PER_ADDRESS,
    }


def _mark(hashed: str, number: str) -> str:
    """The mark of that number, which nobody can make who does not know the hash of the password."""
    return f"{number}.{hmac.new(hashed.encode(), number.encode(), hashlib.sha256).hexdigest()}"


def _hashed(password: str) -> str:
    with HASHING_AT_ONCE:
        return HASHER.hash(password)


def _matches(hashed: str, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    with HASHING_AT_ONCE:
        try:
            return HASHER.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _hash_of_nobody() -> str:
    """What the password of an unknown name is compared with, so that it takes as long as that of a known one."""
    return _hashed(secrets.token_urlsafe(16))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
