"""单位: the registry of units, in which names as printed that mean the same are put together, or taken apart."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from pydantic import Field

from extractor.export import wording
from extractor.ledger import units as registry
from extractor.ledger.history import HistoryError, undo
from extractor.ledger.reviewing import event_numbered
from extractor.ledger.undo import last_event
from extractor.ledger.units import Unit, UnitError
from extractor.web.choosing import FARTHEST_PAGE
from extractor.web.errors import on_page
from extractor.web.pages.numbers import LARGEST, Number
from extractor.web.templating import query
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

HERE = "/units"
PAGE = 50
NOT_THEIRS = "没有可以撤销的改动：只能撤销自己刚才对单位的改动。"

Words = Annotated[str, Form(max_length=400)]
Text = Annotated[str, Form(max_length=200)]
Texts = Annotated[list[str], Form(default_factory=list)]
Numbers = Annotated[list[Annotated[int, Field(ge=1, le=LARGEST)]], Form(default_factory=list)]


@router.get(HERE)
def listed(
    visit: Annotated[Visit, may("read")],
    text: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=FARTHEST_PAGE)] = 1,
    open: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    changed: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> Response:
    """The units, those with most tasks first; one of them can be opened to be changed, what was just changed undone."""
    return _shown(visit, text.strip(), page, opened=open, changed=changed)


@router.post(HERE + "/merge")
def merge(
    visit: Annotated[Visit, may("track")],
    unit: Numbers,
    keep: Annotated[int | None, Form(ge=1, le=LARGEST)] = None,
    reason: Words = "",
    text: Text = "",
) -> Response:
    """Make the ticked units one, which is called as the one that is kept."""
    chosen = list(dict.fromkeys(unit))
    known = {each.organization.id: each.organization.name for each in registry.units(visit.ledger)}
    kept = keep or (chosen[0] if chosen else None)
    others = [each for each in chosen if each != kept]
    if kept is None or not others:
        return _shown(visit, text, problem="合并须至少勾选两个单位：请勾选后再合并。", ticked=chosen)
    try:
        with visit.ledger.transaction():
            registry.merge(visit.ledger, kept, others, reason=reason.strip())
            changed = last_event(visit.ledger)
    except UnitError as error:
        return _shown(visit, text, problem=on_page(error, visit.ledger.path), ticked=chosen)
    names = "”“".join(known[each] for each in others if each in known)
    said = f"已把“{names}”并入“{known[kept]}”。公文原文不变。"
    return visit.redirect(_address(text, changed=changed), said)


@router.post(HERE + "/{number:int}/rename")
def rename(
    visit: Annotated[Visit, may("track")],
    number: Number,
    name: Text = "",
    reason: Words = "",
    text: Text = "",
) -> Response:
    """Give a unit another name."""
    try:
        with visit.ledger.transaction():
            registry.rename(visit.ledger, number, name, reason=reason.strip())
            changed = last_event(visit.ledger)
    except UnitError as error:
        return _shown(visit, text, problem=on_page(error, visit.ledger.path), opened=number)
    return visit.redirect(_address(text, number, changed), f"已改名为“{name.strip()}”。公文原文不变。")


@router.post(HERE + "/{number:int}/split")
def split(
    visit: Annotated[Visit, may("track")],
    number: Number,
    names: Texts,
    to: Text = "",
    reason: Words = "",
    text: Text = "",
) -> Response:
    """Make some names of a unit a unit of their own."""
    if not names or not to.strip():
        problem = "拆分须勾选要拆出的名称，并写明拆出后的单位名称：请补全。"
        return _shown(visit, text, problem=problem, opened=number)
    try:
        with visit.ledger.transaction():
            new = registry.split(visit.ledger, number, names, to=to, reason=reason.strip())
            changed = last_event(visit.ledger)
    except UnitError as error:
        return _shown(visit, text, problem=on_page(error, visit.ledger.path), opened=number)
    return visit.redirect(_address(text, new, changed), f"已拆出“{to.strip()}”，编号 {new}。公文原文不变。")


@router.post(HERE + "/undo")
def take_back(
    visit: Annotated[Visit, may("track")],
    changed: Annotated[int, Form(ge=1, le=LARGEST)],
    text: Text = "",
) -> Response:
    """Take the visitor's own change of the registry back."""
    event = event_numbered(visit.ledger, changed)
    if event is None or event.action not in registry.CHANGES or event.actor != visit.ledger.actor:
        return _shown(visit, text, problem=NOT_THEIRS)
    try:
        undo(visit.ledger, changed)
    except HistoryError as error:
        return _shown(visit, text, problem=on_page(error, visit.ledger.path))
    return visit.redirect(_address(text), f"已撤销：{wording.ACTIONS[event.action]}。")


def _address(text: str, opened: int | None = None, changed: int | None = None) -> str:
    return f"{HERE}{query(text=text, open=opened, changed=changed)}" + (f"#u{opened}" if opened else "")


def _shown(
    visit: Visit,
    text: str,
    page: int = 1,
    *,
    problem: str = "",
    opened: int | None = None,
    ticked: list[int] | None = None,
    changed: int | None = None,
) -> Response:
    found = registry.units(visit.ledger, text)
    pages = max(-(-len(found) // PAGE), 1)
    page = min(page, pages)
    if opened is not None:  # the page on which it stands
        page = next((at // PAGE + 1 for at, unit in enumerate(found) if unit.organization.id == opened), page)
    shown: list[Unit] = found[(page - 1) * PAGE : page * PAGE]
    return visit.show(
        "units.html",
        status=422 if problem else 200,
        problem=problem,
        text=text,
        units=shown,
        total=len(found),
        page=page,
        pages=pages,
        opened=opened,
        ticked=frozenset(ticked or ()),
        changed=changed,
    )
