"""Formats that LibreOffice turns into .docx; that it runs safely is shown with programs that stand in for it."""

from __future__ import annotations

import http.server
import io
import os
import stat
import struct
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractor.intake import UnreadableFile, office
from extractor.intake.office import convertible, find_libreoffice, read_office
from extractor.intake.word import read_docx
from extractor.model import Place, Span
from tests.helpers.word_files import convert, definition, docx, level, listing, needs, p, tbl, tc

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ODT = "application/vnd.oasis.opendocument.text"


def ole(stream: str, head: bytes = b"") -> bytes:
    """An OLE container ([MS-CFB]) as far as it is looked at: one directory entry, and the beginning of its stream."""
    header = bytearray(OLE + bytes(504))
    struct.pack_into("<H", header, 30, 9)
    entry = bytearray(512)
    name = stream.encode("utf-16-le")
    entry[: len(name)] = name
    struct.pack_into("<I", entry, 116, 1)
    return bytes(header) + bytes(entry) + head.ljust(512, b"\0")


def odt(content: str, **more: str) -> bytes:
    """An OpenDocument text whose body holds `content`."""
    packed = io.BytesIO()
    namespaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
        for prefix, uri in {"office": "office", "text": "text", "draw": "drawing", "script": "script"}.items()
    )
    namespaces += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", ODT)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODT}"/>'
            f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
            f"{more.get('manifest', '')}</manifest:file-entry></manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content {namespaces} office:version="1.2"><office:body><office:text>{content}'
            "</office:text></office:body></office:document-content>",
        )
    return packed.getvalue()


LOCKED_HEAD = struct.pack("<5HH", 0xA5EC, 193, 0, 0, 0, 0x0100)
OPEN_HEAD = struct.pack("<5HH", 0xA5EC, 193, 0, 0, 0, 0)
KINDS = [
    (ole("WordDocument", OPEN_HEAD), "doc"),  # .wps of Kingsoft is the same
    (ole("Workbook"), None),
    (ole("EncryptedPackage"), "locked"),
    (OLE, None),
    (OLE + "xWordDocument".encode("utf-16-le"), None),  # the name somewhere, but no directory entry
    (b"{\\rtf1\\ansi}", "rtf"),
    (b"\xef\xbb\xbf\r\n{\\rtf1}", "rtf"),
    (b"{\\rt", None),
    (odt(""), "odt"),
    (docx(p("甲")), None),
    (b"", None),
    ("一、甲".encode(), None),
]


@pytest.mark.parametrize(("data", "kind"), KINDS)
def test_formats_are_known_by_content(data: bytes, kind: str | None) -> None:
    assert convertible(data) == kind


LOCKED = [
    ole("WordDocument", LOCKED_HEAD),
    ole("EncryptedPackage"),
    odt("", manifest="<manifest:encryption-data/>"),
]


@pytest.mark.parametrize("data", LOCKED)
def test_a_password_is_named_before_libreoffice_is_tried(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "find_libreoffice", lambda: None)
    with pytest.raises(UnreadableFile, match="文件有密码"):
        read_office(data, "a.doc")


def test_without_libreoffice_a_person_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "PROGRAMS", ("no-such-program",))
    monkeypatch.setattr(office, "USUAL_PLACES", ())
    assert find_libreoffice() is None
    with pytest.raises(UnreadableFile, match=r"请安装后再试，或用 Word、WPS 另存为 \.docx"):
        read_office(b"{\\rtf1}", "a.rtf")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which a test puts the Python program `program.py`, which runs in LibreOffice's place."""
    if sys.platform == "win32":
        pytest.skip("the stand-in for LibreOffice is a shell script")
    script = tmp_path / "soffice"
    script.write_text(f'#!/bin/sh\n"{sys.executable}" "{tmp_path}/program.py" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(office, "find_libreoffice", lambda: script)
    yield tmp_path


def test_libreoffice_runs_in_a_profile_of_its_own_without_macros(stand_in: Path) -> None:
    (stand_in / "converted.docx").write_bytes(docx(p("甲")))
    (stand_in / "program.py").write_text(
        "import pathlib, shutil, sys, urllib.parse\n"
        f"here = pathlib.Path({str(stand_in)!r})\n"
        "profile = next(a.partition('=')[2] for a in sys.argv if a.startswith('-env:UserInstallation='))\n"
        "settings = pathlib.Path(urllib.parse.urlparse(profile).path, 'user', 'registrymodifications.xcu')\n"
        "shutil.copy(settings, here / 'settings.xcu')\n"
        "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1])\n"
        "out.mkdir()\n"
        "shutil.copy(here / 'converted.docx', out / 'source.docx')\n"
        "(here / 'ran.txt').write_text('\\n'.join([str(out), *sys.argv]))\n"
    )
    data = ole("WordDocument", OPEN_HEAD)
    source = read_office(data, "../通知.doc")
    assert (source.text, source.data, source.media) == ("甲", data, "application/msword")
    assert source.sha256 != read_docx(docx(p("甲")), "a").sha256
    out, *arguments = (stand_in / "ran.txt").read_text().split("\n")
    assert "--headless" in arguments
    assert not any(
        "通知" in argument for argument in arguments
    )  # the file's own name never reaches a command line
    assert not Path(out).parent.exists()  # nothing is left behind
    settings = (stand_in / "settings.xcu").read_text()
    assert 'name="DisableMacrosExecution" oor:op="fuse"><value>true' in settings
    assert 'name="MacroSecurityLevel" oor:op="fuse"><value>3' in settings


def test_a_conversion_that_hangs_is_ended_with_its_children(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "CONVERSION_SECONDS", 1)
    (stand_in / "program.py").write_text(
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(stand_in)!r}, 'pids').write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(60)\n"
    )
    with pytest.raises(UnreadableFile, match="已停止"):
        read_office(b"{\\rtf1}", "a.rtf")
    pids = [int(pid) for pid in (stand_in / "pids").read_text().split()]
    deadline = time.monotonic() + 30
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, pids))


