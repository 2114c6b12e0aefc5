"""Options and care that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from extractor.cli_chinese import (
    File,
    UserError,
    day,
    file_that_exists,
    not_empty,
    one_line,
    one_name,
    one_of,
    say,
)

if TYPE_CHECKING:
    from extractor.ledger import DocumentEntry, Ledger

Function = TypeVar("Function", bound=Callable[..., Any])

LEDGER = "outputs/ledger.db"
MOST_LISTED = 8
"""How many documents are named of which one is to be chosen."""
PATH = File()
ROLE_WORDS = {
    "牵头": "lead",
    "责任": "responsible",
    "配合": "cooperating",
    "lead": "lead",
    "responsible": "responsible",
    "cooperating": "cooperating",
}


def chosen_ledger(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    """The ledger named behind the command, else the one named before it, else that of the environment."""
    behind = ctx.get_parameter_source(param.name or "") is click.core.ParameterSource.COMMANDLINE
    before: Path | None = ctx.find_root().params.get("ledger")
    return before if before is not None and not behind else value


ledger_option = click.option(
    "--ledger",
    type=PATH,
    callback=chosen_ledger,
    default=LEDGER,
    envvar="TAIZHANG_LEDGER",
    metavar="文件",
    help=f"台账文件；默认 {LEDGER}，也可用环境变量 TAIZHANG_LEDGER 指定。",
)
lexicon_option = click.option(
    "--lexicon",
    callback=file_that_exists,
    metavar="文件",
    help="自备的单位名录，一行一个单位，与内置名录合用。",
)


actor_option = click.option(
    "--as",
    "actor",
    callback=one_name,
    metavar="姓名",
    envvar="TAIZHANG_ACTOR",
    help="以谁的名义记入日志；默认为本机登录名，也可用环境变量 TAIZHANG_ACTOR 指定。",
)


json_option = click.option("--json", "as_json", is_flag=True, help="用 JSON 显示，供其他程序读取。")
workdays_option = click.option(
    "--workdays", is_flag=True, help="日期逢休息日的，顺延到下一个工作日（含调休）。"
)


def say_which_holidays_are_unknown(years: Iterable[int]) -> None:
    """Tell for which of these years working days are only reckoned from weekends."""
    from extractor.export.wording import holidays_unknown
    from extractor.ledger.workdays import years_without_holidays

    if unknown := years_without_holidays(years):
        say(holidays_unknown(unknown))


def document_option(what: str) -> Callable[[Function], Function]:
    """The option that names a document; `what` says what for."""
    return click.option(
        "--document",
        callback=not_empty,
        metavar="文件",
        help=f"{what}：序号，或文件名、标题、文号的一部分。",
    )


def filter_options(function: Function) -> Function:
    """The options by which tasks are chosen, under the names of `TaskFilters`."""
    for option in reversed(
        (
            document_option("只要这份文件的任务"),
            click.option(
                "--unit", callback=not_empty, metavar="单位", help="只要这个单位的任务：单位名称或其一部分。"
            ),
            click.option(
                "--role", callback=one_of(ROLE_WORDS), metavar="角色", help="单位的角色：牵头、责任或配合。"
            ),
            click.option("--due-before", callback=day, metavar="日期", help="时限不晚于这一天（含当天）。"),
            click.option("--due-after", callback=day, metavar="日期", help="时限不早于这一天（含当天）。"),
            click.option("--text", callback=not_empty, metavar="文字", help="任务原文中有这些字。"),
        )
    ):
        function = option(function)
    return function


@contextmanager
def in_one_line() -> Iterator[None]:
    """What a person can put right becomes one line."""
    from extractor.evaluation import GoldError
    from extractor.fields.lexicons import LexiconError
    from extractor.ledger import LedgerError

    try:
        yield
    except (LedgerError, GoldError, LexiconError) as error:
        raise UserError(one_line(error)) from error


@contextmanager
def opened(path: Path, actor: str | None = None, *, as_it_is: bool = False) -> Iterator[Ledger]:
    """The ledger at `path`, what goes wrong with it told in one line."""
    from extractor.ledger import Ledger

    with in_one_line(), Ledger.open(path, actor=actor, as_it_is=as_it_is) as book:
        yield book


def documents_called(book: Ledger, wanted: str) -> list[DocumentEntry]:
    """The documents that `wanted` names, at least one: by number, or by part of name, title or 发文字号."""
    from extractor.ledger import NoSuchDocumentError

    named = book.documents_named(wanted)
    if not named:
        raise NoSuchDocumentError(book.path, wanted)
    return named


def the_document(book: Ledger, wanted: str) -> DocumentEntry:
    """The one document that `wanted` names; of several versions of a circular the current one."""
    named = documents_called(book, wanted)
    current = [entry for entry in named if not entry.superseded] or named
    if len(current) > 1:
        listed = "、".join(f"{entry.id}（{entry.name}）" for entry in current[:MOST_LISTED])
        more = f"等 {len(current)} 份" if len(current) > MOST_LISTED else ""
        raise UserError(f"有几份文件符合“{wanted}”，请写序号：{listed}{more}。")
    return current[0]
