"""Office packages (.xlsx, .docx) and archives whose bytes follow from their content alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can name."""
CORE = "docProps/core.xml"
MOMENTS = re.compile(rb"<dcterms:(created|modified)\b[^>]*>.*?</dcterms:\1>")


def settle(path: Path) -> None:
    """Take out of the package at `path` the moments at which it was written, which its libraries put in."""
    with zipfile.ZipFile(path) as package:
        members = {member.filename: package.read(member) for member in package.infolist()}
    write_zip({n: MOMENTS.sub(b"", data) if n == CORE else data for n, data in members.items()}, path)


def write_zip(members: Mapping[str, bytes], path: Path) -> None:
    """Write `members` as a zip file; names that are not ASCII are marked as UTF-8, as Windows wants them."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
