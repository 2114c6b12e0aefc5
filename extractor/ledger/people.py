"""The people who work with the ledger and what each may do; their passwords are no part of it.

Names are kept in NFC without white space at the ends; a person who leaves is set inactive, for the log goes on naming them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from extractor.ledger.errors import LedgerError, told_plainly

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

PersonRole = Literal["staff", "coordinator", "auditor", "admin"]
PERSON_ROLES: tuple[PersonRole, ...] = get_args(PersonRole)
LONGEST_NAME = 40


class PersonError(LedgerError):
    """What was asked of a person cannot be done; `str()` is one line that says why."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account: `tokens` is how many programs may act in their name."""

    id: int
    name: str
    role: PersonRole
    active: bool
    password_set_at: datetime | None
    tokens: int


def people(ledger: Ledger) -> list[Person]:
    """Everyone, in the order in which they were added."""
    with told_plainly(ledger.path):
        return [_person(row) for row in ledger.db.query("SELECT * FROM people ORDER BY id")]


def person(ledger: Ledger, name: str) -> Person | None:
    """The person of that name."""
    with told_plainly(ledger.path):
        for row in ledger.db.query("SELECT * FROM people WHERE name = ?", [spelled(name)]):
            return _person(row)
    return None


def known_person(ledger: Ledger, name: str) -> Person:
    """The person of that name.

    Raises:
        PersonError: if there is none.
    """
    found = person(ledger, name)
    if found is None:
        raise PersonError(f"没有名为“{spelled(name)}”的用户：请用 taizhang user list 查看。")
    return found


def add_person(ledger: Ledger, name: str, role: PersonRole) -> Person:
    """Someone new.

    Raises:
        PersonError: if there is one of that name, or it cannot be a name.
    """
    name = checked_name(name)
    with ledger.transaction():
        if person(ledger, name):
            raise PersonError(f"已有名为“{name}”的用户：请换一个姓名。")
        (last,) = ledger.db.execute("SELECT coalesce(max(id), 0) FROM people").fetchone()
        with ledger.change("add_person", f"person:{last + 1}") as change:
            change.put("people", last + 1, name=name, role=role, active=1, password_set_at=None, tokens=0)
        return known_person(ledger, name)


def change_person(
    ledger: Ledger,
    name: str,
    *,
    role: PersonRole | None = None,
    active: bool | None = None,
    password_set: bool = False,
    tokens: int | None = None,
) -> Person:
    """Set what is given of the person of that name; `password_set` notes that they have a new password from now on.

    Raises:
        PersonError: if there is none, or nobody would be left who may manage the accounts.
    """
    columns: dict[str, Any] = {
        "role": role,
        "active": None if active is None else int(active),
        "tokens": tokens,
    }
    if password_set:
        columns["password_set_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    with ledger.transaction():
        found = known_person(ledger, name)
        given = {column: value for column, value in columns.items() if value is not None}
        with ledger.change("change_person", f"person:{found.id}") as change:
            change.put("people", found.id, **given)
        if _manages(found) and not any(map(_manages, people(ledger))):
            raise PersonError(f"“{found.name}”是唯一的管理员：请先让另一人任管理员。")
        return known_person(ledger, name)


def spelled(name: str) -> str:
    """The name as it is kept."""
    return unicodedata.normalize("NFC", name).strip()


def checked_name(name: str) -> str:
    """The name as it is kept.

    Raises:
        PersonError: if nobody can be called so.
    """
    kept = spelled(name)
    if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
        raise PersonError(f"姓名须为 1 至 {LONGEST_NAME} 个可见字符：请改短或去掉特殊字符。")
    return kept


def _manages(found: Person) -> bool:
    return found.role == "admin" and found.active


def _person(row: dict[str, Any]) -> Person:
    at = row["password_set_at"]
    active = bool(row["active"])
    return Person(
        row["id"], row["name"], row["role"], active, datetime.fromisoformat(at) if at else None, row["tokens"]
    )
