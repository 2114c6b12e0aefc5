"""The tasks as a 责任分工方案 in the form of an official document (GB/T 9704—2012): title, lead paragraph, table.

The sizes, distances and type faces below are those of the standard; it leaves the table's own to custom. Nothing is in the
text that is not in the ledger: no signature, no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from lxml import etree

from extractor.export import wording
from extractor.export.files import replaced
from extractor.export.packages import settle
from extractor.export.rows import row_of
from extractor.ledger.records import Task

if TYPE_CHECKING:
    from docx.document import Document as OpenDocument
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.section import Section, _Footer
    from docx.styles.style import ParagraphStyle
    from docx.table import Table, _Cell, _Row
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

NAME = "责任分工方案"
COLUMNS = ("序号", "任务", "牵头单位", "责任单位", "完成时限")
WIDTHS = (12, 56, 26, 30, 32)
"""Millimetres; together the 156 between the margins."""
COOPERATING = "配合：{}"
WITHOUT_DUE = "—"
MOST_NAMED = 5
"""How many circulars are named before they are only counted."""

TITLE, BODY, HEADING, PAGE_NUMBER = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"
FALLBACKS = {
    TITLE: ("方正小标宋_GBK,FZXiaoBiaoSong-B05S,华文中宋,STZhongsong,宋体,SimSun", "roman"),
    BODY: ("仿宋,FangSong,华文仿宋,STFangsong,方正仿宋_GBK", "modern"),
    HEADING: ("SimHei,微软雅黑,Noto Sans CJK SC", "modern"),
    PAGE_NUMBER: ("SimSun,Noto Serif CJK SC", "roman"),
}
"""What stands in for a type face that a machine lacks, and its kind, by which others are chosen."""
WESTERN = "Times New Roman"
SECOND, THIRD, FOURTH, SMALL_FOURTH = Pt(22), Pt(16), Pt(14), Pt(12)
"""二号, 三号, 四号, 小四."""

TOP, BOTTOM, LEFT, RIGHT = Mm(37), Mm(35), Mm(28), Mm(26)
FOOTER = Mm(23)
"""From the edge of the paper: the page number stands 7 mm below the text."""
LINE_PITCH = 579
"""A 22nd of 225 mm, in twentieths of a point."""
CLOSER = -4
"""What a 28th of 156 mm is less than 16 points, in twentieths of a point: 28 characters fill a line."""
CHARACTERS_OF_TITLE = 20
"""How many of 二号 a line holds."""
CELL_MARGIN = 57
"""A millimetre, in twentieths of a point."""
LINE, TITLE_LINE, TABLE_LINE = Pt(28), Pt(36), Pt(18)
MOST_IN_ONE_PIECE = 300
"""Characters of a row that surely fits on a page: a longer one may be broken."""

DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def write_docx(tasks: Iterable[Task], path: Path) -> None:
    """Write `tasks` as a document."""
    chosen = list(tasks)
    document = Document()
    _prepare(document)
    _write_title(document, _title(chosen))
    _write_lead(document, _lead(chosen))
    if chosen:
        _write_table(document, chosen)
    with replaced(path) as draft:
        document.save(str(draft))
        settle(draft)


def _title(tasks: Sequence[Task]) -> str:
    """The circular's own with what this is, on a second line where one does not hold both."""
    named = _circulars(tasks)
    if len(named) != 1:
        return NAME
    (title,) = named
    return f"{title}{NAME}" if len(title) + len(NAME) <= CHARACTERS_OF_TITLE else f"{title}\n{NAME}"


def _lead(tasks: Sequence[Task]) -> str:
    """The circulars, how many tasks and how many units."""
    if not tasks:
        return "没有符合条件的任务。"
    named = [f"{title}（{number}）" if number else title for title, number in _circulars(tasks).items()]
    circulars = "、".join(named[:MOST_NAMED])
    if len(named) > MOST_NAMED:
        circulars += f"等{len(named)}份文件"
    units = {_unit(task, unit.quote) for task in tasks for unit in task.item.fields.units}
    of_units = f"，涉及单位{len(units)}个" if units else ""
    return f"根据{circulars}，现将{len(tasks)}项任务的分工列表如下{of_units}。"


