"""OFD, the national fixed-layout format (GB/T 33190-2016): text and positions out of its XML.

Signatures and seals are counted, not drawn; attachments, annotations and composite graphics are not read.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractor.intake.errors import UnreadableFile
from extractor.intake.page_layout import lay_out
from extractor.intake.page_lines import UPRIGHT, Frame, Line, Page, mapped, printed_width
from extractor.intake.pdf_tables import Rule, ruled_tables
from extractor.intake.safe_zip import BROKEN, TOO_LARGE, SafeZip
from extractor.model import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

OFD_MEDIA = "application/ofd"
POINTS_PER_MM = 72 / 25.4
A4 = (0.0, 0.0, 210.0, 297.0)
"""In millimetres; for documents that do not say how large their pages are."""

MAX_PAGES = 2_000
"""A volume of collected circulars has some 500."""
MAX_CHARACTERS = 2_000_000
"""On all pages together: MAX_PAGES pages of GB/T 9704 (22 lines of 28 characters) have 1.2 million."""
MAX_NESTING = 100
"""Of page blocks in page blocks; writers use one or two."""
MAX_NUMBER = 1e6
"""Coordinates beyond a kilometre are damage."""

ASCENT, DESCENT = 0.88, 0.12
"""Of the em box above and below the baseline, as in common Chinese fonts."""
PARTED = 0.8
"""Ems of white inside one TextCode from which on the characters before and behind it are different pieces."""
NEW_BASELINE = 0.3
"""Ems that a character may stand above or below the one before it on the same line."""
SAME_PLACE = 0.25
"""Ems within which the same text printed twice is one text in fake bold."""
LEVEL_DEGREES = 3.0
"""Text within so many degrees of a right angle is level; watermarks stand at 30 or 45."""
SMALLEST_EM = 0.5
"""Points: nobody can read text this small; it is there for machines."""
MAX_UNREADABLE_SHARE = 0.3
"""From this share of characters without a code on a text is of no use."""
MIN_TITLE = 4

Point = tuple[float, float]
Area = tuple[float, float, float, float]
"""Left, top, width and height in millimetres."""
RIGHT_ANGLES = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
"""The direction of a line turned clockwise by so many degrees: across and down."""
TURNED_CORNERS = {0: (0, 0), 90: (1, 0), 180: (1, 1), 270: (0, 1)}
"""The corner of the page as shown, in widths and heights, that is top left for such lines."""
PATH_NUMBERS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7}
"""How many numbers follow an operator of a path; the last two are where the pen is then."""

ENCRYPTION_FILES = ("encryptions.xml",)
"""The entry of an encrypted package, always beside OFD.xml (GM/T 0099-2020, appendix C)."""
UNREADABLE = re.compile("[\ue000-\uf8ff\ufffd¤\U000f0000-\U0010ffff]")
"""Characters of private use, and the `¤` that stands in TextCode for a glyph that has no character."""
NOT_PRINTED = re.compile("[\r\n\t]")
DATE = re.compile(r"(\d{4})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})日?(?:T.*)?")

CUSTOM_DATA = (
    ("title", ("标题", "公文标题", "文件标题")),
    ("issuer", ("发文机关", "发文机关名称", "发文机关标志", "发文机关署名")),
    ("doc_number", ("发文字号", "文号")),
    ("issued_on", ("成文日期", "印发日期")),
)
"""Names of custom data under which official document systems keep what GB/T 33480-2016 calls them; the first wins."""

ENCRYPTED = "OFD 文件已加密，请解密或另存为未加密的 OFD、PDF 后再试"
NO_TEXT = "OFD 里没有文字，只有图片，请导出为 PDF 或图片后用文字识别读取"
NO_CHARACTERS = "OFD 里的文字没有可用的编码，请导出为 PDF 或图片后用文字识别读取"
EMPTY = "OFD 里没有内容，请重新获取后再试"


def read_ofd(data: bytes, name: str) -> Source:
    """The text of all documents of the package, by its place on the pages.

    `confidence` holds an empty span with 0.0 at the place of each page that has only pictures.

    Raises:
        UnreadableFile: if it is broken, encrypted, hostile, too large, or holds pictures only.
    """
    package = Package(SafeZip(data))
    package.refuse_encrypted()
    pages = _pages(package)
    if not any(page.lines for page in pages):
        raise UnreadableFile(NO_TEXT if any(page.unread for page in pages) else EMPTY)
    _refuse_without_characters(pages)
    printed = lay_out(pages)
    return Source(
        name,
        printed.text,
        data,
        media=OFD_MEDIA,
        locator=printed.locator,
        tables=printed.tables,
        margins=printed.margins,
        metadata=_metadata(package, printed.text),
        confidence=printed.confidence,
    )


def _refuse_without_characters(pages: Iterable[Page]) -> None:
    text = "".join(line.text for page in pages for line in page.lines)
    if len(UNREADABLE.findall(text)) > MAX_UNREADABLE_SHARE * len(text):
        raise UnreadableFile(NO_CHARACTERS)


# --- package -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """An XML file of the package, and the folder that locations in it start from."""

    root: _Element
    folder: str


class Package:
    """Finds the parts of an OFD package."""

    def __init__(self, files: SafeZip) -> None:
        self._files = files
        self.entry = Part(files.read_xml("OFD.xml"), "")

    def refuse_encrypted(self) -> None:
        """Refuse a package some of whose parts are encrypted.

        Raises:
            UnreadableFile: if it has the entry for decryption.
        """
        if any(self._files.find(name) for name in ENCRYPTION_FILES):
            raise UnreadableFile(ENCRYPTED)

    def part(self, location: str | None, folder: str) -> Part:
        """The part at `location`: from the root if it begins with a slash, else from `folder`, else from the root.

        Raises:
            UnreadableFile: if there is none, or it cannot be read.
        """
        for path in _paths(location or "", folder):
            if member := self._files.find(path):
                return Part(self._files.read_xml(member), posixpath.dirname(path))
        raise UnreadableFile(BROKEN)

    def bodies(self) -> list[_Element]:
        """The descriptions of the documents in the package, in order."""
        return list(self.entry.root.iterfind("{*}DocBody"))

    def document(self, body: _Element) -> Part:
        """The document that `body` describes, in its current version."""
        for version in body.iterfind("{*}Versions/{*}Version"):
            if _is_true(version.get("Current")):
                described = self.part(version.get("BaseLoc"), self.entry.folder)
                return self.part(described.root.findtext("{*}DocRoot"), described.folder)
        return self.part(body.findtext("{*}DocRoot"), self.entry.folder)

    def signatures(self) -> int:
        """How many signatures and seals the documents carry."""
        lists = [location for body in self.bodies() if (location := body.findtext("{*}Signatures"))]
        count = 0
        for location in lists:
            try:
                count += len(self.part(location, self.entry.folder).root.findall("{*}Signature"))
            except UnreadableFile:
                continue  # what is signed can be read without them
        return count


def _paths(location: str, folder: str) -> Iterator[str]:
    location = location.strip().replace("\\", "/")
    if not location.startswith("/"):
        yield posixpath.normpath(posixpath.join(folder, location))
    yield posixpath.normpath(location.lstrip("/"))


def _is_true(value: str | None) -> bool:
    return (value or "").strip().lower() in ("true", "1")


# --- pages -------------------------------------------------------------------------------------------------------------


def _pages(package: Package) -> list[Page]:
    pages: list[Page] = []
    characters = 0
    for body in package.bodies():
        document = package.document(body)
        templates = _Templates(package, document)
        for reference in document.root.iterfind("{*}Pages/{*}Page"):
            page = _page(package.part(reference.get("BaseLoc"), document.folder), templates, len(pages) + 1)
            pages.append(page)
            characters += sum(len(line.text) for line in page.lines)
            if len(pages) > MAX_PAGES or characters > MAX_CHARACTERS:
                raise UnreadableFile(TOO_LARGE)
    return pages


class _Templates:
    """The template pages of a document, each read once, and the area of its pages."""

    def __init__(self, package: Package, document: Part) -> None:
        self._package, self._document = package, document
        self._locations = {
            template.get("ID"): template.get("BaseLoc")
            for template in document.root.iterfind("{*}CommonData/{*}TemplatePage")
        }
        self._parts: dict[str | None, Part] = {}
        self.area = _box(document.root.findtext("{*}CommonData/{*}PageArea/{*}PhysicalBox")) or A4

    def of(self, page: _Element) -> Iterator[Part]:
        """The templates that `page` names."""
        for used in page.iterfind("{*}Template"):
            template = used.get("TemplateID")
            if template not in self._parts:
                self._parts[template] = self._package.part(
                    self._locations.get(template), self._document.folder
                )
            yield self._parts[template]


def _page(content: Part, templates: _Templates, number: int) -> Page:
    area = _box(content.root.findtext("{*}Area/{*}PhysicalBox")) or templates.area
    width, height = area[2] * POINTS_PER_MM, area[3] * POINTS_PER_MM
    roots = [*(template.root for template in templates.of(content.root)), content.root]
    objects = [each for root in roots for each in _objects(root)]
    runs = [run for each in objects if _name(each) == "TextObject" for run in _runs(each)]
    direction = _usual_direction(runs)
    lines = list(_printed_once(_line(run, number, area, direction) for run in runs))
    rules = [
        rule for each in objects if _name(each) == "PathObject" for rule in _rules(each, area, direction)
    ]
    pictured = any(_name(each) in ("ImageObject", "CompositeObject") for each in objects)
    if direction in (90, 270):
        width, height = height, width
    tables, outside = ruled_tables(rules, lines)
    return Page(number, width, height, outside, tables, unread=pictured and not lines)


def _objects(page: _Element) -> Iterator[_Element]:
    """The visible objects of the layers of `page`, in the order of drawing."""
    waiting = [(layer, 0) for layer in reversed(page.findall("{*}Content/{*}Layer"))]
    while waiting:
        holder, depth = waiting.pop()
        if _name(holder) in ("Layer", "PageBlock"):
            if depth > MAX_NESTING:
                raise UnreadableFile(BROKEN)
            waiting.extend((child, depth + 1) for child in reversed(holder))
        elif holder.get("Visible", "true").strip().lower() != "false":
            yield holder


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


# --- text --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Characters on one baseline, in the coordinates of their text object, with the frame that leads to the page (mm).

    `edges` are the left edges of the characters and the right edge of the last. In a run that goes `down`, character
    below character, they are the upper edges and the lower edge of the last, and `baseline` is the left edge of all.
    """

    text: str
    edges: tuple[float, ...]
    baseline: float
    size: float
    em: float
    frame: Frame
    down: bool = False