def alive(pid: int) -> bool:
    """Whether a process still runs; one that nobody has waited for yet does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_conversion_that_yields_nothing_is_refused(stand_in: Path) -> None:
    (stand_in / "program.py").write_text("raise SystemExit(1)\n")
    with pytest.raises(UnreadableFile, match="LibreOffice 无法打开此文件"):
        read_office(b"{\\rtf1}", "a.rtf")


CIRCULAR = docx(
    p("关于做好青山县防汛工作的通知")
    + p("总体要求", num=(1, 0))
    + p("排查隐患", num=(1, 1))
    + p("6月底前完成河道清障。", num=(1, 2))
    + p("组织演练", num=(1, 1))
    + p("每季度至少演练1次。", num=(1, 2))
    + p("保障措施", num=(1, 0))
    + tbl(
        tc("任务") + tc("牵头单位"),
        tc("演练", merge="restart") + tc("应急局"),
        tc(merge="continue") + tc("水务局"),
    )
    + p("<w:r><w:t>密</w:t></w:r>".replace("<w:t>", "<w:rPr><w:vanish/></w:rPr><w:t>"), "青山县人民政府"),
    numbering=definition(
        1,
        level(0, "chineseCounting", "%1、"),
        level(1, "chineseCounting", "（%2）"),
        level(2, "decimal", "%3."),
    )
    + listing(1, 1),
)


@pytest.mark.parametrize(
    ("suffix", "filters", "media"),
    [("doc", "doc:MS Word 97", "application/msword"), ("odt", "odt:writer8", ODT)],
)
def test_the_same_text_as_the_docx_it_was(suffix: str, filters: str, media: str) -> None:
    data = convert(CIRCULAR, "docx", filters)
    assert convertible(data) == suffix
    ours, original = read_office(data, f"通知.{suffix}"), read_docx(CIRCULAR, "通知.docx")
    assert ours.text == original.text
    assert (
        "（二）组织演练\n1.每季度至少演练1次。\n二、保障措施\n任务\t牵头单位\n演练\t应急局\n水务局\n青山县人民政府"
        in ours.text
    )
    assert [cell.rows for cell in ours.tables[0].cells] == [1, 1, 2, 1, 1]
    at = ours.text.index("应急局")
    assert ours.locate(Span(at, at + 3)) == Place(table=1, row=2, cell=2)
    assert (ours.data, ours.media) == (data, media)


def test_rich_text_in_the_national_encoding_with_automatic_numbers() -> None:
    needs(str(find_libreoffice() or "") or None, "LibreOffice")

    def gbk(text: str) -> str:
        return "".join(f"\\'{byte:02x}" for byte in text.encode("gbk"))

    numbers = (
        "{\\*\\listtable{\\list\\listtemplateid1{\\listlevel\\levelnfc39\\levelstartat1\\levelfollow2"
        "{\\leveltext\\'02\\'00\\u12289 ?;}{\\levelnumbers\\'01;}}\\listid7}}"
        "{\\*\\listoverridetable{\\listoverride\\listid7\\listoverridecount0\\ls1}}"
    )
    body = f"{gbk('关于防汛的通知')}\\par\\ls1\\ilvl0 {gbk('排查隐患')}\\par {gbk('组织演练')}\\par"
    data = (
        f"{{\\rtf1\\ansi\\ansicpg936\\deff0{{\\fonttbl{{\\f0\\fcharset134 SimSun;}}}}{numbers}\\f0 {body}}}"
    )
    source = read_office(data.encode("ascii"), "通知.rtf")
    assert source.text == "关于防汛的通知\n一、排查隐患\n二、组织演练"
    assert source.media == "application/rtf"


BROKEN = [OLE + bytes(3000), ole("WordDocument", OPEN_HEAD), b"{\\rtf1 \\u", odt("<broken")]


@pytest.mark.parametrize("data", BROKEN)
def test_broken_files_are_refused_in_one_line(data: bytes) -> None:
    needs(str(find_libreoffice() or "") or None, "LibreOffice")
    with pytest.raises(UnreadableFile) as refused:
        read_office(data, "a.doc")
    assert "\n" not in str(refused.value)


def test_nothing_is_fetched() -> None:
    """A picture, an included section and a template that lie on a server are not asked for."""
    needs(str(find_libreoffice() or "") or None, "LibreOffice")
    asked: list[bytes] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline())

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        data = odt(
            "<text:p>甲<draw:frame text:anchor-type='as-char'>"
            f"<draw:image xlink:type='simple' xlink:href='{address}/a.png' xlink:actuate='onLoad'/></draw:frame></text:p>"
            f"<text:section text:name='s'><text:section-source xlink:href='{address}/b.odt'/><text:p>乙</text:p></text:section>"
        )
        assert read_office(data, "a.odt").text == "甲\n乙"
        server.shutdown()
    assert asked == []
