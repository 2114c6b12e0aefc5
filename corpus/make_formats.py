"""Make the samples in every format: `python corpus/make_formats.py` writes corpus/formats/ from the circulars beside it.

Each sample is what an office would send: the same words as the text, the look and the quirks of its format. LibreOffice
(.pdf, .doc, .rtf, .odt), Chromium (.pdf of the web page) and CJK fonts are needed here, and nowhere in the tests: what is
made is committed.
"""

from __future__ import annotations

import csv
import io
import quopri
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from html import escape
from math import cos, pi, sin
from pathlib import Path
from typing import Any, Literal

import numpy
import pypdfium2
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from PIL import Image, ImageDraw, ImageFilter, ImageFont

CORPUS = Path(__file__).parent
FORMATS = CORPUS / "formats"
sys.path.insert(0, str(CORPUS.parent))
from tests import ofd_writer as ofd  # noqa: E402 (the writer of OFD samples belongs to the tests)

Kind = Literal["centred", "flush", "section", "item", "point", "body", "right", "tail"]

NUMBERED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("section", re.compile(r"[一二三四五六七八九十]+、")),
    ("item", re.compile(r"[（(][一二三四五六七八九十]+[）)]")),
    ("point", re.compile(r"\d+\.")),
)
DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
SEAL_FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"
SEED = 9704
SCANNED_DPI, JPEG_QUALITY = 200, 42


@dataclass(frozen=True)
class Line:
    """A paragraph of a circular: how it is set, and its number apart from the rest where it has one."""

    kind: Kind
    number: str
    words: str

    @property
    def text(self) -> str:
        """The paragraph as printed."""
        return self.number + self.words


def lines_of(name: str) -> list[Line]:
    """The paragraphs of `corpus/NAME.txt`."""
    raw = [line for line in (CORPUS / f"{name}.txt").read_text("utf-8").split("\n") if line.strip()]
    return [_line(raw, at) for at in range(len(raw))]


def _line(raw: Sequence[str], at: int) -> Line:
    text = raw[at].strip()
    if raw[at].startswith(" "):
        return Line("tail", "", text)
    for kind, number in NUMBERED:
        if found := number.match(text):
            return Line(kind, found[0], text[found.end() :])
    before_date = at + 1 < len(raw) and DATE.fullmatch(raw[at + 1])
    if DATE.fullmatch(text) or before_date:
        return Line("right", "", text)
    if text.endswith(("：", ":")) and "。" not in text:
        return Line("flush", "", text)
    if not re.search(r"[。，；：,;:]|^[（(]", text):
        return Line("centred", "", text)
    return Line("body", "", text)


def titles(lines: Sequence[Line]) -> list[str]:
    """The lines of the circular's own title: the centred ones up to a document number, or the first after it."""
    first = 1 if "〕" in lines[0].words else 0
    found = []
    for line in lines[first:]:
        found.append(line.words)
        if line.words.endswith(("通知", "要点")):
            break
    return found


# ---------------------------------------------------------------- Word


def word_file(lines: Sequence[Line], style: Literal["typed", "styles", "levels", "restarts"]) -> bytes:
    """A circular as a Word file; its numbers typed, or computed by Word in one of the ways that offices end up with.

    `styles`: the list hangs on paragraph styles, （一） runs on across sections. `levels`: paragraphs name list and level.
    `restarts`: a list a section, begun again by an override of a definition that starts elsewhere.
    """
    document = _gb_word()
    if style != "typed":
        _define_lists(document, style)
    restarts = 0
    for line in lines:
        automatic = style != "typed" and line.kind in ("section", "item", "point")
        paragraph = document.add_paragraph()
        runs = line.words if automatic else line.text
        head, stop, rest = runs.partition("。")
        if line.kind in ("item", "point") and stop:
            paragraph.add_run(head + stop).bold = True
            paragraph.add_run(rest)
        else:
            paragraph.add_run(runs)
        _set_paragraph(paragraph, line, indented=not automatic)
        restarts += line.kind == "section"
        if automatic:
            _number(document, paragraph, line.kind, style, restarts)
    return _saved(document)


