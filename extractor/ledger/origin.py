"""By what the program's own files are known when they are read as if they were circulars: their tasks would count twice.

Packages (.xlsx, .docx) name the program that saved them last: one on which a person has worked since is that person's. Pages name
it as their generator, calendars as their product. Tables of tasks are known by the ids of their rows, whichever program
has saved them since; those of another ledger are another office's, and may be taken in like any table. A csv that is only
for reading bears no mark.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractor.intake.archive import ZIP_MAGIC
from extractor.intake.safe_zip import SafeZip, folded
from extractor.ledger.handouts import ROW_ID, known_handout
from extractor.model import Source

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

APPLICATION_PART, APPLICATION = "docProps/app.xml", b"<Application>Taizhang</Application>"
GENERATOR = '<meta name="generator" content="Taizhang">'
CALENDAR = "-//taizhang//"

HANDED_OUT = "这是本工具发出的表，请用 taizhang import 收回"
WRITTEN = "这是本工具导出的文件，不是来文，请改选公文原件"

ID_OF_ROW = re.compile(rf"\b{ROW_ID.pattern}\b".encode(), re.IGNORECASE)
CELLS = re.compile(r"xl/(?:sharedstrings|worksheets/[^/]+)\.xml")
HEAD = 4096
"""Among how many of its first bytes a text says what wrote it."""


def own_output(ledger: Ledger, source: Source) -> str | None:
    """Why it is no circular to `ledger`, as a part of a sentence in Chinese, if this program has written it."""
    if source.data.startswith(ZIP_MAGIC):
        package = SafeZip(source.data)
        cells = [package.read(one) for one in package.members if CELLS.fullmatch(folded(one.filename))]
        named = package.find(APPLICATION_PART)
        written = named is not None and APPLICATION in package.read(named)
    else:
        head = source.data[:HEAD]
        cells = [source.text.encode("utf-8", "replace")]
        written = GENERATOR.encode() in head or (
            head.startswith(b"BEGIN:VCALENDAR") and f"PRODID:{CALENDAR}".encode() in head
        )
    tokens = {match[2].decode().lower() for cell in cells for match in ID_OF_ROW.finditer(cell)}
    if any(known_handout(ledger, token) for token in tokens):
        return HANDED_OUT
    return WRITTEN if written and not tokens else None
