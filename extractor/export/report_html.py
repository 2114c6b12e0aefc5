"""The progress report as one page that needs nothing but itself and can be printed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path

from extractor.export import wording
from extractor.export.figures import COUNTS, RATE, TITLE, FiguresRow, Section, sections, summary
from extractor.export.files import replaced
from extractor.ledger.origin import GENERATOR
from extractor.ledger.report import CATEGORIES, Report

FULL_WIDTH = 1000
"""The width of the longest bar, in the units of its drawing."""
LATE = CATEGORIES.index("overdue")


def write_report_html(report: Report, path: Path) -> None:
    """Write the figures of `report`."""
    with replaced(path) as draft:
        draft.write_text(page(report), "utf-8")


def page(report: Report) -> str:
    """The page."""
    style = files("extractor.export").joinpath("report.css").read_text("utf-8")
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
{GENERATOR}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{TITLE}（{report.as_of}）</title>
<style>{style}</style>
</head>
<body>
<h1>{TITLE}</h1>
<p>{escape(summary(report))}。</p>
<ul class="legend">{"".join(_legend())}</ul>
{"".join(map(_section, sections(report)))}</body>
</html>
"""


def _legend() -> Iterator[str]:
    for category in CATEGORIES:
        swatch = f'<svg width="12" height="12" aria-hidden="true"><rect class="{category}" width="12" height="12"/></svg>'
        yield f"<li>{swatch}{wording.STATUSES[category]}</li>"


def _section(section: Section) -> str:
    titles = "".join(f'<th scope="col">{name}</th>' for name in (section.subject, "进展", *COUNTS, RATE))
    longest = max((row.total for row in section.rows), default=1) or 1
    rows = "".join(_row(row, longest) for row in section.rows)
    total = _row(section.total, 0) if section.total and len(section.rows) > 1 else ""
    shown = f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}{total}</tbody></table>"
    nothing = '<p class="note">没有数据。</p>'
    return f'<section>\n<h2>{section.title}</h2>\n<p class="note">{section.note}</p>\n{shown if rows else nothing}\n</section>\n'


def _row(row: FiguresRow, longest: int) -> str:
    """A line of the table; `longest` is the total that fills the width of the bar, 0 for a line without one."""
    parts = "".join(
        f"<td{_class_of(at, part)}>{part or ''}</td>" for at, part in enumerate((row.total, *row.parts))
    )
    bar = _bar(row, longest) if longest else ""
    total = ' class="total"' if not longest else ""
    return (
        f'<tr{total}><th scope="row">{escape(row.name)}</th><td class="bar">{bar}</td>'
        f"{parts}<td>{wording.rate(row.rate)}</td></tr>\n"
    )


def _class_of(column: int, part: int) -> str:
    return ' class="late"' if column == LATE + 1 and part else ""


def _bar(row: FiguresRow, longest: int) -> str:
    """The parts one after the other, as long as they are many."""
    drawn, at = [], 0.0
    for category, part in zip(CATEGORIES, row.parts, strict=True):
        width = FULL_WIDTH * part / longest
        if part:
            drawn.append(f'<rect class="{category}" x="{at:.1f}" width="{width:.1f}" height="10"/>')
        at += width
    said = "，".join(
        f"{wording.STATUSES[category]} {part}"
        for category, part in zip(CATEGORIES, row.parts, strict=True)
        if part
    )
    return (
        f'<svg viewBox="0 0 {FULL_WIDTH} 10" preserveAspectRatio="none" role="img" aria-label="{said}">'
        f"{''.join(drawn)}</svg>"
    )