def _unit(task: Task, quote: str) -> int | str:
    resolved = task.organizations.get(quote)
    return resolved.id if resolved else wording.tidy(quote)


def _circulars(tasks: Sequence[Task]) -> dict[str, str | None]:
    """The titles of the circulars with their 发文字号: that of the plan which a notice does no more than enclose."""
    titles: dict[str, str | None] = {}
    for document in {task.document.id: task.document for task in tasks}.values():
        title = document.parts[0] if len(document.parts) == 1 else document.title or document.name
        titles[wording.titled(title)] = wording.tidy(document.doc_number) if document.doc_number else None
    return titles


def _prepare(document: OpenDocument) -> None:
    _name_fonts(document)
    style: ParagraphStyle = document.styles["Normal"]
    for themed in document.styles.element.iter(qn("w:rFonts")):
        for name in [name for name in themed.attrib if name.endswith("Theme")]:
            del themed.attrib[name]
    _set_font(style.element.get_or_add_rPr(), BODY)
    style.font.size = THIRD
    _space(style.paragraph_format, LINE)
    for properties in document.styles.element.iter(qn("w:lang")):
        properties.set(qn("w:eastAsia"), "zh-CN")
    about = document.core_properties
    about.title, about.author, about.comments, about.last_modified_by = NAME, "", "", ""
    document.settings.odd_and_even_pages_header_footer = True
    _prepare_page(document.sections[0])


