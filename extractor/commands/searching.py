"""The command that finds tasks by their words."""

from __future__ import annotations

from pathlib import Path

import click

from extractor.cli_chinese import Command
from extractor.commands.options import json_option, ledger_option, opened
from extractor.commands.tracking import counting


@click.command(
    cls=Command,
    short_help="按词语搜索任务，最相关的在前。",
    help="在任务的标题、原文和单位中搜索；几个词都有的排在前面，不够时再列只有其中一部分词的。繁体、简体，全角、半角都可以。",
    epilog="taizhang search 应急演练 每季度\ntaizhang search 隐患排查 --document 东应急 --limit 50",
)
@click.argument("words", nargs=-1, required=True, metavar="词语…")
@click.option("--document", metavar="文件", help="只在这份文件中找：序号，或文件名、标题、文号的一部分。")
@click.option(
    "--limit",
    callback=counting(1, 10_000),
    default="20",
    metavar="项数",
    help="最多列出的项数，默认 20。",
)
@json_option
@ledger_option
def search(words: tuple[str, ...], document: str | None, limit: int, as_json: bool, ledger: Path) -> None:
    """Print the tasks in which words are found."""
    from extractor.ledger.search import search as found_in

    wanted = " ".join(words)
    with opened(ledger) as book:
        found = found_in(book, wanted, document=document, limit=limit)
    if as_json:
        from extractor.export.json import dumps
        from extractor.export.terminal.searching import result_to_json

        click.echo(dumps(result_to_json(found)))
    else:
        from extractor.export.terminal.searching import print_result

        print_result(found, wanted)
