"""Templates: everything put into a page is escaped, and undefined names are errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from extractor.export import wording
from extractor.ledger import Added, AlreadyThere, Failed
from extractor.ledger.revisions import Outdated, Revised
from extractor.version import __version__
from extractor.web.roles import Right

FOLDER = Path(__file__).parent
NAVIGATION: Sequence[tuple[str, str, Right]] = (
    ("/intake", "收文", "take_in"),
    ("/review", "核对", "correct"),
    ("/tasks", "台账", "read"),
    ("/due", "到期", "read"),
    ("/progress", "进展", "read"),
    ("/handouts", "分发与回收", "track"),
    ("/units", "单位", "read"),
    ("/documents", "文件", "read"),
    ("/audit", "核查", "audit"),
)
"""The pages in the order in which work goes through them, each with the right that it takes."""


RESULTS: dict[str, type] = {
    "added": Added,
    "already_there": AlreadyThere,
    "revised": Revised,
    "outdated": Outdated,
    "failed": Failed,
}
"""What can become of a file that comes in: tests for templates."""


def local_time(at: datetime) -> str:
    """A moment as the clock on the wall showed it."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def day(value: date | None) -> str:
    """A day, or nothing."""
    return value.isoformat() if value else ""


def query(**values: object) -> str:
    """The part of an address behind its path, without what is None or empty."""
    given = {name: value for name, value in values.items() if value not in (None, "")}
    return f"?{urlencode(given)}" if given else ""


def _test_for(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(navigation=NAVIGATION, version=__version__, wording=wording, query=query)
    environment.tests.update((name, _test_for(kind)) for name, kind in RESULTS.items())
    environment.filters.update(day=day, local_time=local_time, tidy=wording.tidy, issuers=wording.issuers)
    return environment


ENVIRONMENT = _environment()