def _runs(text_object: _Element) -> Iterator[Run]:
    """The runs of a TextObject (GB/T 33190-2016, 11.3): TextCode gives a place to each character.

    The glyphs that CGTransform may put in their stead stand at the same places; the characters are those of TextCode.
    """
    size = _number(text_object.get("Size", "0"))
    frame = _frame(text_object)
    wide = size * _number(text_object.get("HScale", "1"))
    if size <= 0 or wide <= 0:
        return
    x = y = 0.0
    for code in text_object.iterfind("{*}TextCode"):
        text = NOT_PRINTED.sub("", code.text or "")
        x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
        if text.strip():
            yield from _parted(text, _places(text, code, x, y, wide), size, wide, frame)


def _places(text: str, code: _Element, x: float, y: float, wide: float) -> list[tuple[float, float]]:
    steps = len(text) - 1
    across, down = deltas(code.get("DeltaX"), steps), deltas(code.get("DeltaY"), steps)
    if not across and not down:
        across = [printed_width(char) * wide for char in text[:-1]]
    places = [(x, y)]
    for i in range(steps):
        x += _at(across, i)
        y += _at(down, i)
        places.append((x, y))
    return places


def _at(steps: Sequence[float], i: int) -> float:
    """The step behind character `i`; writers that give too few mean the last one to go on."""
    return steps[min(i, len(steps) - 1)] if steps else 0.0


