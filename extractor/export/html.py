"""The text of circulars beside all that was read out of them, as one page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from extractor.export import wording
from extractor.export.files import replaced
from extractor.export.marks import (
    KIND_NAMES,
    Mark,
    MarkKind,
    Stretch,
    mark_of,
    mark_of_item,
    marks_of,
    shown_left_out,
    stretches,
)
from extractor.export.rows import OPENING
from extractor.ledger.ledger import Ledger
from extractor.ledger.origin import GENERATOR
from extractor.model import (
    Document,
    Fields,
    Item,
    Source,
    Span,
    UnitMention,
    Value,
    Warning,
)

LONGEST_LABEL = 60
SHOWN_AT_FIRST: frozenset[MarkKind] = frozenset(KIND_NAMES) - {"other"}


def write_page(ledger: Ledger, document_ids: Sequence[int], path: Path, *, task: int | None = None) -> None:
    """Write one page that shows these documents of `ledger`, opened at `task` if one is given."""
    documents = [(ledger.document(one), ledger.task_numbers(one)) for one in document_ids]
    with replaced(path) as draft:
        draft.write_text(page(documents, opened_at=task), "utf-8")


def page(documents: Sequence[tuple[Document, Mapping[str, int]]], *, opened_at: int | None = None) -> str:
    """The page for `documents`, each with the numbers of its tasks by the id of their items."""
    style, script = _asset("trace.css"), _asset("trace.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'"
    names = [wording.tidy(document.title or document.source.name) for document, _ in documents]
    title = f"原文对照：{names[0]}" if len(names) == 1 else "原文对照"
    opened = f' data-open="t{opened_at}"' if opened_at is not None else ""
    shown = "".join(_document(n, document, numbers) for n, (document, numbers) in enumerate(documents))
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
{GENERATOR}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body{opened}>
<header class="bar">
<h1>原文对照</h1>
{_switcher(names)}
{_filters()}
<input id="find" type="search" placeholder="筛选单位、任务、日期…" aria-label="按文字筛选提取结果">
{_stepper()}
</header>
{shown or '<p class="empty">没有可显示的文件。</p>'}
<script>{script}</script>
</body>
</html>
"""


