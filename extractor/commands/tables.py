"""Commands that show tasks and write them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from extractor.cli_chinese import Command, file_named, number, say
from extractor.commands.options import PATH, filter_options, ledger_option, opened
from extractor.export import SUFFIXES


@click.command(
    cls=Command,
    short_help="列出台账中的任务，可按单位、时限等筛选。",
    help="列出台账中的任务；几个条件同时给出时，须都满足。",
    epilog="taizhang tasks\ntaizhang tasks --unit 应急局 --due-before 2023-06-30",
)
@filter_options
@ledger_option
def tasks(ledger: Path, **filters: Any) -> None:
    """Print the tasks of the ledger."""
    from extractor.export.terminal import tasks as terminal

    with opened(ledger) as book:
        terminal.print_tasks(book.tasks(**filters))


@click.command(
    cls=Command,
    short_help="显示一项任务的原文，标出每一项依据。",
    help="显示一项任务的原文，标出单位、时限、频次的依据。",
    epilog="taizhang trace 12\ntaizhang trace 12 --html 原文对照.html",
)
@click.argument("task", callback=number, metavar="序号")
@click.option("--html", type=PATH, metavar="文件", help="写成网页：全文对照，逐条查看，不需联网。")
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


@click.command(
    cls=Command,
    short_help="导出任务表（xlsx、csv、json）或原文对照网页（html）。",
    help="导出台账；格式由文件名结尾决定：.xlsx、.csv、.json、.html。",
    epilog="taizhang export 责任分工表.xlsx\ntaizhang export 表.csv --unit 局\ntaizhang export 原文对照.html",
)
@click.argument("file", callback=file_named(SUFFIXES), metavar="文件")
@filter_options
@ledger_option
def export(file: Path, ledger: Path, **filters: Any) -> None:
    """Write tables and pages."""
    from extractor.export import write

    with opened(ledger) as book:
        count = write(book, file, **filters)
    say(f"已写出“{file}”：{count} 项任务。")