def deltas(value: str | None, count: int) -> list[float]:
    """At most `count` distances of a DeltaX or DeltaY, in which `g n d` stands for n times d.

    Raises:
        UnreadableFile: if there is anything but numbers in it.
    """
    found: list[float] = []
    tokens = iter((value or "").split())
    for token in tokens:
        if len(found) >= count:
            break
        if token in ("g", "G"):
            times = int(_number(next(tokens, None)))
            found += [_number(next(tokens, None))] * min(max(times, 0), count - len(found))
        else:
            found.append(_number(token))
    return found


def _parted(
    text: str, places: Sequence[tuple[float, float]], size: float, wide: float, frame: Frame
) -> Iterator[Run]:
    """The characters of a TextCode in runs: parted where the baseline changes, the pen goes back, or there is a gap."""
    if _goes_down(places, size):
        edges = [y - ASCENT * size for _, y in places]
        yield Run(text, (*edges, edges[-1] + size), places[0][0], size, wide, frame, down=True)
        return
    start = 0
    for i in range(1, len(text) + 1):
        if i < len(text):
            (x0, y0), (x1, y1) = places[i - 1], places[i]
            white = x1 - x0 - printed_width(text[i - 1]) * wide
            if abs(y1 - y0) <= NEW_BASELINE * size and x1 >= x0 and white <= PARTED * wide:
                continue
        if text[start:i].strip():
            edges = [x for x, _ in places[start:i]]
            end = edges[-1] + printed_width(text[i - 1]) * wide
            yield Run(text[start:i], (*edges, end), places[start][1], size, wide, frame)
        start = i


