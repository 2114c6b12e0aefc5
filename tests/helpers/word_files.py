"""Word files written part by part, so that a test says exactly what is in them."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

W_URI = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_URI = "http://purl.oclc.org/ooxml/wordprocessingml/main"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": W_URI,
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "v": "urn:schemas-microsoft-com:vml",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    }.items()
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"


def docx(
    body: str,
    *,
    styles: str = "",
    numbering: str = "",
    footnotes: str = "",
    endnotes: str = "",
    title: str = "",
    main: str = "word/document.xml",
    main_type: str = MAIN_TYPE,
    extra: dict[str, bytes] | None = None,
) -> bytes:
    """A .docx whose `w:body` holds `body`; the other arguments are what their parts' roots hold."""
    contents = {"styles": styles, "numbering": numbering, "footnotes": footnotes, "endnotes": endnotes}
    related = {kind: inner for kind, inner in contents.items() if inner}
    parts = {main: f"<w:document {NAMESPACES}><w:body>{body}<w:sectPr/></w:body></w:document>"}
    parts |= {
        f"word/{kind}.xml": f"<w:{kind} {NAMESPACES}>{inner}</w:{kind}>" for kind, inner in related.items()
    }
    folder, _, name = main.rpartition("/")
    parts[f"{folder}/_rels/{name}.rels"] = _relations(
        [(OFFICE + kind, f"/word/{kind}.xml", "") for kind in related]
    )
    top = [(f"{OFFICE}officeDocument", main, "")]
    if title:
        top.append(
            (
                "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
                "core.xml",
                "",
            )
        )
        parts["core.xml"] = (
            '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></cp:coreProperties>'
        )
    parts["_rels/.rels"] = _relations(top)
    parts["[Content_Types].xml"] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{main_type}"/>'
        + "".join(
            f'<Override PartName="/word/{kind}.xml" ContentType="{MAIN_TYPE.replace("document.main", kind)}"/>'
            for kind in related
        )
        + "</Types>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, xml in parts.items():
            archive.writestr(part, f'<?xml version="1.0" encoding="UTF-8"?>{xml}')
        for part, data in (extra or {}).items():
            archive.writestr(part, data)
    return packed.getvalue()


def _relations(targets: list[tuple[str, str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{i}" Type="{kind}" Target="{target}"{more}/>'
        for i, (kind, target, more) in enumerate(targets)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r>{f"<w:rPr>{properties}</w:rPr>" if properties else ""}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def p(*content: str, style: str = "", num: tuple[int, int] | None = None, mark: str = "") -> str:
    """A paragraph of runs (text that is no markup becomes a run), with style, list and level, properties of its mark."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if num is not None:
        properties += f'<w:numPr><w:ilvl w:val="{num[1]}"/><w:numId w:val="{num[0]}"/></w:numPr>'
    properties += f"<w:rPr>{mark}</w:rPr>" if mark else ""
    runs = "".join(each if each.startswith("<") else run(each) for each in content)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{runs}</w:p>"


def field(instruction: str, *result: str) -> str:
    """A complex field; without a result where none is given."""
    shown = "<w:r><w:fldChar w:fldCharType='separate'/></w:r>" + "".join(result) if result else ""
    return (
        "<w:r><w:fldChar w:fldCharType='begin'/></w:r>"
        f"<w:r><w:instrText xml:space='preserve'>{escape(instruction)}</w:instrText></w:r>"
        f"{shown}<w:r><w:fldChar w:fldCharType='end'/></w:r>"
    )


def text_box(content: str) -> str:
    """A text box as Word stores it: once as DrawingML, once more as VML for older programs."""
    box = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        "<w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><wps:txbx>{box}</wps:txbx></a:graphic></wp:anchor></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def tc(*content: str, span: int = 1, merge: str = "") -> str:
    """A cell: its paragraphs, how many columns it takes, `restart` or `continue` of a merge downwards."""
    properties = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties += {"": "", "continue": "<w:vMerge/>"}.get(merge, f'<w:vMerge w:val="{merge}"/>')
    blocks = (
        "".join(each if each.startswith(("<w:p>", "<w:tbl>")) else p(each) for each in content) or "<w:p/>"
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{blocks}</w:tc>"


def tbl(*rows: str) -> str:
    """A table of rows, each the cells between them."""
    return f"<w:tbl>{''.join(row if row.startswith('<w:tr>') else f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def level(
    depth: int,
    number_format: str,
    text: str,
    *,
    start: int | None = 1,
    suffix: str = "nothing",
    more: str = "",
    rpr: str = "",
) -> str:
    """A level of a list definition."""
    begins = "" if start is None else f'<w:start w:val="{start}"/>'
    return (
        f'<w:lvl w:ilvl="{depth}">{begins}<w:numFmt w:val="{number_format}"/>{more}<w:suff w:val="{suffix}"/>'
        f"<w:lvlText w:val={quoteattr(text)}/>{f'<w:rPr>{rpr}</w:rPr>' if rpr else ''}</w:lvl>"
    )


def definition(abstract_id: int, *levels: str, more: str = "") -> str:
    """An abstract list definition."""
    inner = "".join(levels)
    return f'<w:abstractNum w:abstractNumId="{abstract_id}"><w:multiLevelType w:val="multilevel"/>{more}{inner}</w:abstractNum>'


def listing(list_id: int, abstract_id: int, overrides: str = "") -> str:
    """A list that paragraphs can name."""
    return f'<w:num w:numId="{list_id}"><w:abstractNumId w:val="{abstract_id}"/>{overrides}</w:num>'


def needs(program: str | None, what: str) -> None:
    """Skip the running test where a program is missing, unless TAIZHANG_ALL_TESTS is set."""
    if program is None and not os.environ.get("TAIZHANG_ALL_TESTS"):
        pytest.skip(f"{what} is not installed")


def convert(data: bytes, suffix: str, filters: str) -> bytes:
    """`data`, a file of the given suffix, as LibreOffice exports it through `filters` ("txt:Text (encoded):UTF8")."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    needs(program, "LibreOffice")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"source.{suffix}")
        source.write_bytes(data)
        subprocess.run(
            [
                *(str(program), f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless"),
                *("--convert-to", filters, "--outdir", f"{folder}/out", str(source)),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return Path(folder, "out", f"source.{filters.partition(':')[0]}").read_bytes()
