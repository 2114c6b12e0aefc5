"""Office packages (.xlsx, .docx) and archives whose bytes follow from their content alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from extractor.ledger.origin import APPLICATION, APPLICATION_PART

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can name."""
CORE = "docProps/core.xml"
MOMENTS = re.compile(rb"<dcterms:(created|modified)\b[^>]*>.*?</dcterms:\1>")
LIBRARY = re.compile(rb"<Application>.*?</Application>")


def settle(path: Path) -> None:
    """Let the package at `path` name this program, and no moments, where its libraries put themselves and the time of writing."""
    with zipfile.ZipFile(path) as package:
        members = {member.filename: package.read(member) for member in package.infolist()}
    for name, put_in, instead in ((CORE, MOMENTS, b""), (APPLICATION_PART, LIBRARY, APPLICATION)):
        members[name] = put_in.sub(instead, members[name])
    write_zip(members, path)


def write_zip(members: Mapping[str, bytes], path: Path) -> None:
    """Write `members` as a zip file; names that are not ASCII are marked as UTF-8, as Windows wants them."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