def _goes_down(places: Sequence[tuple[float, float]], size: float) -> bool:
    (x0, y0), (x1, y1) = places[0], places[-1]
    return (
        len(places) > 1 and abs(x1 - x0) < NEW_BASELINE * size and y1 - y0 > NEW_BASELINE * size * len(places)
    )


def _frame(drawn: _Element) -> Frame:
    """From the object's coordinates to the page's: its CTM, then the corner of its boundary."""
    left, top = [*_numbers(drawn.get("Boundary")), 0.0, 0.0][:2]
    matrix = _numbers(drawn.get("CTM")) or list(UPRIGHT)
    if len(matrix) != 6:
        raise UnreadableFile(BROKEN)
    a, b, c, d, e, f = matrix
    return a, b, c, d, e + left, f + top


def _angle(run: Run) -> float:
    """The direction in which the characters follow each other on the page, in degrees clockwise from the right."""
    x, y = run.frame[2:4] if run.down else run.frame[:2]
    return math.degrees(math.atan2(y, x)) % 360


def _right_angle(degrees: float) -> int | None:
    """The right angle that `degrees` are, give or take what scanning turns; None for slanted text."""
    nearest = round(degrees / 90) * 90
    return nearest % 360 if abs(degrees - nearest) <= LEVEL_DEGREES else None


def _usual_direction(runs: Iterable[Run]) -> int:
    """The right angle at which most characters of a page stand: pages are turned for wide tables."""
    counts: Counter[int] = Counter()
    for run in runs:
        direction = _right_angle(_angle(run))
        if direction is not None and not run.down:
            counts[direction] += len(run.text)
    return max(counts, key=lambda direction: counts[direction], default=0)


def _line(run: Run, page: int, area: Area, usual: int) -> Line:
    """`run` as a line in points, in a frame turned as the run is: that of the page where it goes the usual way."""
    degrees = _angle(run)
    direction = _right_angle(degrees)
    if direction is None:
        across, down = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    else:
        across, down = RIGHT_ANGLES[direction]
    reason = "watermark" if direction is None else "vertical_text" if run.down or direction != usual else None
    frame = _turned_frame(across, down, usual if direction is None else direction, area)

    def turned(x: float, y: float) -> tuple[float, float]:
        return _turned(x, y, run.frame, frame, area)

    if run.down:
        edges = [turned(run.baseline, edge)[0] for edge in run.edges]
        sides = [turned(run.baseline + side, run.edges[0])[1] for side in (0.0, run.size)]
    else:
        edges = [turned(edge, run.baseline)[0] for edge in run.edges]
        sides = [
            turned(run.edges[0], run.baseline + side)[1] for side in (-ASCENT * run.size, DESCENT * run.size)
        ]
    return Line(
        text=run.text,
        page=page,
        edges=tuple(edges),
        top=min(sides),
        bottom=max(sides),
        em=run.em * math.hypot(*run.frame[:2]) * POINTS_PER_MM,
        frame=frame,
        reason=reason,
    )


def _turned_frame(across: float, down: float, corner: int, area: Area) -> Frame:
    """From lines that run `across` and `down` to the page as shown, in points; their origin is a corner of the page."""
    right, below = TURNED_CORNERS[corner]
    return across, down, -down, across, right * area[2] * POINTS_PER_MM, below * area[3] * POINTS_PER_MM


