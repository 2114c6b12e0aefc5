"""The command `taizhang`: its parts put together. What each does stands in `commands/`; none has logic of its own.

Libraries are imported inside the commands that need them, so that help comes at once.
"""

from __future__ import annotations

from pathlib import Path

import click

from extractor.cli_chinese import Group
from extractor.commands import (
    audit,
    corrections,
    handing_out,
    reading,
    searching,
    serving,
    tables,
    tracking,
    units,
)
from extractor.commands.options import PATH
from extractor.version import __version__


@click.group(
    cls=Group,
    name="taizhang",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="把公文读成台账：谁牵头、何时完成、多久一次，每一项都能对到原文。",
    epilog="taizhang ingest 来文/\ntaizhang tasks --unit 教育局 --role 牵头\ntaizhang export 责任分工表.xlsx",
)
@click.version_option(__version__, prog_name="taizhang", message="%(prog)s %(version)s", help="显示版本号。")
@click.option("--ledger", type=PATH, metavar="文件", help="台账文件，也可写在命令之后。")
def cli(ledger: Path | None) -> None:
    """Circulars become a ledger of tasks."""


for title, commands in {
    "收文和核对": (
        reading.ingest,
        reading.extract,
        corrections.documents,
        corrections.correct,
        corrections.confirm,
        corrections.split,
        corrections.merge,
        corrections.take_in,
        corrections.diff,
    ),
    "台账和分工": (
        tables.tasks,
        tables.trace,
        searching.search,
        tables.export,
        handing_out.import_,
        units.units,
    ),
    "督办": (
        tracking.record,
        tracking.attachment,
        tracking.occurrences,
        tracking.tick,
        tracking.event,
        tracking.due,
        tracking.report,
    ),
    "核查和保管": (
        audit.verify,
        audit.log,
        audit.undo,
        audit.coverage,
        audit.annotations_,
        audit.backup,
        audit.restore,
    ),
    "网页": (serving.serve, serving.user),
    "其他": (reading.evaluate, reading.formats),
}.items():
    cli.add_section(title, commands)


def main() -> None:
    """Run the command."""
    cli(prog_name="taizhang")
