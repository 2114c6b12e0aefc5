"""What can be read on this machine, and what is missing for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from extractor.intake.office import find_libreoffice

INSTALL_LIBREOFFICE = "需要安装 LibreOffice"
INSTALL_EXTRA = "需要安装 pip install taizhang[{extra}]"
INSTALL_AGAIN = "缺少程序库 {modules}，请重新安装 taizhang"


@dataclass(frozen=True, slots=True)
class Format:
    """A format and what reading it takes: modules, those of an extra named by it, and whether LibreOffice converts it."""

    name: str
    suffixes: tuple[str, ...]
    modules: tuple[str, ...] = ()
    extra: str | None = None
    libreoffice: bool = False


FORMATS = (
    Format("纯文本", (".txt",)),
    Format("网页 HTML", (".html", ".htm"), ("lxml",)),
    Format("网页存档 MHTML", (".mhtml", ".mht"), ("lxml",)),
    Format("Word .docx", (".docx", ".docm"), ("lxml",)),
    Format("旧版 Word/WPS .doc .wps", (".doc", ".wps"), ("lxml",), libreoffice=True),
    Format("RTF", (".rtf",), ("lxml",), libreoffice=True),
    Format("ODT", (".odt",), ("lxml",), libreoffice=True),
    Format("PDF", (".pdf",), ("pypdfium2", "pdfplumber")),
    Format(
        "扫描 PDF 与图片",
        (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"),
        ("pypdfium2", "rapidocr", "onnxruntime", "cv2"),
        extra="ocr",
    ),
    Format("OFD", (".ofd",), ("lxml", "pdfplumber")),
    Format("Excel .xlsx", (".xlsx", ".xlsm"), ("openpyxl",)),
    Format("CSV", (".csv", ".tsv")),
    Format("ZIP", (".zip",)),
)
"""Suffixes are for people: what a file is, its content decides."""


@dataclass(frozen=True, slots=True)
class FormatStatus:
    """Whether a format can be read here; `missing` says in Chinese what to install, and is empty where nothing is."""

    name: str
    suffixes: tuple[str, ...]
    readable: bool
    missing: str


def availability() -> list[FormatStatus]:
    """The formats, each with what is missing for it. Looks for modules and programs without loading them."""
    return [_status(each) for each in FORMATS]


def _status(each: Format) -> FormatStatus:
    missing = _missing(each)
    return FormatStatus(each.name, each.suffixes, not missing, missing)


def _missing(each: Format) -> str:
    modules = [module for module in each.modules if find_spec(module) is None]
    if modules and each.extra:
        return INSTALL_EXTRA.format(extra=each.extra)
    if modules:
        return INSTALL_AGAIN.format(modules="、".join(modules))
    return INSTALL_LIBREOFFICE if each.libreoffice and find_libreoffice() is None else ""
