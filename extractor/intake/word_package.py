"""The parts of a Word file that hold text, found as the Open Packaging Conventions say (ISO/IEC 29500-2, 9.3).

Only these parts are ever unpacked: macros, pictures, embedded files and links to the outside are not looked at. That is
why no library opens the package: python-docx reads every part, follows what the package names, and knows neither templates
(.dotx), macro files (.docm) nor ISO 29500 Strict.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.intake.errors import UnreadableFile
from extractor.intake.safe_zip import SafeZip, parse_xml
from extractor.intake.word_xml import W

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MAX_ELEMENTS = 2_000_000
"""XML elements of the document part: ten times what 200 pages have; some seconds of reading."""

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MACRO_MEDIA = "application/vnd.ms-word.document.macroEnabled.12"

ENCRYPTED = "文件有密码，请用 Word 或 WPS 打开，取消密码后另存再试"
NOT_WORD = "不是完整的 Word 文件，请用 Word 或 WPS 打开后另存为 .docx 再试"
TOO_LARGE = "Word 文件内容过多，超出可读取的范围，请拆分后再试"

CONTENT_TYPES = "[Content_Types].xml"
USUAL_MAIN = "word/document.xml"
WORD_TYPES = (
    b"wordprocessingml.document.main+xml",
    b"wordprocessingml.template.main+xml",
    b"ms-word.document.macroEnabled",
    b"ms-word.template.macroEnabled",
)

STRICT = b"http://purl.oclc.org/ooxml/"
TRANSITIONAL = {
    b"wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
}
"""Namespaces of ISO/IEC 29500-1 (Strict), and what Word's usual files (Part 4, Transitional) call the same."""


@dataclass(frozen=True)
class WordParts:
    """The roots of a Word file's parts, None where it has none; its title property ("" if none), its media type."""

    document: Element
    styles: Element | None
    numbering: Element | None
    footnotes: Element | None
    endnotes: Element | None
    title: str
    media: str


def looks_like_docx(data: bytes) -> bool:
    """Whether `data` is a zip that holds a Word document (also .docm, .dotx, Strict), whatever its name."""
    try:
        package = SafeZip(data)
        return package.find(USUAL_MAIN) is not None or any(
            kind in package.read(CONTENT_TYPES) for kind in WORD_TYPES
        )
    except UnreadableFile:
        return False


def is_encrypted(data: bytes) -> bool:
    """Whether `data` is an Office file locked with a password: a package inside an OLE container ([MS-OFFCRYPTO] 2.3.4)."""
    return data.startswith(OLE_MAGIC) and ENCRYPTED_STREAM in data


def open_word(data: bytes) -> WordParts:
    """The parts of the Word file `data`.

    Raises:
        UnreadableFile: if it is locked, broken, no Word file, or beyond the limits here and of `safe_zip`.
    """
    if is_encrypted(data):
        raise UnreadableFile(ENCRYPTED)
    package = SafeZip(data)
    top = _related(package, "")
    main = top.get("officeDocument", USUAL_MAIN)
    document = _root(package, main)
    if document is None or document.tag != f"{W}document":
        raise UnreadableFile(NOT_WORD)
    if sum(1 for _ in document.iter()) > MAX_ELEMENTS:
        raise UnreadableFile(TOO_LARGE)
    related = _related(package, main)
    styles, numbering, footnotes, endnotes = (
        _root(package, related.get(kind)) for kind in ("styles", "numbering", "footnotes", "endnotes")
    )
    core = _root(package, top.get("core-properties"))
    title = "" if core is None else core.findtext("{http://purl.org/dc/elements/1.1/}title", "").strip()
    macros = package.find(CONTENT_TYPES) is not None and b"macroEnabled" in package.read(CONTENT_TYPES)
    return WordParts(
        document, styles, numbering, footnotes, endnotes, title, MACRO_MEDIA if macros else MEDIA
    )


def _root(package: SafeZip, name: str | None) -> Element | None:
    """The root of a part, None where the package has no such part."""
    member = package.find(name) if name else None
    if member is None:
        return None
    xml = package.read(member)
    if STRICT in xml:
        for strict, transitional in TRANSITIONAL.items():
            xml = xml.replace(STRICT + strict, transitional)
    return parse_xml(xml)


def _related(package: SafeZip, part: str) -> dict[str, str]:
    """The parts inside the package that `part` ("" for the package itself) refers to, by the relationship's last word."""
    folder, name = posixpath.split(part)
    member = package.find(posixpath.join(folder, "_rels", f"{name}.rels"))
    found: dict[str, str] = {}
    for relationship in () if member is None else package.read_xml(member):
        if relationship.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relationship.get("Target", "")))
            found.setdefault(relationship.get("Type", "").rpartition("/")[2], target)
    return found
