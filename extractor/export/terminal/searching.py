"""What a search found, as the command prints it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.text import Text

from extractor.export import wording
from extractor.export.control import safe
from extractor.export.rows import row_of
from extractor.export.terminal.console import console
from extractor.ledger.search import Hit, SearchResult, Stretch

FOUND_STYLE = "bold black on yellow"
BRACKETS = "【{}】"


def print_result(result: SearchResult, wanted: str) -> None:
    """The tasks with the words around what was found; those that have only some of the words below a line that says so."""
    out = console()
    if not result.hits:
        out.print(safe(f"没有找到“{wanted}”：可换用其他词语，或减少词语。"), soft_wrap=True)
        return
    coloured = out.color_system is not None and not out.no_color
    whole = [hit for hit in result.hits if hit.complete]
    others = [hit for hit in result.hits if not hit.complete]
    for hit in whole:
        _print_hit(hit, coloured)
    if others:
        said = f"没有任务含有全部词语，以下 {len(others)} 项只含其中一部分："
        out.print(said if not whole else f"以下 {len(others)} 项只含其中一部分词语：")
    for hit in others:
        _print_hit(hit, coloured)
    left = result.complete + result.partial - len(result.hits)
    more = f"，列出 {len(result.hits)} 项，要看更多请用 --limit" if left else ""
    out.print(
        f"含全部词语的任务 {result.complete} 项{more}；用 taizhang trace 序号 查看原文。", soft_wrap=True
    )


def _print_hit(hit: Hit, coloured: bool) -> None:
    out = console()
    row = row_of(hit.task)
    source = f"{wording.tidy(hit.task.document.name)} {row.place}"
    out.print(
        Text(safe(f"{hit.task.id:>4}  {row.task}"), style="bold").append(f"  {safe(source)}", style="dim"),
        soft_wrap=True,
    )
    passage = Text("      ")
    for stretch in hit.passage:
        text = safe(stretch.text)
        if stretch.found and not coloured:
            passage.append(BRACKETS.format(text))
        else:
            passage.append(text, style=FOUND_STYLE if stretch.found else "")
    out.print(passage, soft_wrap=True)


def result_to_json(result: SearchResult) -> dict[str, Any]:
    """What was found, for programs."""
    return {
        "complete": result.complete,
        "partial": result.partial,
        "hits": [
            {
                "task": hit.task.id,
                "document": hit.task.document.id,
                "heading": row_of(hit.task).task,
                "complete": hit.complete,
                "passage": passage_in_words(hit.passage),
            }
            for hit in result.hits
        ],
    }


def passage_in_words(passage: Iterable[Stretch]) -> str:
    """The passage with what was found in brackets."""
    return "".join(BRACKETS.format(s.text) if s.found else s.text for s in passage)
