"""The command that finds tasks by their words."""

from __future__ import annotations

from pathlib import Path

import click

from extractor.cli_chinese import Command
from extractor.commands.options import document_option, documents_called, json_option, ledger_option, opened
from extractor.commands.tracking import counting


@click.command(
    cls=Command,
    short_help="按词语搜索任务，最相关的在前。",
    help="在任务的标题、原文和单位中搜索；几个词都有的排在前面，不够时再列只有其中一部分词的。繁体、简体，全角、半角都可以。",
    epilog="taizhang search 应急演练 每季度\ntaizhang search 隐患排查 --document 东应急 --limit 50",
)
@click.argument("words", nargs=-1, required=True, metavar="词语…")
@document_option("只在这份文件中找")
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
    if not wanted.strip():
        raise click.UsageError("缺少参数“词语”")
    with opened(ledger) as book:
        if document:
            documents_called(book, document)
        found = found_in(book, wanted, document=document, limit=limit)
    if as_json:
        from extractor.export.json import dumps
        from extractor.export.terminal.searching import result_to_json

        click.echo(dumps(result_to_json(found)))
    else:
        from extractor.export.terminal.searching import print_result

        print_result(found, wanted)
