"""Broken, locked, wrongly named and hostile files: one clear line each, nothing hung, nothing half stored."""

from __future__ import annotations

import io
import random
import re
import sqlite3
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from reportlab.pdfgen.canvas import Canvas

from extractor.cli import cli
from extractor.intake import UnreadableFile, read_source, read_sources
from extractor.ledger import Ledger
from tests.conftest import CORPUS
from tests.helpers.word_files import MACRO_TYPE, docx, p

FORMATS = CORPUS / "formats"
GOOD = {
    suffix: (FORMATS / f"10-notice-events{suffix}").read_bytes()
    for suffix in (".docx", ".pdf", ".ofd", ".html", ".mhtml")
} | {".xlsx": (FORMATS / "12-task-table.xlsx").read_bytes()}
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "%s">%s]><a>&z;</a>' % (
    b"x" * 1000,
    b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 30) for c in range(ord("c"), ord("z") + 1)),
)


CUTS = 40
"""Points at which each format is cut off, besides those right behind its beginning and before its end."""
ENCRYPTED = 0x1


def is_one_clear_line(said: object) -> bool:
    text = str(said)
    return bool(re.search(r"[\u4e00-\u9fff]", text)) and "\n" not in text and len(text) < 120


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
    out = io.BytesIO()
    canvas = Canvas(out, encrypt="secret")
    canvas.drawString(100, 700, "locked")
    canvas.save()
    return out.getvalue()


def locked_zip() -> bytes:
    """A zip whose member says that it needs a password."""
    data = bytearray(zipped(**{"a.txt": b"0" * 100}))
    data[6] |= ENCRYPTED
    data[data.index(b"PK\x01\x02") + 8] |= ENCRYPTED
    return bytes(data)


def bomb() -> bytes:
    return zipped(**{"a.txt": b"0" * 300_000_000})


MANY_BYTES = 10_000_000
OTHER_OFD = (FORMATS / "02-work-points-subjects.ofd").read_bytes()
MAGIC = (
    *(
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"II*\0",
        b"BM",
    ),
    *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MIME-Version: 1.0\n"),
)
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
    "docx with entities in UTF-16": with_part(
        GOOD[".docx"], "word/document.xml", ENTITIES.decode().encode("utf-16")
    ),
    "zip bomb": bomb(),
    "locked zip": locked_zip(),
    "locked pdf": locked_pdf(),
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
    assert is_one_clear_line(refused.value)
    assert ("密码" in str(refused.value)) == name.startswith("locked")


def test_a_folder_and_what_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "没有.docx"):
        with pytest.raises(UnreadableFile) as refused:
            read_source(path)
        assert is_one_clear_line(refused.value)


@pytest.mark.parametrize("magic", MAGIC, ids=repr)
def test_noise_behind_a_good_beginning(tmp_path: Path, magic: bytes) -> None:
    path = tmp_path / "文件"
    path.write_bytes(magic + random.Random(3).randbytes(20_000))
    with pytest.raises(UnreadableFile) as refused:
        read_source(path)
    assert is_one_clear_line(refused.value)


@pytest.mark.parametrize("suffix", GOOD)
def test_cut_off_anywhere_is_one_line_and_never_half_a_circular(tmp_path: Path, suffix: str) -> None:
    """What is cut off behind all of its text may still be read.

    A page cut off right behind a tag looks like one whose author left out the closing tags, as HTML lets them.
    """
    data, path = GOOD[suffix], tmp_path / "文件"
    path.write_bytes(data)
    whole = read_source(path).text.split()
    ends = {len(data) * cut // CUTS for cut in range(1, CUTS)} | {100, len(data) - 20, len(data) - 1}
    for end in sorted(ends):
        if suffix == ".html" and data[:end].rstrip().endswith(b">"):
            continue
        path.write_bytes(data[:end])
        try:
            assert read_source(path).text.split() == whole, end
        except UnreadableFile as refused:
            assert is_one_clear_line(refused)


@pytest.mark.parametrize("suffix", GOOD)
def test_a_wrong_name_changes_nothing(tmp_path: Path, suffix: str) -> None:
    def text_as(name: str) -> str:
        (tmp_path / name).write_bytes(GOOD[suffix])
        return read_source(tmp_path / name).text

    assert (
        len(
            {
                text_as(name)
                for name in (f"文件{suffix}", "文件.txt", "文件.pdf", "文件.docx", "文件.zip", "文件")
            }
        )
        == 1
    )


def test_macros_are_not_even_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "文件.docm"
    body = p("一、各单位要落实责任。")
    path.write_bytes(
        docx(body, main_type=MACRO_TYPE, extra={"word/vbaProject.bin": random.Random(5).randbytes(900)})
    )
    assert read_source(path).text.strip() == "一、各单位要落实责任。"


def test_an_entity_in_a_page_is_never_expanded(tmp_path: Path) -> None:
    path = tmp_path / "网页.html"
    path.write_bytes(ENTITIES.replace(b"<a>&z;</a>", b"<html><body><p>&z;</p></body></html>"))
    try:
        assert len(read_source(path).text) < 10 * len(ENTITIES)
    except UnreadableFile as refused:
        assert is_one_clear_line(refused)


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
    """Good ones in, bad ones each named with a reason, and nothing of these in the ledger."""
    folder, book = tmp_path / "来文", tmp_path / "台账.db"
    (folder / "网页").mkdir(parents=True)
    bad = {f"坏{number}.docx": data for number, data in enumerate(HOSTILE.values()) if len(data) < MANY_BYTES}
    bad |= {f"断{suffix}": data[: len(data) // 2] for suffix, data in GOOD.items()}
    good = {f"好{suffix}": data for suffix, data in GOOD.items()}
    for name, data in (bad | good).items():
        (folder / name).write_bytes(data)
    (folder / "网页" / "来文.zip").write_bytes(zipped(**{"里.ofd": OTHER_OFD, "里.docx": b"PK"}))

    result = CliRunner().invoke(cli, ["--ledger", str(book), "ingest", str(folder)])

    assert result.exit_code == 1
    assert "Traceback" not in result.output and "程序内部出错" not in result.output
    lines = result.output.splitlines()
    for name in (*bad, "里.docx"):
        assert any(name in line and is_one_clear_line(line.split("：", 1)[-1]) for line in lines), name
    with Ledger.open(book) as ledger:
        assert {entry.name.split("/")[-1] for entry in ledger.documents()} == {*good, "里.ofd"}
    with sqlite3.connect(book) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
