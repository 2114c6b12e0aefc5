"""Which tasks an address asks for, in which order, with which columns: all of it can be bookmarked and sent on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from extractor.export import wording
from extractor.export.rows import COLUMNS as TITLES
from extractor.export.rows import Row
from extractor.ledger.records import STATUSES, Status
from extractor.ledger.tasks import USUAL_ORDER, Order, TaskFilters
from extractor.model import Role
from extractor.web.pages.numbers import LARGEST

PAGE = 50
"""Tasks on a page."""
LONGEST = 200
"""Characters of what is typed into a filter."""
FARTHEST_PAGE = 10**9
OVERDUE = "overdue"
ORDERS: tuple[Order, ...] = get_args(Order)
ROLES: tuple[Role, ...] = get_args(Role)
COLUMNS: Mapping[str, str] = {
    name: title
    for name, title in zip(Row.__slots__, TITLES, strict=True)
    if name not in ("number", "task")  # always there
}
"""The columns that can be chosen, with their titles, in their order."""
SHOWN_FIRST = ("lead", "responsible", "due", "frequency", "progress", "status", "source")
SORTED_BY: Mapping[str, Order] = {
    "number": "number",
    "lead": "unit",
    "due": "due",
    "status": "status",
    "source": "document",
}
"""By what a click on the head of a column sorts."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What an address asks for; `problems` says in words for people what in it could not be understood."""

    document: str = ""
    unit: str = ""
    organization: int | None = None
    role: Role | None = None
    status: str = ""
    due_after: date | None = None
    due_before: date | None = None
    text: str = ""
    order: Order = USUAL_ORDER
    descending: bool = False
    columns: tuple[str, ...] = SHOWN_FIRST
    page: int = 1
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, asked: QueryParams) -> Choice:
        """What the part of an address behind `?` asks for."""
        problems: list[str] = []

        def one_of(name: str, known: tuple[str, ...]) -> Any:
            value = asked.get(name, "")
            if value and value not in known:
                problems.append(f"“{wording.FILTERS[name]}”不认识“{value[:20]}”：请重新选择。")
                return ""
            return value

        def day(name: str) -> date | None:
            value = asked.get(name, "").strip()
            try:
                return date.fromisoformat(value) if value else None
            except ValueError:
                problems.append(f"日期“{value[:20]}”不对：请写成 2023-06-30 的样子。")
                return None

        def count(name: str) -> int | None:
            value = asked.get(name, "").strip()
            if value.isascii() and value.isdecimal() and len(value) <= len(str(LARGEST)):
                number = int(value)
                if 1 <= number <= LARGEST:
                    return number
            if value:
                problems.append(f"“{wording.FILTERS[name]}”须是编号，不是“{value[:20]}”：请重新选择。")
            return None

        after, before = day("due_after"), day("due_before")
        if after and before and after > before:
            problems.append(f"时限的起日 {after} 晚于止日 {before}：请改正其中一个。")
        order = asked.get("order", "")
        chosen = [name for given in asked.getlist("columns") for name in given.split(".")]
        return cls(
            document=asked.get("document", "").strip()[:LONGEST],
            unit=asked.get("unit", "").strip()[:LONGEST],
            organization=count("organization"),
            role=one_of("role", ROLES) or None,
            status=one_of("status", (*STATUSES, OVERDUE)),
            due_after=after,
            due_before=before,
            text=asked.get("text", "").strip()[:LONGEST],
            order=next((known for known in ORDERS if known == order.removeprefix("-")), USUAL_ORDER),
            descending=order.startswith("-"),
            columns=tuple(name for name in COLUMNS if name in chosen) or SHOWN_FIRST,
            page=min(count("page") or 1, FARTHEST_PAGE),
            problems=tuple(problems),
        )

    def filters(self, today: date) -> TaskFilters:
        """What the ledger is asked, without the page."""
        return TaskFilters(
            document=self.document or None,
            unit=self.unit or None,
            organization=self.organization,
            role=self.role,
            status=_status(self.status),
            overdue_on=today if self.status == OVERDUE else None,
            due_before=self.due_before,
            due_after=self.due_after,
            text=self.text or None,
            order=self.order if self.order != USUAL_ORDER else None,
            descending=self.descending or None,
        )

    @property
    def restricted(self) -> bool:
        """Whether it asks for some tasks only."""
        return any(self._restrictions().values())

    def query(self, **changes: Any) -> str:
        """The part of an address behind `?` that asks for this, with `changes`; empty where nothing is asked for."""
        return urlencode(replace(self, **changes).hidden_fields())

    def address(self, path: str = "/tasks", **changes: Any) -> str:
        """The address on `path` that asks for this, with `changes`."""
        query = self.query(**changes)
        return f"{path}?{query}" if query else path

    def hidden_fields(self) -> list[tuple[str, str]]:
        """What a form, or an address, must bring along to ask for the same; without what goes without saying."""
        order = f"{'-' if self.descending else ''}{self.order}"
        given = {
            **self._restrictions(),
            "order": order if order != USUAL_ORDER else "",
            "columns": ".".join(self.columns) if self.columns != SHOWN_FIRST else "",
            "page": self.page if self.page > 1 else "",
        }
        return [(name, str(value)) for name, value in given.items() if value]

    def cleared(self) -> str:
        """The address of all tasks in the same order, with the same columns."""
        return Choice(order=self.order, descending=self.descending, columns=self.columns).address()

    def export_address(self, form: str) -> str:
        """The address at which the tasks can be had as a file."""
        query = self.query(page=1)
        return f"/tasks/export?form={form}{'&' if query else ''}{query}"

    def sorted_by(self, column: str) -> str:
        """The address that sorts by that column, the other way round where it does so already."""
        order = SORTED_BY[column]
        return self.address(order=order, descending=order == self.order and not self.descending, page=1)

    def _restrictions(self) -> dict[str, object]:
        return {
            "document": self.document,
            "unit": self.unit,
            "organization": self.organization,
            "role": self.role,
            "status": self.status,
            "due_after": self.due_after,
            "due_before": self.due_before,
            "text": self.text,
        }


def _status(chosen: str) -> Status | None:
    return next((status for status in STATUSES if status == chosen), None)


def quick_choices(today: date) -> list[tuple[str, Choice]]:
    """What coordinators look for every day, with its name."""
    return [
        ("全部", Choice()),
        ("逾期", Choice(status=OVERDUE, order="due")),
        ("30 天内到期", Choice(due_after=today, due_before=today + timedelta(days=30), order="due")),
        ("进行中", Choice(status="in_progress")),
        ("已完成", Choice(status="done")),
    ]
