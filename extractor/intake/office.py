"""Formats of word processors other than .docx (.doc, .wps, .rtf, .odt): LibreOffice turns them into .docx, which is read.

LibreOffice runs without a window in a profile of its own, made for one file and thrown away: no macros, no links to the
outside, no network, and a time limit after which it is ended with all its children.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from extractor.intake.errors import NotInstalled, UnreadableFile
from extractor.intake.safe_zip import SafeZip
from extractor.intake.word import read_docx
from extractor.intake.word_package import ENCRYPTED, OLE_MAGIC, is_encrypted
from extractor.model import Source

Kind = Literal["doc", "rtf", "odt", "locked"]

CONVERSION_SECONDS = 60
"""LibreOffice needs 1–3 s for a file, 20 s for its first start on a slow disk."""
KILL_SECONDS = 5
"""How long the ended processes may take to be gone."""

PROGRAMS = ("soffice", "libreoffice")
USUAL_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "/opt/libreoffice/program/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
    "C:/Program Files (x86)/LibreOffice/program/soffice.com",
)

MEDIA = {
    "doc": "application/msword",
    "rtf": "application/rtf",
    "odt": "application/vnd.oasis.opendocument.text",
}

NO_PROGRAM = ("读取 .doc、.wps、.rtf、.odt 需要 LibreOffice", "请安装后再试", "用 Word、WPS 另存为 .docx")
NOT_CONVERTED = "LibreOffice 无法打开此文件（可能已损坏），请用 Word 或 WPS 另存为 .docx 再试"
TOO_SLOW = f"LibreOffice 转换超过 {CONVERSION_SECONDS} 秒，已停止，请用 Word 或 WPS 另存为 .docx 再试"

RTF_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,16}\{\\rtf")
WORD_STREAM = "WordDocument".encode("utf-16-le")
DIRECTORY_ENTRY = 128
"""Bytes of an entry in an OLE container's directory ([MS-CFB] 2.6.1), which holds name, first sector and size of a stream."""
ENCRYPTED_FLAG = 0x0100
"""fEncrypted among the flags at offset 10 of that stream ([MS-DOC] 2.5.2)."""

ODT_TYPES = (b"application/vnd.oasis.opendocument.text", b"application/vnd.oasis.opendocument.text-template")
ODT_MANIFEST = "META-INF/manifest.xml"

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{items}
</oor:items>
"""
SETTINGS = (
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
"""Macros never run, linked content is not fetched; what would be fetched all the same goes to a port nobody listens on."""
OPTIONS = (
    "--headless",
    "--invisible",
    "--norestore",
    "--nolockcheck",
    "--nodefault",
    "--nologo",
    "--nofirststartwizard",
)


def convertible(data: bytes) -> Kind | None:
    """Which of the formats that go through LibreOffice `data` is, by content; `locked` is an encrypted .docx or .xlsx."""
    if data.startswith(OLE_MAGIC):
        if is_encrypted(data):
            return "locked"
        return "doc" if _word_stream(data) is not None else None
    if RTF_HEAD.match(data):
        return "rtf"
    return "odt" if _is_odt(data) else None


def find_libreoffice() -> Path | None:
    """The LibreOffice program on PATH or where it is usually installed, None where there is none."""
    on_path = (shutil.which(program) for program in PROGRAMS)
    found = next((path for path in on_path if path), None) or next(
        (p for p in USUAL_PLACES if Path(p).is_file()), None
    )
    return Path(found) if found else None


def read_office(data: bytes, name: str) -> Source:
    """A .doc, .wps, .rtf or .odt file as a Source, by way of LibreOffice; its bytes stay the original's.

    Raises:
        UnreadableFile: if it is locked with a password or broken, or LibreOffice is missing, fails or takes too long.
    """
    kind = convertible(data)
    if kind is None:
        raise UnreadableFile(NOT_CONVERTED)
    if kind == "locked" or _is_locked(data, kind):
        raise UnreadableFile(ENCRYPTED)
    program = find_libreoffice()
    if program is None:
        raise NotInstalled(*NO_PROGRAM)
    with tempfile.TemporaryDirectory(prefix="taizhang-", ignore_cleanup_errors=True) as folder:
        converted = _convert(program, data, kind, Path(folder))
    return replace(read_docx(converted, name), data=data, media=MEDIA[kind], sha256="")


def _word_stream(data: bytes) -> bytes | None:
    """The beginning of the stream `WordDocument` of an OLE container, None where it has none.

    The directory's entries lie on multiples of 128 bytes, so that the one with this name is found without walking the
    container's chains, which a hostile file may close into a circle.
    """
    at = data.find(WORD_STREAM)
    while at >= 0 and at % DIRECTORY_ENTRY:
        at = data.find(WORD_STREAM, at + 1)
    if at < 0 or at + DIRECTORY_ENTRY > len(data) or len(data) < 512:
        return None
    (sector_shift,) = struct.unpack_from("<H", data, 30)
    (first_sector,) = struct.unpack_from("<I", data, at + 116)
    start = (first_sector + 1) << min(sector_shift, 16)
    return data[start : start + 512]


def _is_locked(data: bytes, kind: Kind) -> bool:
    if kind == "doc":
        head = _word_stream(data) or b""
        return len(head) >= 12 and bool(struct.unpack_from("<H", head, 10)[0] & ENCRYPTED_FLAG)
    if kind == "odt":
        package = SafeZip(data)
        return package.find(ODT_MANIFEST) is not None and b"encryption-data" in package.read(ODT_MANIFEST)
    return False


def _is_odt(data: bytes) -> bool:
    try:
        package = SafeZip(data)
        return package.find("mimetype") is not None and package.read("mimetype").strip() in ODT_TYPES
    except UnreadableFile:
        return False


def _convert(program: Path, data: bytes, kind: str, folder: Path) -> bytes:
    """`data` as .docx, converted inside `folder`."""
    source, profile, out = folder / f"source.{kind}", folder / "profile", folder / "out"
    source.write_bytes(data)
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_profile(), "utf-8")
    command = [str(program), f"-env:UserInstallation={profile.as_uri()}", *OPTIONS]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(out), str(source)]
    _run(command, folder)
    try:
        return (out / "source.docx").read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(NOT_CONVERTED) from None


def _profile() -> str:
    items = "\n".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{setting}</value></prop></item>'
        for path, name, setting in SETTINGS
    )
    return PROFILE.format(items=items)


def _run(command: list[str], folder: Path) -> None:
    """Run `command` within the time limit in a process group of its own, which is ended whole."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise NotInstalled(*NO_PROGRAM) from None
    try:
        process.wait(CONVERSION_SECONDS)
    except subprocess.TimeoutExpired:
        raise UnreadableFile(TOO_SLOW) from None
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End `process` and its children, for soffice is a script that starts the program proper."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(KILL_SECONDS)