def _turned(x: float, y: float, placed: Frame, frame: Frame, area: Area) -> tuple[float, float]:
    """Where a point of an object that `placed` leads to the page (mm) lies in the turned `frame` (points)."""
    x, y = mapped(placed, x, y)
    across, down, _, _, left, top = frame
    right, below = (x - area[0]) * POINTS_PER_MM - left, (y - area[1]) * POINTS_PER_MM - top
    return right * across + below * down, below * across - right * down


def _printed_once(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines without those printed a second time in (nearly) the same place, which is how some writers make bold."""
    printed: dict[tuple[str, str | None], list[Line]] = {}
    for line in lines:
        if line.em < SMALLEST_EM or line.bottom - line.top < SMALLEST_EM:
            continue
        before = printed.setdefault((line.text, line.reason), [])
        near = SAME_PLACE * line.em
        if not any(abs(line.left - each.left) < near and abs(line.top - each.top) < near for each in before):
            before.append(line)
            yield line


# --- rules -------------------------------------------------------------------------------------------------------------


def _rules(path: _Element, area: Area, usual: int) -> Iterator[Rule]:
    """The straight strokes of a PathObject, in points, in the frame of a page that is turned the `usual` way."""
    placed, frame = _frame(path), _turned_frame(*RIGHT_ANGLES[usual], usual, area)
    for (x0, y0), (x1, y1) in strokes(path.findtext("{*}AbbreviatedData") or ""):
        left, top = _turned(x0, y0, placed, frame, area)
        right, bottom = _turned(x1, y1, placed, frame, area)
        yield Rule(min(left, right), min(top, bottom), max(left, right), max(top, bottom))


def strokes(data: str) -> Iterator[tuple[Point, Point]]:
    """The straight strokes of an AbbreviatedData (GB/T 33190-2016, 9.3); curves only move the pen.

    Raises:
        UnreadableFile: if there is anything but operators and their numbers in it.
    """
    tokens = iter(data.split())
    at = start = (0.0, 0.0)
    for operator in tokens:
        if operator == "C":
            yield at, start
            at = start
            continue
        values = [_number(next(tokens, None)) for _ in range(PATH_NUMBERS.get(operator, 0))]
        if not values:
            raise UnreadableFile(BROKEN)
        end = (values[-2], values[-1])
        if operator == "L":
            yield at, end
        at, start = end, end if operator in ("M", "S") else start


# --- values ------------------------------------------------------------------------------------------------------------


def _number(value: str | None, default: float | None = None) -> float:
    """The number that `value` spells; `default` where it is None."""
    if value is None and default is not None:
        return default
    try:
        number = float(value or "")
    except ValueError:
        raise UnreadableFile(BROKEN) from None
    if not abs(number) <= MAX_NUMBER:
        raise UnreadableFile(BROKEN)
    return number


def _numbers(value: str | None) -> list[float]:
    return [_number(each) for each in (value or "").split()]


def _box(value: str | None) -> Area | None:
    """A box as OFD writes it: left, top, width, height; None where there is none or it is empty."""
    numbers = _numbers(value)
    if len(numbers) != 4:
        return None
    left, top, width, height = numbers
    return (left, top, width, height) if width > 0 and height > 0 else None


# --- what the file says of itself --------------------------------------------------------------------------------------


def _metadata(package: Package, text: str) -> Mapping[str, str]:
    """Custom data of document systems; the title of DocInfo only where it is printed too.

    Converters put there the name of the file, or whatever the document was made from.
    """
    found: dict[str, str] = {}
    for body in package.bodies():
        custom = {
            (each.get("Name") or "").strip(): (each.text or "").strip()
            for each in body.iterfind("{*}DocInfo/{*}CustomDatas/{*}CustomData")
        }
        for key, names in CUSTOM_DATA:
            value = next((custom[name] for name in names if custom.get(name)), None)
            if value and key not in found:
                found[key] = value
        title = "".join((body.findtext("{*}DocInfo/{*}Title") or "").split())
        if len(title) >= MIN_TITLE and title in "".join(text.split()):
            found.setdefault("title", title)
    if "issued_on" in found:
        day = _iso_date(found.pop("issued_on"))
        found |= {"issued_on": day} if day else {}
    if signatures := package.signatures():
        found["signatures"] = str(signatures)
    return found


def _iso_date(value: str) -> str | None:
    match = DATE.fullmatch(value)
    try:
        return date(*map(int, match.groups())).isoformat() if match else None
    except ValueError:
        return None
