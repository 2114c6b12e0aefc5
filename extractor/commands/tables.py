"""Commands that show tasks and write them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from extractor.cli_chinese import Command, UserError, file_named, number, one_of, say
from extractor.commands.options import (
    actor_option,
    documents_called,
    filter_options,
    ledger_option,
    opened,
    say_which_holidays_are_unknown,
    workdays_option,
)
from extractor.commands.tracking import counting
from extractor.export import SUFFIXES

ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("gb18030", "gbk", "gb2312"), "gb18030"),
}
"""The names by which people know the encodings of a .csv: GB18030 holds all that the older two hold."""
NOT_RETURNABLE = "这个台账您只能查看，不能登记发出：表中没有行标识，填了也不能收回。"
MOST_TASKS = 200
"""How many tasks `tasks` prints unless told otherwise: more than that nobody reads in a terminal."""


@click.command(
    cls=Command,
    short_help="列出台账中的任务，可按单位、时限等筛选。",
    help="列出台账中的任务；几个条件同时给出时，须都满足。",
    epilog="taizhang tasks\ntaizhang tasks --unit 应急局 --due-before 2023-06-30",
)
@filter_options
@click.option(
    "--limit",
    callback=counting(1, 10_000_000),
    default=str(MOST_TASKS),
    metavar="项数",
    help=f"最多列出的项数，默认 {MOST_TASKS}。",
)
@ledger_option
def tasks(ledger: Path, limit: int, **filters: Any) -> None:
    """Print the tasks of the ledger."""
    from extractor.export.terminal import tasks as terminal

    with opened(ledger) as book:
        if filters["document"]:
            documents_called(book, filters["document"])
        shown = book.tasks(**filters, limit=limit)
        total = book.count_tasks(**filters) if len(shown) == limit else len(shown)
        terminal.print_tasks(shown, total=total)


@click.command(
    cls=Command,
    short_help="显示一项任务的原文，标出每一项依据。",
    help="显示一项任务的原文，标出单位、时限、频次的依据。",
    epilog="taizhang trace 12\ntaizhang trace 12 --html 原文对照.html",
)
@click.argument("task", callback=number, metavar="序号")
@click.option(
    "--html",
    callback=file_named((".html", ".htm")),
    metavar="文件",
    help="写成网页：全文对照，逐条查看，不需联网。",
)
@ledger_option
def trace(task: int, html: Path | None, ledger: Path) -> None:
    """Print or write the text that a task rests on."""
    from extractor.export.terminal import tasks as terminal

    with opened(ledger) as book:
        found = book.task(task)
        if html is None:
            terminal.print_trace(found, book.document(found.document.id))
            return
        from extractor.export.html import write_page

        write_page(book, [found.document.id], html, task=task)
    say(f"已写出“{html}”：用浏览器打开即可。")


def written_file(ctx: click.Context, param: click.Parameter, value: str) -> Path:
    """The file to write: one of the forms, or where one table a unit is wanted, a zip file or a folder."""
    if not ctx.params.get("by_unit"):
        path: Path = file_named(SUFFIXES)(ctx, param, value)
        return path
    if (suffix := Path(value).suffix.lower()) not in (".zip", ""):
        raise click.BadParameter(f"“{value}”以 {suffix} 结尾，按单位分表时请写 .zip 文件或文件夹", ctx, param)
    return Path(value)


@click.command(
    cls=Command,
    short_help="导出任务表（xlsx、csv、docx、json）、日历（ics）或原文对照网页（html）。",
    help="导出台账；格式由文件名结尾决定：.xlsx、.csv、.docx（责任分工方案）、.ics（日历）、.json、.html。"
    "xlsx 和 csv 可发给单位填写进展情况、状态、完成日期、备注，用 taizhang import 收回。",
    epilog="taizhang export 责任分工表.xlsx\ntaizhang export 表.csv --unit 局\n"
    "taizhang export 分发.zip --split-by unit --role 牵头\ntaizhang export 责任分工方案.docx\n"
    "taizhang export 日历.ics --unit 教育局 --workdays",
)
@click.argument("file", callback=written_file, metavar="文件")
@click.option(
    "--split-by",
    "by_unit",
    is_eager=True,
    callback=one_of({"unit": "unit", "单位": "unit"}),
    metavar="unit",
    help="按单位分表，一个单位一份 xlsx，装入 .zip 或文件夹。",
)
@click.option(
    "--encoding",
    callback=one_of(ENCODINGS),
    metavar="编码",
    help="csv 的编码：utf-8（默认）或 gb18030（gbk）。",
)
@click.option("--force", is_flag=True, help="按单位分表时，覆盖文件夹里已有的表。")
@click.option("--no-return", is_flag=True, help="只供查阅：不登记发出，填了也不能收回。")
@workdays_option
@filter_options
@ledger_option
@actor_option
def export(
    file: Path,
    by_unit: str | None,
    encoding: str | None,
    force: bool,
    no_return: bool,
    workdays: bool,
    ledger: Path,
    actor: str | None,
    **filters: Any,
) -> None:
    """Write tables and pages."""
    from extractor.export import write

    form = ".xlsx" if by_unit else file.suffix.lower()
    if encoding and form != ".csv":
        raise click.UsageError("--encoding 是 csv 的编码，只用于 .csv 文件")
    if workdays and form != ".ics":
        raise click.UsageError("--workdays 顺延的是日历上的日期，只用于 .ics 文件")
    if force and not by_unit:
        raise click.UsageError("--force 用于覆盖按单位分出的表，要与 --split-by 同用")
    with opened(ledger, actor) as book:
        if filters["document"]:
            documents_called(book, filters["document"])
        all_documents = form == ".html" and all(value is None for value in filters.values())
        if not all_documents and not book.count_tasks(**filters):
            if not book.count_tasks():
                raise UserError(f"台账里还没有任务，未写出“{file}”：请先用 taizhang ingest 读入文件。")
            raise UserError(f"没有符合条件的任务，未写出“{file}”：请用 taizhang tasks 核对条件。")
        unreturnable = form in (".xlsx", ".csv") and not no_return and not book.writable
        if by_unit:
            from extractor.export.split import write_by_unit

            split = write_by_unit(book, file, returnable=not no_return, over=force, **filters)
            say(f"已写出“{file}”：{split.files} 份表，{split.tasks} 项任务。")
            if split.left:
                named = "、".join(split.left)
                say(f"文件夹里另有 {len(split.left)} 份先前的表没有更新：{named}。")
            if unreturnable:
                say(NOT_RETURNABLE)
            return
        written = write(
            book,
            file,
            encoding=encoding or "utf-8",
            returnable=not no_return,
            workdays=workdays,
            **filters,
        )
        if workdays:
            from extractor.ledger.schedule import years_of_dates

            say_which_holidays_are_unknown(years_of_dates(book))
    entries = f"，日历上 {written.entries} 条" if written.entries is not None else ""
    say(f"已写出“{file}”：{written.tasks} 项任务{entries}。")
    if unreturnable:
        say(NOT_RETURNABLE)