def _asset(name: str) -> str:
    return files("extractor.export").joinpath(name).read_text("utf-8")


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _switcher(names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    options = "".join(f'<option value="{n}">{n + 1}. {escape(name)}</option>' for n, name in enumerate(names))
    return f'<label class="switch">文件 <select id="switch">{options}</select></label>'


def _filters() -> str:
    buttons = "".join(
        f'<button type="button" class="filter {kind}" data-kind="{kind}" '
        f'aria-pressed="{"true" if kind in SHOWN_AT_FIRST else "false"}">{name} <b></b></button>'
        for kind, name in KIND_NAMES.items()
    )
    return f'<div class="filters" role="group" aria-label="显示哪些内容">{buttons}</div>'


def _stepper() -> str:
    return """<div class="stepper" role="group" aria-label="逐条查看">
<button type="button" id="previous" title="上一处（← 或 k）">← 上一处</button>
<output id="position" aria-live="polite">–</output>
<button type="button" id="next" title="下一处（→ 或 j）">下一处 →</button>
</div>"""


def _document(number: int, document: Document, numbers: Mapping[str, int]) -> str:
    marks = {mark: n for n, mark in enumerate(marks_of(document))}
    hidden = " hidden" if number else ""
    name = escape(wording.tidy(document.title or document.source.name))
    return f"""<article class="doc" data-doc="{number}" aria-label="{name}"{hidden}>
<section class="found" aria-label="提取结果">
{_about(document)}
{_warnings(document, marks)}
<ol class="entries">
{"".join(_entries(document, numbers, marks))}
</ol>
</section>
<section class="source" aria-label="原文" tabindex="0">
{"".join(_lines(document, marks))}
</section>
<aside class="detail" aria-live="polite" aria-label="当前内容"></aside>
</article>
"""


def _about(document: Document) -> str:
    facts = [
        ("发文机关", document.issuer and wording.issuers(document.issuer)),
        ("发文字号", document.doc_number),
        ("成文日期", document.issued_on.isoformat() if document.issued_on else None),
        ("文种", wording.DOCUMENT_KINDS[document.kind]),
        ("任务年度", str(document.year) if document.year else None),
        ("文件名", document.source.name),
    ]
    rows = "".join(
        f"<dt>{name}</dt><dd>{escape(wording.tidy(value or '未写明'))}</dd>" for name, value in facts
    )
    title = escape(wording.tidy(document.title or document.source.name))
    return f'<h2>{title}</h2><dl class="about">{rows}</dl>'


def _warnings(document: Document, marks: Mapping[Mark, int]) -> str:
    if not document.warnings:
        return ""
    shown = "".join(f"<li>{_warning(warning, document.source, marks)}</li>" for warning in document.warnings)
    return f'<div class="warnings"><h3>提醒：请人工核对</h3><ul>{shown}</ul></div>'


def _warning(warning: Warning, source: Source, marks: Mapping[Mark, int]) -> str:
    said = wording.warning(warning)
    if warning.span is None:
        return escape(said)
    where = wording.place(source.locate(warning.span))
    return _button(marks, Mark(warning.span, "warning"), f"{where} {said}", _place(source, warning.span))


def _entries(document: Document, numbers: Mapping[str, int], marks: Mapping[Mark, int]) -> Iterator[str]:
    source = document.source
    if document.evidence:
        yield _heading("文件信息")
    for field, spans in document.evidence.items():
        for span in spans:
            name = wording.DOCUMENT_FIELDS.get(field, field)
            yield _entry(
                _button(
                    marks, Mark(span, "field"), wording.tidy(span.of(source.text)), _place(source, span), name
                )
            )
    if document.items:
        yield _heading("条目")
    for item in document.items:
        yield _item(item, source, numbers.get(item.id), marks)
    if shown_left_out(document):
        yield _heading("未采用的文字")
    for left in shown_left_out(document):
        why = wording.left_out(left.reason)
        place = _place(source, left.span)
        yield _entry(_button(marks, Mark(left.span, "left_out"), wording.tidy(left.quote), place, why))


def _heading(text: str) -> str:
    return f'<li class="heading"><h3>{escape(text)}</h3></li>\n'


def _entry(*buttons: str) -> str:
    return f'<li class="entry">{"".join(buttons)}</li>\n'


def _item(item: Item, source: Source, number: int | None, marks: Mapping[Mark, int]) -> str:
    name = _item_name(item)
    mark = mark_of_item(item)
    if mark is None:
        return f'<li class="group">{escape(name)}{_values(item.fields, source, marks)}</li>\n'
    kind = wording.ITEM_KINDS[item.kind]
    label = f"{kind} {number}" if number is not None else kind
    anchor = f' id="t{number}"' if number is not None else ""
    place = f"{_place(source, item.span)} · 判定依据 {wording.rule(item.reason)}"
    leaf = _button(marks, mark, name, place, label, anchor=anchor)
    return _entry(leaf, _values(item.fields, source, marks))


def _item_name(item: Item) -> str:
    number = wording.tidy(item.number or "")
    name = (
        wording.tidy(item.heading)
        if item.heading
        else wording.shortened(wording.tidy(item.quote), OPENING * 2)
    )
    return f"{number} {name}" if number and item.heading else name


def _values(fields: Fields, source: Source, marks: Mapping[Mark, int]) -> str:
    """The values by kind; those of one measure in a row of their own, since they belong together."""
    rows: dict[object, list[Value]] = {}
    for value in fields:
        rows.setdefault(type(value) if value.measure is None else value.measure, []).append(value)
    return "".join(
        f'<span class="values{" measure" if isinstance(key, int) else ""}">'
        f"{''.join(_value(value, source, marks) for value in values)}</span>"
        for key, values in rows.items()
    )


def _value(value: Value, source: Source, marks: Mapping[Mark, int]) -> str:
    inherited = "承自上级标题 · " if value.inherited else ""
    place = f"{inherited}{_place(source, value.span)} · 规则 {wording.rule(value.rule)}"
    name, text = _read_as(value)
    return _button(marks, mark_of(value), text, place, f"{name}↑" if value.inherited else name)


def _read_as(value: Value) -> tuple[str, str]:
    if isinstance(value, UnitMention):
        return wording.ROLES[value.role], wording.tidy(value.quote)
    return KIND_NAMES[mark_of(value).kind], wording.value(value)


def _button(
    marks: Mapping[Mark, int], mark: Mark, text: str, place: str, name: str | None = None, *, anchor: str = ""
) -> str:
    """What a person clicks or steps to: the page finds the characters by `data-mark`."""
    tag = f"<small>{escape(name)}</small> " if name else ""
    shown = escape(wording.shortened(text, LONGEST_LABEL))
    return (
        f'<button type="button" class="go {mark.kind}"{anchor} data-kind="{mark.kind}" '
        f'data-mark="{marks[mark]}" data-place="{escape(place)}">{tag}{shown}</button>'
    )


def _place(source: Source, span: Span) -> str:
    return f"{wording.place(source.locate(span), exactly=True)}，字符 {span.start}–{span.end}"


def _lines(document: Document, marks: Mapping[Mark, int]) -> Iterator[str]:
    """The source text, a line of the file each, with its marks."""
    reasons = {left.span: wording.left_out(left.reason) for left in document.left_out}
    line: list[str] = []
    number = 1
    text = document.source.text
    for stretch in stretches(text, Span(0, len(text)), marks):
        first, *rest = stretch.text.split("\n")
        line.append(_painted(stretch, first, marks, reasons))
        for more in rest:
            yield _line(number, line)
            number, line = number + 1, [_painted(stretch, more, marks, reasons)]
    yield _line(number, line)


def _line(number: int, pieces: Iterable[str]) -> str:
    return f'<p data-line="{number}">{"".join(pieces)}</p>\n'


def _painted(stretch: Stretch, text: str, marks: Mapping[Mark, int], reasons: Mapping[Span, str]) -> str:
    if not stretch.marks or not text:
        return escape(text)
    kinds = dict.fromkeys(
        ["m", stretch.marks[0].kind, *(mark.kind for mark in stretch.marks if mark.kind == "task")]
    )
    why = next((f"未采用：{reasons[mark.span]}" for mark in stretch.marks if mark.kind == "left_out"), None)
    title = f' title="{escape(why)}"' if why else ""
    ids = " ".join(str(marks[mark]) for mark in stretch.marks)
    return f'<span class="{" ".join(kinds)}" data-marks="{ids}"{title}>{escape(text)}</span>'