def _gb_word() -> Any:
    """An empty document with the page of GB/T 9704: 156 × 225 mm of text, 22 lines of 28 characters, — 1 — at the foot."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = document.styles["Normal"]
    normal.font.size, normal.font.name = Pt(16), "Times New Roman"
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Serif CJK SC")
    form = normal.paragraph_format
    form.line_spacing_rule, form.line_spacing, form.space_after = WD_LINE_SPACING.EXACTLY, Pt(28.9), Pt(0)
    _page_number(section)
    return document


def _page_number(section: Any) -> None:
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("— ")
    field = foot.add_run()
    for kind in ("begin", "PAGE", "end"):
        made = field._r.makeelement(qn("w:instrText" if kind == "PAGE" else "w:fldChar"), {})
        if kind == "PAGE":
            made.text = kind
        else:
            made.set(qn("w:fldCharType"), kind)
        field._r.append(made)
    foot.add_run(" —")


def _set_paragraph(paragraph: Any, line: Line, *, indented: bool) -> None:
    form = paragraph.paragraph_format
    if line.kind == "centred":
        form.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for run in paragraph.runs:
            run.font.size = Pt(16 if "〕" in line.words or line.words.startswith("(") else 22)
        form.line_spacing = Pt(34)
    elif line.kind == "right":
        form.alignment, form.right_indent = WD_ALIGN_PARAGRAPH.RIGHT, Pt(64)
    elif line.kind == "tail":
        form.left_indent = Pt(80)
    elif indented and line.kind != "flush":
        form.first_line_indent = Pt(32)
    if line.kind == "section":
        for run in paragraph.runs:
            run.bold = True


STYLES = {"section": "GW1", "item": "GW2", "point": "GW3"}


def _define_lists(document: Any, style: str) -> None:
    """Replace the lists of the template by ours."""
    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    if style == "styles":
        levels = [
            _level(0, "chineseCountingThousand", "%1、", style=STYLES["section"]),
            _level(
                1, "chineseCountingThousand", "（%2）", style=STYLES["item"], more='<w:lvlRestart w:val="0"/>'
            ),
            _level(2, "decimal", "%3.", style=STYLES["point"]),
        ]
        _add(numbering, _definition(1, levels), _list(1, 1))
        for level, name in enumerate(STYLES.values()):
            made = document.styles.add_style(name, 1)
            made.base_style = document.styles["Normal"]
            place = "" if level == 0 else f'<w:ilvl w:val="{level}"/>'
            made.element.get_or_add_pPr().append(
                parse_xml(f'<w:numPr {nsdecls("w")}>{place}<w:numId w:val="1"/></w:numPr>')
            )
    elif style == "levels":
        levels = [_level(0, "chineseCounting", "%1、"), _level(1, "decimal", "%2.")]
        _add(numbering, _definition(1, levels), _list(1, 1))
    else:
        _add(numbering, _definition(1, [_level(0, "japaneseCounting", "%1、")]))
        _add(numbering, _definition(2, [_level(0, "decimal", "%1.", start=4)]), _list(1, 1))


def _number(document: Any, paragraph: Any, kind: Kind, style: str, section: int) -> None:
    if style == "styles":
        paragraph.style = document.styles[STYLES[kind]]
        return
    level, number = (0 if kind == "section" or style == "restarts" else 1), 1
    if style == "restarts" and kind != "section":
        number = 10 + section
        numbering = document.part.numbering_part.element
        if not numbering.xpath(f'w:num[@w:numId="{number}"]'):
            _add(
                numbering,
                _list(number, 2, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'),
            )
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
    )


def _level(depth: int, form: str, text: str, *, start: int = 1, style: str = "", more: str = "") -> str:
    linked = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}{linked}'
        f'<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="0" w:firstLine="640"/></w:pPr></w:lvl>'
    )


def _definition(number: int, levels: Iterable[str]) -> str:
    return (
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>'
        f"{''.join(levels)}</w:abstractNum>"
    )


def _list(number: int, definition: int, override: str = "") -> str:
    return (
        f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{definition}"/>{override}</w:num>'
    )


def _add(numbering: Any, *elements: str) -> None:
    for element in elements:
        numbering.append(parse_xml(element))


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# ---------------------------------------------------------------- web pages


def body_in_paragraphs(lines: Sequence[Line]) -> str:
    """As editors of content systems write: a p for each paragraph, spans and strong in the middle of words, nbsp."""
    return "\n".join(map(_paragraph, lines))


def _paragraph(line: Line) -> str:
    text = escape(line.words)
    if line.kind in ("item", "point") and "。" in text:
        head, _, rest = text.partition("。")
        text = f'<strong><span style="font-family: 楷体;">{head[:2]}</span>{head[2:]}。</strong><span>{rest}</span>'
    text = escape(line.number) + text
    align = {"centred": "center", "right": "right"}.get(line.kind, "justify")
    if line.kind in ("centred", "right", "flush"):
        return f'<p style="text-align: {align};">{text}</p>'
    if line.kind == "tail":
        return f'<p style="text-align: {align};">&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;{text}</p>'
    return f'<p style="text-align: {align}; text-indent: 2em;">{text}</p>'


def body_in_breaks(lines: Sequence[Line]) -> str:
    """As older sites write: one cell, full-width blanks for indents, br between paragraphs."""
    return "<br><br>\n".join(
        f"<center>{escape(line.text)}</center>"
        if line.kind == "centred"
        else ("" if line.kind in ("right", "flush") else "　　") + escape(line.text).replace("(", "&#40;")
        for line in lines
    )


def body_in_sections(lines: Sequence[Line]) -> str:
    """As newer sites write: a section of divs, headings as headings."""
    out, opened = [], False
    for line in lines:
        if line.kind == "section":
            out.append(("</section>" if opened else "") + f"<section><h3>{escape(line.text)}</h3>")
            opened = True
        else:
            out.append(f'<div class="{line.kind}"><p>{escape(line.text)}</p></div>')
    return "\n".join(out) + ("</section>" if opened else "")


def page(
    title: str,
    body: str,
    *,
    issuer: str,
    number: str = "",
    date: str,
    charset: str = "utf-8",
    style: str = "",
) -> str:
    """A government site's page around `body`: navigation, crumbs, the block of page data, share links, footer."""
    about = [
        ("索 引 号", f"01258{len(title)}/2024-00{len(issuer)}7"),
        ("主题分类", "综合政务"),
        ("发文机关", issuer),
        ("成文日期", date),
        ("标　　题", title),
        ("发文字号", number),
        ("发布日期", date),
    ]
    cells = "".join(f"<li><b>{name}：</b><span>{escape(value)}</span></li>" for name, value in about if value)
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="{charset}"><title>{escape(title)}_{issuer}网站</title>
<meta name="SiteName" content="{issuer}网站"><meta name="ArticleTitle" content="{escape(title)}">
<meta name="PubDate" content="{_iso(date)} 10:20"><meta name="ContentSource" content="{issuer}">
<script>var share = {{"title": "一、分享。各单位6月底前完成分享。"}};</script>
<style>.nav li {{ float: left }} .none {{ display: none }} {style}</style></head>
<body>
<div class="header"><a href="/"><img src="logo.png" alt="网站标识"></a>
<ul class="nav"><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li><li><a href="/bsfw/">办事服务</a></li>
<li><a href="/hdjl/">互动交流</a></li><li><a href="/sjfb/">数据发布</a></li></ul></div>
<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; <a href="/zfwj/">政策文件</a></div>
<div class="article">
<h1>{escape(title)}</h1>
<ul class="xxgk">{cells}</ul>
<div class="tools">字体：【<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>】 <a href="javascript:print()">打印</a>
<a href="javascript:close()">关闭</a> 浏览次数：<span id="hits">1208</span></div>
<div class="TRS_Editor" id="zoom">
{body}
</div>
<div class="share">分享到：<a href="#">微信</a> <a href="#">微博</a></div>
</div>
<div class="related"><h4>相关文章</h4><ul><li><a href="t1.html">政策解读：加强部门协同，年底前完成任务</a></li>
<li><a href="t2.html">一图读懂重点任务</a></li></ul></div>
<div class="footer"><p>主办：{issuer}　承办：大数据中心</p><p>网站标识码：5300000001　备案序号：云岭备20240001号</p></div>
</body></html>
"""


def _iso(date: str) -> str:
    year, month, day = re.findall(r"\d+", date)
    return f"{year}-{int(month):02}-{int(day):02}"


def mhtml(html: str) -> bytes:
    """The page as a browser saves it in one file: the page quoted-printable, its picture beside it."""
    message = MIMEMultipart("related", boundary="----MultipartBoundary--9704----")
    message["From"], message["Subject"] = "<Saved by Blink>", "page"
    text = MIMEText(html, "html", "utf-8")
    text.replace_header("Content-Transfer-Encoding", "quoted-printable")
    text.set_payload(quopri.encodestring(html.encode()).decode("ascii"))
    text["Content-Location"] = "http://www.example.gov.cn/zwgk/t20240318.html"
    message.attach(text)
    picture = io.BytesIO()
    Image.new("RGB", (60, 20), "#c00").save(picture, "PNG")
    logo = MIMEImage(picture.getvalue(), "png")
    logo["Content-Location"] = "http://www.example.gov.cn/zwgk/logo.png"
    message.attach(logo)
    return message.as_bytes(policy=SMTP)


PRINT_STYLE = """
@page { size: A4; margin: 26mm 26mm 24mm 28mm; @bottom-center { content: "— " counter(page) " —"; font-size: 14pt } }
body { font: 14pt/23.5pt "Noto Serif CJK SC"; margin: 0 }
p { margin: 0; text-indent: 2em; text-align: justify }
.centred { font-size: 20pt; line-height: 30pt; text-align: center; text-indent: 0 } .flush { text-indent: 0 }
.right { text-align: right; padding-right: 4em } .tail { padding-left: 3em }
.section { font-weight: bold }
.head { color: #d00; text-align: center; font-size: 34pt; line-height: 60pt; font-weight: bold; text-indent: 0;
  border-bottom: 2pt solid #d00; margin-bottom: 20pt }
"""


def printed_page(lines: Sequence[Line], head: str) -> str:
    """The circular as it is put to print, under the red head of its office."""
    paragraphs = "\n".join(
        f'<p class="{"number" if "〕" in line.text[:8] else line.kind}">{escape(line.text)}</p>'
        for line in lines
    )
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{head}</title><style>{PRINT_STYLE}'
        ".number { text-align: center; text-indent: 0; margin-bottom: 24pt }</style></head>"
        f'<body><p class="head">{head}</p>{paragraphs}</body></html>'
    )


# ---------------------------------------------------------------- programs


def libreoffice(data: bytes, suffix: str, target: str) -> bytes:
    """`data`, a file with the suffix `suffix`, as LibreOffice writes it in another format."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"source.{suffix}")
        source.write_bytes(data)
        _run(
            *("soffice", f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless"),
            *("--convert-to", target, "--outdir", f"{folder}/out", str(source)),
        )
        return Path(folder, "out", f"source.{target.partition(':')[0]}").read_bytes()


def chromium(html: str) -> bytes:
    """The page printed to PDF."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(html, "utf-8")
        _run(
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"),
            *("--no-pdf-header-footer", f"--print-to-pdf={target}", source.as_uri()),
        )
        return target.read_bytes()


def _run(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise SystemExit(f"{command[0]} is needed to make the samples")
    subprocess.run(command, check=True, capture_output=True, timeout=180)


# ---------------------------------------------------------------- scans


def scanned(pdf: bytes, signature: str) -> bytes:
    """The PDF as a scanner sees its printout: 200 dpi, a little askew and noisy, a red seal where `signature` last stands."""
    noise, skew = numpy.random.default_rng(SEED), random.Random(SEED)
    document = pypdfium2.PdfDocument(pdf)
    sheets = [sheet.render(scale=SCANNED_DPI / 72).to_pil().convert("RGB") for sheet in document]
    number, x, y = _signed_at(document, signature)
    _seal(sheets[number], x * SCANNED_DPI / 72, (y + 12) * SCANNED_DPI / 72, signature)
    pictures = []
    for sheet in sheets:
        turned = sheet.rotate(skew.uniform(0.3, 0.7), Image.Resampling.BICUBIC, fillcolor="white")
        grain = noise.normal(0, 3, (turned.height, turned.width, 1))
        paper = numpy.asarray(turned.filter(ImageFilter.GaussianBlur(0.5)), float) * 0.96 + 6
        pictures.append(Image.fromarray(numpy.clip(paper + grain, 0, 255).astype("uint8")))
    out = io.BytesIO()
    pictures[0].save(
        out, "PDF", save_all=True, append_images=pictures[1:], resolution=SCANNED_DPI, quality=JPEG_QUALITY
    )
    return out.getvalue()


def _signed_at(document: pypdfium2.PdfDocument, signature: str) -> tuple[int, float, float]:
    """The page (from 0) on which `signature` last stands, and its middle in points from the top left corner."""
    for number in reversed(range(len(document))):
        words = document[number].get_textpage()
        search, last = words.search(signature), None
        while hit := search.get_next():
            last = hit[0]
        if last is not None:
            left, bottom, right, top = words.get_charbox(last + len(signature) // 2)
            return number, (left + right) / 2, document[number].get_height() - (top + bottom) / 2
    raise ValueError(f"{signature} is not in the PDF")


def _seal(picture: Image.Image, x: float, y: float, office: str) -> None:
    """Stamp a round seal with a star and the office's name on the arc, its centre at (x, y)."""
    size, radius = 360, 165
    ink = Image.new("L", (size, size), 0)
    draw, middle = ImageDraw.Draw(ink), size / 2
    draw.ellipse([middle - radius, middle - radius, middle + radius, middle + radius], outline=255, width=9)
    points = [
        (middle + r * sin(i * pi / 5), middle - r * cos(i * pi / 5))
        for i in range(10)
        for r in [50 if i % 2 == 0 else 19]
    ]
    draw.polygon(points, fill=255)
    font = ImageFont.truetype(SEAL_FONT, 40)
    for i, char in enumerate(office):
        angle = (i / (len(office) - 1) - 0.5) * 250
        glyph = Image.new("L", (size, size), 0)
        ImageDraw.Draw(glyph).text((middle, middle - radius + 34), char, 255, font=font, anchor="mm")
        ink = Image.fromarray(numpy.maximum(numpy.asarray(ink), numpy.asarray(glyph.rotate(-angle))))
    red = Image.new("RGB", ink.size, (214, 30, 36))
    picture.paste(red, (int(x - middle), int(y - middle)), ink.point(lambda value: value * 0.72))


# ---------------------------------------------------------------- OFD


def ofd_file(lines: Sequence[Line]) -> bytes:
    """The circular as an OFD set by GB/T 9704: `ofd_writer.circular`, with titles and signatures where they belong."""
    placed: list[tuple[str, float]] = []
    for line in lines:
        width = ofd.width(line.text)
        if line.kind == "centred":
            placed.append((line.text, (ofd.CHARACTERS - width) / 2))
        elif line.kind == "right":
            placed.append((line.text, ofd.CHARACTERS - width - 4))
        elif line.kind == "flush":
            placed.append((line.text, 0.0))
        else:
            placed += ofd.wrapped(line.text)
    pages = []
    for number, start in enumerate(range(0, len(placed), ofd.LINES), 1):
        texts = [
            ofd.Text(ofd.LEFT + indent * ofd.CHARACTER, ofd.TOP + (i + 1) * ofd.PITCH, text)
            for i, (text, indent) in enumerate(placed[start : start + ofd.LINES])
        ]
        pages.append([*texts, ofd.Text(95, 280, f"— {number} —", 4.9)])
    return ofd.Ofd(pages).write()


# ---------------------------------------------------------------- the task table

TABLE = "12-task-table"
TABLE_TITLE = "安屏市2024年养老服务重点任务责任分工表"
HEADER = ("序号", "重点任务", "工作内容", "牵头单位", "责任单位", "配合单位", "完成时限", "频次", "备注")
WIDTHS_MM = (11, 26, 74, 25, 38, 30, 27, 22, 14)
ABOVE = None
"""A cell that is merged with the one above it."""
Row = tuple[str | None, ...]
ROWS: tuple[str | Row, ...] = (
    "一、织密设施网络",
    ("1", "建设社区食堂", "在老年人口集中的街道选址改造社区食堂12处，统一标识、统一平台结算，建立用餐补贴发放台账，补贴标准向社会公开。", "市民政局", "各县（区）人民政府", "市财政局、市市场监管局", "2024年9月底前", "", ""),
    ("2", "改造困难家庭住房", "为600户特殊困难老年人家庭实施居家适老化改造，入户评估、改造设计、竣工验收全过程留存影像资料。", ABOVE, "市住房城乡建设局、市残联", "", "11月30日前", "", "省定任务"),
    ("3", "清查配建用房", "对照规划条件逐个清查新建住宅小区配建的养老服务用房，未移交的列出清单，产权登记后交属地无偿使用。", "市自然资源和规划局", "市住房城乡建设局、市民政局", "", "实施细则印发之日起2个月内", "", ""),
    "二、提升服务质量",
    ("4", "检查养老机构", "围绕消防、食品、燃气三类风险开展联合检查，问题隐患逐条登记、限时整改、闭环销号，检查结果按规定公示。", "市民政局", "市消防救援支队、市市场监管局", "市城市管理局", "长期坚持", "每季度1次", ""),
    ("5", "培训护理人员", "依托职业院校开设护理员实训课程，新培训护理人员800名，将失智照护、急救常识列入必修内容。", "市人力资源社会保障局", "市教育局、市民政局", "", "年底前", "每半年不少于1次", ""),
    ("6", "落实探访关爱", "为独居、空巢、留守老年人建立关爱档案，明确探访人和紧急联系人，异常情况当日处置。", "各乡镇人民政府、街道办事处", "", "市妇联、团市委", "", "每周至少1次", ""),
    ("7", "推进医养结合", "组织家庭医生团队到养老机构巡诊，建立转诊绿色通道，开通预约挂号、用药指导等便利服务。", "市卫生健康委", "各县（区）人民政府", "市医保局", "8月15日前", "每月2次", ""),
    "三、强化要素保障",
    ("8", "统筹补助资金", "整合福彩公益金和各级补助资金，制定资金使用管理办法，专款专用，不得用于平衡预算。", "市财政局", "市民政局", "市审计局", "6月中旬", "", ""),
    ("9", "宣传先进典型", "选树敬老爱老先进典型，在本地媒体开设专栏，普及反诈防骗知识，营造良好氛围。", "市委宣传部", "市广播电视台", "", "12月20日前", "每月1期", ""),
    ("10", "通报工作进展", "汇总各项任务完成情况，对进度滞后的发提示函，结果报市政府。", "市政府督查室", "", "", ABOVE, "每月1次", ""),
)  # fmt: skip


def table_rows() -> Iterator[tuple[Row, dict[int, int]]]:
    """The task rows and sections, each with the rows that the merged cells beginning in it take up, by column."""
    for at, row in enumerate(ROWS):
        if isinstance(row, str):
            yield (row,), {}
            continue
        spans = {
            column: 2
            for column in range(len(row))
            if at + 1 < len(ROWS) and not isinstance(ROWS[at + 1], str) and ROWS[at + 1][column] is ABOVE
        }
        yield row, spans


def table_xlsx() -> bytes:
    """The table as a workbook."""
    book = Workbook()
    sheet = book.active
    sheet.title = "责任分工表"
    sheet.append([TABLE_TITLE])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(HEADER))
    sheet.append(HEADER)
    for at, (row, spans) in enumerate(table_rows(), sheet.max_row + 1):
        for column, text in enumerate(row, 1):
            if text:
                sheet.cell(at, column, int(text) if column == 1 and len(row) > 1 else text)
        if len(row) == 1:
            sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=len(HEADER))
        for column, height in spans.items():
            sheet.merge_cells(
                start_row=at, end_row=at + height - 1, start_column=column + 1, end_column=column + 1
            )
    for column, width in enumerate(WIDTHS_MM, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width / 2
    line = Side(style="thin")
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            cell.border = Border(line, line, line, line)
    sheet["A1"].font, sheet["A1"].alignment = Font(size=18, bold=True), Alignment(horizontal="center")
    sheet.print_title_rows, sheet.page_setup.orientation, sheet.freeze_panes = "2:2", "landscape", "A3"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_csv() -> bytes:
    """The table as comma-separated values in GBK: no merged cells there, so what was merged is said again."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    blank = [""] * (len(HEADER) - 1)
    writer.writerows([[TABLE_TITLE, *blank], HEADER])
    above: Row = ()
    for row, _ in table_rows():
        if len(row) == 1:
            writer.writerow([row[0], *blank])
        else:
            above = tuple(above[i] if text is ABOVE else text for i, text in enumerate(row))
            writer.writerow(above)
    return out.getvalue().encode("gbk")


def table_word() -> bytes:
    """The table as a Word file, landscape, its header repeated on every page."""
    document = _gb_word()
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin, section.bottom_margin = Mm(28), Mm(26)
    _set_paragraph(document.add_paragraph(TABLE_TITLE), Line("centred", "", TABLE_TITLE), indented=False)
    table = document.add_table(rows=0, cols=len(HEADER))
    table.style, table.autofit = "Table Grid", False
    rows = [(HEADER, {}), *table_rows()]
    made = [table.add_row() for _ in rows]
    for at, (row, spans) in enumerate(rows):
        if len(row) == 1:
            made[at].cells[0].merge(made[at].cells[-1]).text = row[0] or ""
        else:
            for column, text in enumerate(row):
                if text is not ABOVE:
                    made[at].cells[column].text = text
            for column, height in spans.items():
                made[at].cells[column].merge(made[at + height - 1].cells[column])
    for column, width in zip(table.columns, WIDTHS_MM, strict=True):
        column.width = Mm(width)  # Word goes by the cells, LibreOffice by the columns
    made[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for row in made:
        for column, cell in enumerate(row.cells):
            cell.width = Mm(WIDTHS_MM[column])
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.line_spacing = Pt(20)
                for run in paragraph.runs:
                    run.font.size = Pt(12)
    return _saved(document)


def table_html() -> str:
    """The table on a government site's page."""
    out = ["<table border='1' cellspacing='0' style='border-collapse: collapse'>"]
    out.append("<thead><tr>" + "".join(f"<th>{name}</th>" for name in HEADER) + "</tr></thead><tbody>")
    for row, spans in table_rows():
        if len(row) == 1:
            out.append(f'<tr><td colspan="{len(HEADER)}"><strong>{row[0]}</strong></td></tr>')
            continue
        cells = "".join(
            f"<td{f' rowspan={spans[column]}' if column in spans else ''}><p>{escape(text) or '&nbsp;'}</p></td>"
            for column, text in enumerate(row)
            if text is not ABOVE
        )
        out.append(f"<tr>{cells}</tr>")
    out.append("</tbody></table>")
    title = f'<p style="text-align: center;">{TABLE_TITLE}</p>\n'
    return page(TABLE_TITLE, title + "\n".join(out), issuer="安屏市民政局", date="2024年4月10日")


def table_ofd() -> bytes:
    """The table as a landscape OFD, its header repeated on the second page."""
    size, pitch, left, top, bottom = 4.2, 6.2, 15.0, 34.0, 186.0
    edges = [left + sum(WIDTHS_MM[:i]) for i in range(len(WIDTHS_MM) + 1)]

    def wrapped(text: str, width: float) -> list[str]:
        lines = [""]
        for char in text:
            if ofd.width(lines[-1] + char) * size > width - 2:
                # A stop may not open a line: it takes the character before it along.
                kept = len(lines[-1]) - (char in ofd.NEVER_FIRST)
                lines[-1:] = [lines[-1][:kept], lines[-1][kept:]]
            lines[-1] += char
        return lines

    def height(row: Row) -> float:
        widths = WIDTHS_MM if len(row) > 1 else (sum(WIDTHS_MM),)
        return 2 + pitch * max(
            len(wrapped(text or "", width)) for text, width in zip(row, widths, strict=True)
        )

    pages: list[list[ofd.Text | ofd.Xml]] = [[ofd.Text(297 / 2 - len(TABLE_TITLE) * 3.5, 26, TABLE_TITLE, 7)]]
    y = top

    def draw(row: Row, spans: dict[int, int]) -> float:
        high = height(row)
        ends = edges if len(row) > 1 else [edges[0], edges[-1]]
        for column, text in enumerate(row):
            x0, x1 = ends[column], ends[column + 1]
            if text is not ABOVE:
                pages[-1].append(ofd.rule(x0, y, x1, y))
                for i, line in enumerate(wrapped(text, x1 - x0)):
                    if line:
                        pages[-1].append(ofd.Text(x0 + 1, y + 1 + pitch * (i + 0.8), line, size))
            if column not in spans:
                pages[-1].append(ofd.rule(x0, y + high, x1, y + high))
            pages[-1] += [ofd.rule(x0, y, x0, y + high), ofd.rule(x1, y, x1, y + high)]
        return y + high

    y = draw(HEADER, {})
    rows = list(table_rows())
    for at, (row, spans) in enumerate(rows):
        together = height(row) + (height(rows[at + 1][0]) if spans or len(row) == 1 else 0)
        if y + together > bottom:
            pages.append([])
            y = top
            y = draw(HEADER, {})
        y = draw(row, spans)
    for number, objects in enumerate(pages, 1):
        objects.append(ofd.Text(297 / 2 - 7, 198, f"— {number} —", 4.9))
    return ofd.Ofd(pages, size=(297, 210)).write()


# ---------------------------------------------------------------- archives


class _GbkName(zipfile.ZipInfo):
    """A member whose name is written in GBK without saying so, as Chinese archivers did for twenty years."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 (zipfile's own name)
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def archive(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip as a mail system sends it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members:
            member = _GbkName(name, (2024, 3, 18, 10, 20, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(member, data)
    return out.getvalue()


# ---------------------------------------------------------------- all of them


def circulars() -> Iterator[tuple[str, bytes]]:
    """The samples of the circulars, by file name."""
    points = "01-work-points-brackets"
    lines = lines_of(points)
    typed = word_file(lines, "typed")
    yield f"{points}.docx", typed
    yield f"{points}-automatic.docx", word_file(lines, "styles")
    about = {"issuer": "临澜市人民政府办公室", "number": "临政办发〔2023〕12号", "date": "2023年3月6日"}
    title = "".join(titles(lines))
    yield f"{points}.html", page(title, body_in_paragraphs(lines), **about).encode()
    yield f"{points}.pdf", libreoffice(typed, "docx", "pdf")
    yield f"{points}.ofd", ofd_file(lines)
    for suffix in ("doc", "rtf", "odt"):
        yield f"{points}.{suffix}", libreoffice(typed, "docx", suffix)

    subjects = "02-work-points-subjects"
    lines = lines_of(subjects)
    typed = word_file(lines, "typed")
    yield f"{subjects}.docx", typed
    automatic = word_file(lines, "levels")
    yield f"{subjects}-automatic.docx", automatic
    about = {"issuer": "青禾县安全生产委员会办公室", "number": "青安办〔2022〕7号", "date": "2022年2月18日"}
    old = page(titles(lines)[0], body_in_breaks(lines), **about, charset="gb2312")
    yield f"{subjects}.html", old.encode("gb18030")
    yield f"{subjects}.pdf", libreoffice(automatic, "docx", "pdf")
    yield f"{subjects}.ofd", ofd_file(lines)

    notice = "10-notice-events"
    lines = lines_of(notice)
    yield f"{notice}.docx", word_file(lines, "typed")
    yield f"{notice}-automatic.docx", word_file(lines, "restarts")
    office = "望川县防汛抗旱指挥部"
    about = {"issuer": office, "number": "望汛〔2024〕5号", "date": "2024年3月18日"}
    new = page("".join(titles(lines)), body_in_sections(lines), **about)
    yield f"{notice}.html", new.encode()
    yield f"{notice}.mhtml", mhtml(new)
    printed = chromium(printed_page(lines, f"{office}文件"))
    yield f"{notice}.pdf", printed
    yield f"{notice}-scan.pdf", scanned(printed, office)
    yield f"{notice}.ofd", ofd_file(lines)


def table() -> Iterator[tuple[str, bytes]]:
    """The samples of the task table, by file name."""
    document = table_word()
    yield f"{TABLE}.docx", document
    yield f"{TABLE}.pdf", libreoffice(document, "docx", "pdf")
    yield f"{TABLE}.xlsx", table_xlsx()
    yield f"{TABLE}.csv", table_csv()
    yield f"{TABLE}.html", table_html().encode()
    yield f"{TABLE}.ofd", table_ofd()


def main() -> None:
    """Write them."""
    FORMATS.mkdir(exist_ok=True)
    made = dict(circulars()) | dict(table())
    mail = {
        "来文/优化营商环境工作要点.docx": made["01-work-points-brackets.docx"],
        "来文/安全生产工作要点.html": made["02-work-points-subjects.html"],
        "来文/防汛备汛工作的通知.ofd": made["10-notice-events.ofd"],
        "来文/责任分工表.xlsx": made[f"{TABLE}.xlsx"],
    }
    made["mail.zip"] = archive(mail.items())
    for name, data in made.items():
        (FORMATS / name).write_bytes(data)
        print(f"{len(data) >> 10:5} KB  {name}")


if __name__ == "__main__":
    main()
