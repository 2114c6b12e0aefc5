"""What each action of the log may do to the kept tables, as data: an event that does anything else was not written by us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from extractor.ledger.events import Event, Row

Way = Literal["add", "alter", "remove"]
Ways = Mapping[str, frozenset[Way]]
"""What may become of the rows of a table."""

ADD, ALTER, REMOVE = (frozenset[Way]({way}) for way in ("add", "alter", "remove"))
ANY = ADD | ALTER | REMOVE
NEW_NAMES: Ways = {"names": ADD, "organizations": ADD}
REVERSIBLE: Ways = {
    "tasks": ANY,
    "organizations": ANY,
    "names": ALTER,
    **dict.fromkeys(
        ("corrections", "reviews", "tracking", "ticks", "occasions", "attachments", "returns"), ANY
    ),
}
"""What may be taken back: neither documents, nor tables that were handed out, nor people, nor a name once it was printed."""

ACTIONS: Mapping[str, Ways] = {
    "ingest": {"document_states": ADD | ALTER, "tasks": ADD, **NEW_NAMES},
    "revise": {
        "document_states": ADD | ALTER,
        "tasks": ADD | ALTER,
        "corrections": ALTER | REMOVE,
        "occasions": ALTER,
        **NEW_NAMES,
    },
    "take_up": {"document_states": ADD, "tasks": ADD, **NEW_NAMES},
    "restore": {},
    "undo": REVERSIBLE,
    "correct": {"tasks": ALTER, "corrections": ANY, "reviews": ALTER, **NEW_NAMES},
    "confirm": {"corrections": ALTER, "reviews": ADD | ALTER},
    "split": {
        "tasks": ADD | ALTER,
        **dict.fromkeys(("corrections", "tracking", "ticks", "occasions", "attachments"), ADD),
        **NEW_NAMES,
    },
    "merge": {
        "tasks": ALTER,
        "corrections": ANY,
        "tracking": ADD | ALTER,
        "ticks": ANY,
        "occasions": ADD,
        "attachments": ADD,
        **NEW_NAMES,
    },
    "take_in": {"tasks": ADD, "corrections": ADD, **NEW_NAMES},
    "record": {"tracking": ADD | ALTER, "attachments": ADD},
    "drop_attachment": {"attachments": REMOVE},
    "tick": {"ticks": ADD | ALTER},
    "untick": {"ticks": REMOVE},
    "event": {"occasions": ADD | ALTER},
    "forget_event": {"occasions": REMOVE},
    "hand_out": {"handouts": ADD},
    "return": {"tracking": ADD | ALTER, "returns": ADD | ALTER},
    "merge_units": {"names": ALTER, "organizations": REMOVE},
    "rename_unit": {"organizations": ALTER},
    "split_unit": {"names": ALTER, "organizations": ADD},
    "add_person": {"people": ADD},
    "change_person": {"people": ALTER},
}
LASTING: Mapping[str, tuple[str, ...]] = {
    "document_states": ("place", "seals"),
    "tasks": ("origin",),
    "names": ("place", "name", "identity", "identity_place"),
    "attachments": ("name", "sha256", "size"),
    "returns": ("handout", "task"),
    "people": ("name",),
}
"""The columns that a row keeps as long as it is there, whatever is done.

None of `corrections` and `ticks`: where one goes and another comes in the same event, that may get its number.
"""


def overreaching(event: Event) -> Iterator[tuple[str, str]]:
    """The rows, by table and number, to which the event does what its action never does."""
    allowed = ACTIONS.get(event.action, {})
    for table, rows in event.after.items():
        for number, after in rows.items():
            before = event.before.get(table, {}).get(number)
            if not _way(before, after) <= allowed.get(table, frozenset()) or _is_lost(table, before, after):
                yield table, number


def _way(before: Row | None, after: Row | None) -> frozenset[Way]:
    if before is None:
        return ADD
    return REMOVE if after is None else ALTER


def _is_lost(table: str, before: Row | None, after: Row | None) -> bool:
    """Whether something is gone that stays: a lasting column as it was, or a task that was read out of a document."""
    if before is None:
        return False
    if after is None:
        return table == "tasks" and before.get("origin") == "read"
    return any(before.get(column) != after.get(column) for column in LASTING.get(table, ()))
