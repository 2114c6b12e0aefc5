"""Documents for tests: from a gold file, or written out by hand in few words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from extractor.model import (
    Deadline,
    Document,
    Fields,
    Frequency,
    Item,
    LeftOut,
    Measure,
    Part,
    Source,
    Span,
    UnitMention,
    Warning,
)

CORPUS = Path(__file__).parents[2] / "corpus"


def quoted(text: str, quote: str, within: Span | None = None) -> Span:
    """Where `quote` first stands in `text`, or in the part of it that `within` covers."""
    start = text.index(quote, within.start if within else 0, within.end if within else len(text))
    return Span(start, start + len(quote))


def item(
    text: str,
    quote: str,
    *,
    id: str = "1",
    parent: str | None = None,
    number: str | None = "一",
    heading: str | None = None,
    kind: str = "task",
    units: Iterable[tuple[str, str] | tuple[str, str, int]] = (),
    deadlines: Iterable[dict[str, Any]] = (),
    frequencies: Iterable[dict[str, Any]] = (),
    measures: Iterable[str] = (),
    inherited: Fields | None = None,
) -> Item:
    """An item whose values are named by their quotes."""
    span = quoted(text, quote)
    return Item(
        id,
        parent,
        0,
        number,
        heading,
        kind,
        "test.kind",
        span,
        quote,  # type: ignore[arg-type]
        Fields(
            units=(
                *(inherited.units if inherited else ()),
                *(UnitMention(u[0], quoted(text, u[0], span), u[1], "test.unit", *u[2:]) for u in units),
            ),
            deadlines=(
                *(inherited.deadlines if inherited else ()),
                *(
                    Deadline(
                        d["quote"],
                        quoted(text, d["quote"], span),
                        d.get("due"),
                        d.get("event"),
                        d.get("offset"),
                        "test.deadline",
                        measure=d.get("measure"),
                    )
                    for d in deadlines
                ),
            ),
            frequencies=tuple(
                Frequency(
                    f["quote"],
                    quoted(text, f["quote"], span),
                    f.get("period"),
                    f.get("times"),
                    f.get("bound"),
                    f.get("vague"),
                    "test.frequency",
                    measure=f.get("measure"),
                    recurs_on=f.get("recurs_on"),
                )
                for f in frequencies
            ),
            measures=tuple(Measure(n, m, quoted(text, m, span)) for n, m in enumerate(measures)),
        ),
    )


def document(text: str, items: Iterable[Item] = (), *, name: str = "通知.txt", **more: Any) -> Document:
    """A document around hand-written items."""
    about: dict[str, Any] = {
        "title": "关于做好安全工作的通知",
        "issuer": "东山县应急管理局",
        "doc_number": "东应急〔2023〕3号",
        "issued_on": date(2023, 2, 20),
        "kind": "notice",
        "year": 2023,
        "parts": (Part("关于做好安全工作的通知", Span(0, len(text))),),
    }
    return Document(Source(name, text, text.encode()), items=tuple(items), **(about | more))


def sample() -> Document:
    """A small circular with everything a ledger keeps: two levels, inheritance, measures, left-out text, warnings."""
    text = (
        "打印 关闭\n关于做好安全工作的通知\n东应急〔2023〕3号\n"
        "一、抓好隐患排查（县应急局牵头，县公安局、县教育局配合）\n"
        "（一）开展演练。各企业每季度至少开展1次演练，行业部门每半年开展1次，8月底前完成。\n"
        "（二）=加强<script>alert('值守')</script>值班，演练前20日报送方案。\n"
        "二、总体要求\n坚持人民至上。\n"
    )
    group = item(
        text,
        text[text.index("一、") : text.index("二、")].rstrip("\n"),
        id="1",
        number="一",
        kind="group",
        heading="抓好隐患排查（县应急局牵头，县公安局、县教育局配合）",
        units=[("县应急局", "lead"), ("县公安局", "cooperating"), ("县教育局", "cooperating")],
    )
    handed = Fields(
        units=tuple(
            UnitMention(u.quote, u.span, u.role, u.rule, None, inherited=True) for u in group.fields.units
        )
    )
    drill = item(
        text,
        "（一）开展演练。各企业每季度至少开展1次演练，行业部门每半年开展1次，8月底前完成。",
        id="1.1",
        parent="1",
        number="(一)",
        heading="开展演练",
        units=[("各企业", "responsible", 0), ("行业部门", "responsible", 1)],
        deadlines=[{"quote": "8月底前", "due": date(2023, 8, 31)}],
        frequencies=[
            {"quote": "每季度至少开展1次", "period": "P3M", "times": 1, "bound": "min", "measure": 0},
            {"quote": "每半年开展1次", "period": "P6M", "times": 1, "bound": "exact", "measure": 1},
        ],
        measures=["各企业每季度至少开展1次演练", "行业部门每半年开展1次"],
        inherited=handed,
    )
    watch = item(
        text,
        "（二）=加强<script>alert('值守')</script>值班，演练前20日报送方案。",
        id="1.2",
        parent="1",
        number="(二)",
        deadlines=[{"quote": "演练前20日", "event": "演练", "offset": "-P20D"}],
        inherited=handed,
    )
    aim = item(text, "二、总体要求\n坚持人民至上。", id="2", number="二", heading="总体要求", kind="context")
    return document(
        text,
        [group, drill, watch, aim],
        left_out=(LeftOut(quoted(text, "打印 关闭"), "打印 关闭", "chrome"),),
        warnings=(Warning("number_out_of_order", quoted(text, "（二）"), "三"), Warning("no_outline", None)),
        evidence={
            "title": (quoted(text, "关于做好安全工作的通知"),),
            "doc_number": (quoted(text, "东应急〔2023〕3号"),),
        },
    )


def from_gold(name: str, folder: Path = CORPUS) -> Document:
    """The document that a gold file says is right, as if the pipeline had read it."""
    text = (folder / f"{name}.txt").read_text("utf-8")
    gold = json.loads((folder / f"{name}.json").read_text("utf-8"))
    about = gold["document"]
    items, cursor = [], 0
    for entry in gold["items"]:
        start = text.index(entry["start"], cursor)
        end = text.index(entry["end"], start) + len(entry["end"])
        cursor = start + 1 if entry["kind"] == "group" else max(start + 1, cursor)
        items.append(_gold_item(text, entry, Span(start, end)))
    evidence = {
        field: (quoted(text, about[field]),)
        for field in ("title", "issuer", "doc_number")
        if about[field] and about[field] in text
    }
    return Document(
        Source(f"{name}.txt", text, text.encode()),
        about["title"],
        about["issuer"],
        about["doc_number"],
        date.fromisoformat(about["issued_on"]) if about["issued_on"] else None,
        about["kind"],
        about["year"],
        parts=tuple(Part(p["title"], Span(0, len(text))) for p in gold["parts"]),
        items=tuple(items),
        left_out=_between(text, items),
        evidence=evidence,
    )


def _gold_item(text: str, entry: dict[str, Any], span: Span) -> Item:
    frequencies = (
        {"period": None, "times": None, "bound": None, "vague": None, **f} for f in entry["frequencies"]
    )
    part = (
        int(entry["id"][1 : entry["id"].index(".")]) - 1
        if entry["id"].startswith("p") and "." in entry["id"]
        else 0
    )
    return Item(
        entry["id"],
        entry["parent"],
        part,
        entry["number"],
        entry["heading"],
        entry["kind"],
        "gold",
        span,
        span.of(text),
        Fields(
            units=tuple(
                UnitMention(u["quote"], quoted(text, u["quote"], span), u["role"], "gold")
                for u in entry["units"]
            ),
            deadlines=tuple(
                Deadline(
                    d["quote"],
                    quoted(text, d["quote"], span),
                    date.fromisoformat(d["due"]) if d.get("due") else None,
                    d.get("event"),
                    d.get("offset"),
                    "gold",
                )
                for d in entry["deadlines"]
            ),
            frequencies=tuple(
                Frequency(
                    f["quote"],
                    quoted(text, f["quote"], span),
                    f["period"],
                    f["times"],
                    f["bound"],
                    f["vague"],
                    "gold",
                )
                for f in frequencies
            ),
        ),
    )


def _between(text: str, items: list[Item]) -> tuple[LeftOut, ...]:
    stretches, at = [], 0
    for one in [*sorted((i.span for i in items), key=lambda s: s.start), Span(len(text), len(text))]:
        if text[at : one.start].strip():
            stretches.append(LeftOut(Span(at, one.start), text[at : one.start], "outside_outline"))
        at = max(at, one.end)
    return tuple(stretches)
