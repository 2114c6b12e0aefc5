"""Broken, locked, wrongly named and hostile files: one clear line each, nothing hung, nothing half stored."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractor.cli import cli
from extractor.intake import UnreadableFile, read_source, read_sources
from extractor.ledger import Ledger
from tests.conftest import CORPUS

FORMATS = CORPUS / "formats"
GOOD = {
    suffix: (FORMATS / f"10-notice-events{suffix}").read_bytes()
    for suffix in (".docx", ".pdf", ".ofd", ".html", ".mhtml")
} | {".xlsx": (FORMATS / "12-task-table.xlsx").read_bytes()}
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "%s">%s]><a>&z;</a>' % (
    b"x" * 1000,
    b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 30) for c in range(ord("c"), ord("z") + 1)),
)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


def with_part(package: bytes, part: str, data: bytes) -> bytes:
    """The package with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info.filename, old.read(info))
        new.writestr(part, data)
    return out.getvalue()


def locked_pdf() -> bytes:
    pdfgen = pytest.importorskip("reportlab.pdfgen.canvas")
    out = io.BytesIO()
    canvas = pdfgen.Canvas(out, encrypt="secret")
    canvas.drawString(100, 700, "locked")
    canvas.save()
    return out.getvalue()


HOSTILE = {
    "empty": b"",
    "white": b" \n\t\n",
    "noise": random.Random(7).randbytes(5000),
    "one line of 50 MB": "各单位要落实，".encode() * 2_600_000,
    "json": b'{"items": [1, 2, 3]}',
    "docx with entities": with_part(GOOD[".docx"], "word/document.xml", ENTITIES),
    "xlsx with entities": with_part(GOOD[".xlsx"], "xl/workbook.xml", ENTITIES),
    "ofd with entities": with_part(GOOD[".ofd"], "OFD.xml", ENTITIES),
    "docx that unpacks to 300 MB": with_part(
        GOOD[".docx"], "word/document.xml", b"<a>" + b" " * 300_000_000 + b"</a>"
    ),
    "ole container": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000),
    "locked office": bytes.fromhex("d0cf11e0a1b11ae1")
    + bytes(504)
    + "EncryptedPackage".encode("utf-16-le")
    + bytes(1500),
    "picture that is cut off": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "pptx": zipped(**{"[Content_Types]_xml": b"<Types/>", "ppt__presentation_xml": b"<p/>"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_one_clear_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "文件.txt"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(UnreadableFile) as refused:
        read_source(path)
    said = str(refused.value)
    assert re.search(r"[\u4e00-\u9fff]", said) and "\n" not in said and len(said) < 120


def test_a_locked_pdf_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "文件.pdf"
    path.write_bytes(locked_pdf())
    with pytest.raises(UnreadableFile, match="密码"):
        read_source(path)


@pytest.mark.parametrize("suffix", GOOD)
def test_cut_off_anywhere_is_a_source_or_one_line(tmp_path: Path, suffix: str) -> None:
    data, path = GOOD[suffix], tmp_path / "文件"
    for part in (1, 3, 5, 7, 9):
        path.write_bytes(data[: len(data) * part // 10])
        try:
            assert read_source(path).text.strip()
        except UnreadableFile as refused:
            assert re.search(r"[\u4e00-\u9fff]", str(refused))


@pytest.mark.parametrize("suffix", GOOD)
def test_a_wrong_name_changes_nothing(tmp_path: Path, suffix: str) -> None:
    for wrong in ("文件.txt", "文件.pdf", "文件"):
        (tmp_path / wrong).write_bytes(GOOD[suffix])
        assert len(read_source(tmp_path / wrong).text) > 300


def test_macros_are_not_even_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "文件.docm"
    path.write_bytes(with_part(GOOD[".docx"], "word/vbaProject.bin", b"macro"))
    assert "防汛" in read_source(path).text


def test_a_bad_member_costs_nothing_but_itself(tmp_path: Path) -> None:
    path = tmp_path / "来文.zip"
    path.write_bytes(zipped(**{"好.docx": GOOD[".docx"], "坏.docx": GOOD[".docx"][:5000], "空.txt": b""}))
    read = dict(read_sources(path))
    assert {name.split("/")[-1]: isinstance(source, UnreadableFile) for name, source in read.items()} == {
        "好.docx": False,
        "坏.docx": True,
        "空.txt": True,
    }


def test_a_folder_of_all_of_them_leaves_a_sound_ledger(tmp_path: Path) -> None:
    folder, book = tmp_path / "来文", tmp_path / "台账.db"
    folder.mkdir()
    for number, (name, data) in enumerate(HOSTILE.items()):
        if len(data) < 10_000_000:
            (folder / f"{number}{name[:4]}.bin").write_bytes(data)
    (folder / "好.docx").write_bytes(GOOD[".docx"])
    result = CliRunner().invoke(cli, ["--ledger", str(book), "ingest", str(folder)])
    assert result.exit_code == 1
    assert "Traceback" not in result.output and "程序内部出错" not in result.output
    with Ledger.open(book) as ledger:
        assert [entry.name for entry in ledger.documents()] == ["好.docx"]