def _prepare_page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.footer_distance = FOOTER
    properties = section._sectPr
    for grid in properties.findall(qn("w:docGrid")):
        properties.remove(grid)
    properties.append(_element("w:docGrid", {"w:type": "lines", "w:linePitch": str(LINE_PITCH)}))
    _write_page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _write_page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _write_page_number(footer: _Footer, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 —, a character away from the outer edge."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = side
    away = paragraph.paragraph_format
    away.right_indent, away.left_indent = (
        (FOURTH, None) if side == WD_ALIGN_PARAGRAPH.RIGHT else (None, FOURTH)
    )
    for begin, text in (("", "— "), ("PAGE", "1"), ("", " —")):
        run = paragraph.add_run()
        run.font.size = FOURTH
        _set_font(run._r.get_or_add_rPr(), PAGE_NUMBER, western=PAGE_NUMBER)
        if begin:
            _insert_field(run, begin, text)
        else:
            run.text = text


def _insert_field(run: Run, instruction: str, shown: str) -> None:
    run._r.append(_element("w:fldChar", {"w:fldCharType": "begin"}))
    code = _element("w:instrText", {"xml:space": "preserve"})
    code.text = f" {instruction} "
    run._r.append(code)
    run._r.append(_element("w:fldChar", {"w:fldCharType": "separate"}))
    result = OxmlElement("w:t")
    result.text = shown
    run._r.append(result)
    run._r.append(_element("w:fldChar", {"w:fldCharType": "end"}))


def _write_title(document: OpenDocument, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _space(paragraph.paragraph_format, TITLE_LINE)
    paragraph.paragraph_format.space_after = LINE
    _write(paragraph, text, TITLE, SECOND)


def _write_lead(document: OpenDocument, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent = THIRD * 2
    paragraph.paragraph_format.space_after = Pt(14)
    run = _write(paragraph, text, BODY, THIRD)
    run._r.get_or_add_rPr().append(_element("w:spacing", {"w:val": str(CLOSER)}))


def _write_table(document: OpenDocument, tasks: Sequence[Task]) -> None:
    table = document.add_table(rows=0, cols=len(COLUMNS))
    table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", {"w:w": str(CELL_MARGIN), "w:type": "dxa"}))
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.addprevious(margins)
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = Mm(width)
    header: _Row = table.add_row()
    header._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    _keep_in_one_piece(header)
    for cell, title in zip(header.cells, COLUMNS, strict=True):
        _write_cell(cell, [(title, HEADING)], centred=True)
    for task in tasks:
        _write_row(table, task)


def _write_row(table: Table, task: Task) -> None:
    row = row_of(task)
    named = bool(task.item.heading) and row.content != row.task
    work = [(f"{row.task}。", HEADING), (row.content, BODY)] if named else [(row.content, BODY)]
    responsible = "\n".join(
        filter(None, (row.responsible, COOPERATING.format(row.cooperating) if row.cooperating else ""))
    )
    due = "\n".join(filter(None, (_in_full(row.due), row.frequency)))
    added: _Row = table.add_row()  # type: ignore[no-untyped-call]
    cells = added.cells
    _write_cell(cells[0], [(str(row.number), BODY)], centred=True)
    _write_cell(cells[1], work)
    _write_cell(cells[2], [(row.lead, BODY)])
    _write_cell(cells[3], [(responsible, BODY)])
    _write_cell(cells[4], [(due or WITHOUT_DUE, BODY)], centred=not due)
    if sum(map(len, row.cells())) <= MOST_IN_ONE_PIECE:
        _keep_in_one_piece(added)


def _in_full(due: str) -> str:
    """2023年8月31日 for 2023-08-31, as official documents write days."""
    return DAY.sub(lambda day: f"{day[1]}年{int(day[2])}月{int(day[3])}日", due)


def _keep_in_one_piece(row: _Row) -> None:
    # Before tblHeader: the order that the schema asks for.
    row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))


def _write_cell(cell: _Cell, pieces: Iterable[tuple[str, str]], *, centred: bool = False) -> None:
    """Write pieces of text with their type faces; a line end in them begins a new paragraph."""
    paragraph = _cell_paragraph(cell.paragraphs[0], centred)
    for text, font in pieces:
        first, *others = text.split("\n")
        _write(paragraph, first, font, SMALL_FOURTH)
        for line in others:
            paragraph = _cell_paragraph(cell.add_paragraph(), centred)
            _write(paragraph, line, font, SMALL_FOURTH)


def _cell_paragraph(paragraph: Paragraph, centred: bool) -> Paragraph:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
    _space(paragraph.paragraph_format, TABLE_LINE)
    # The grid is that of the text: smaller letters would be spread to its width.
    paragraph._p.get_or_add_pPr().insert(0, _element("w:snapToGrid", {"w:val": "0"}))
    return paragraph


def _write(paragraph: Paragraph, text: str, font: str, size: Pt) -> Run:
    run = paragraph.add_run(wording.INVISIBLE.sub("", text))
    run.font.size = size
    run.font.color.rgb = RGBColor(0, 0, 0)
    _set_font(run._r.get_or_add_rPr(), font)
    return run


def _space(paragraph_format: object, line: Pt) -> None:
    spacing: dict[str, object] = {
        "space_before": Pt(0),
        "space_after": Pt(0),
        "line_spacing_rule": WD_LINE_SPACING.EXACTLY,
        "line_spacing": line,
    }
    for name, value in spacing.items():
        setattr(paragraph_format, name, value)


def _set_font(properties: BaseOxmlElement, name: str, western: str = WESTERN) -> None:
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for script, font in {"ascii": western, "hAnsi": western, "eastAsia": name, "cs": western}.items():
        fonts.set(qn(f"w:{script}"), font)


def _name_fonts(document: OpenDocument) -> None:
    """Put the type faces into the table of fonts with what stands in for them."""
    (part,) = (p for p in document.part.package.iter_parts() if p.partname == "/word/fontTable.xml")
    fonts = parse_xml(part.blob)
    for known in list(fonts):
        if known.get(qn("w:name")) in FALLBACKS:
            fonts.remove(known)
    for name, (instead, family) in FALLBACKS.items():
        fonts.append(
            parse_xml(
                f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/>'
                f'<w:family w:val="{family}"/><w:pitch w:val="auto"/></w:font>'
            )
        )
    part._blob = etree.tostring(fonts, xml_declaration=True, encoding="UTF-8", standalone=True)


def _element(tag: str, attributes: Mapping[str, str]) -> BaseOxmlElement:
    element: BaseOxmlElement = OxmlElement(tag)  # type: ignore[assignment]
    for name, value in attributes.items():
        element.set(qn(name), value)
    return element
