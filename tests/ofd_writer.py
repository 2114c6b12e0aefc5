"""A small writer of OFD packages (GB/T 33190-2016) for tests and samples: text, rules and pictures at places in mm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "http://www.ofdspec.org/2016"
CHARACTER = 5.57
"""Width in mm of a character of the body text: 28 to a line of 156 mm (GB/T 9704)."""
PITCH = 10.2
LEFT, TOP, CHARACTERS, LINES = 28.0, 37.0, 28, 22
NEVER_FIRST = "，。、；：？！）》”"


@dataclass(frozen=True)
class Text:
    """Text whose first character has its baseline's left end at (x, y)."""

    x: float
    y: float
    text: str
    size: float = CHARACTER
    ctm: str = ""
    down: bool = False
    attributes: str = ""

    def xml(self) -> str:
        steps = [self.size * (1.0 if self.down else width(char)) for char in self.text]
        deltas = " ".join(f"{step:g}" for step in steps[:-1])
        along = f" {'DeltaY' if self.down else 'DeltaX'}={quoteattr(deltas)}" if deltas else ""
        ctm = f" CTM={quoteattr(self.ctm)}" if self.ctm else ""
        return (
            f'<ofd:TextObject ID="9" Font="1" Size="{self.size:g}" {self.attributes}'
            f' Boundary="{self.x:g} {self.y - self.size:g} 180 {self.size * 1.2:g}"{ctm}>'
            f'<ofd:TextCode X="0" Y="{self.size:g}"{along}>{escape(self.text)}</ofd:TextCode></ofd:TextObject>'
        )


@dataclass(frozen=True)
class Xml:
    """Objects of a page written out."""

    source: str

    def xml(self) -> str:
        return self.source


def rule(x0: float, y0: float, x1: float, y1: float) -> Xml:
    """A straight stroke."""
    return Xml(
        f'<ofd:PathObject ID="8" Boundary="{x0:g} {y0:g} {x1 - x0:g} {y1 - y0:g}" LineWidth="0.2">'
        f"<ofd:AbbreviatedData>M 0 0 L {x1 - x0:g} {y1 - y0:g}</ofd:AbbreviatedData></ofd:PathObject>"
    )


PICTURE = Xml('<ofd:ImageObject ID="7" ResourceID="5" Boundary="0 0 210 297" CTM="210 0 0 297 0 0"/>')

Objects = Sequence[Text | Xml]


@dataclass
class Ofd:
    """What to write: pages of objects, and what else tests want in the package."""

    pages: Sequence[Objects]
    size: tuple[float, float] = (210, 297)
    template: Objects = ()
    info: str = ""
    prefix: str = "ofd:"
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """Further members; those of the same name replace what would be written."""

    def write(self) -> bytes:
        width, height = self.size
        box = f"0 0 {width:g} {height:g}"
        used = '<ofd:Template TemplateID="2" ZOrder="Background"/>' if self.template else ""
        known = '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if self.template else ""
        pages = "".join(
            f'<ofd:Page ID="{i + 10}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(self.pages))
        )
        members: dict[str, str | bytes] = {
            "OFD.xml": self._part(
                "OFD",
                f"<ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID>{self.info}</ofd:DocInfo>"
                "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>",
                ' Version="1.0" DocType="OFD"',
            ),
            "Doc_0/Document.xml": self._part(
                "Document",
                f"<ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>{box}"
                f"</ofd:PhysicalBox></ofd:PageArea>{known}</ofd:CommonData><ofd:Pages>{pages}</ofd:Pages>",
            ),
        }
        if self.template:
            members["Doc_0/Tpls/Tpl_0/Content.xml"] = self._page(self.template)
        for i, objects in enumerate(self.pages):
            members[f"Doc_0/Pages/Page_{i}/Content.xml"] = self._page(objects, used)
        return zipped(members | dict(self.files))

    def _page(self, objects: Objects, before: str = "") -> str:
        content = "".join(each.xml() for each in objects)
        return self._part(
            "Page", f'{before}<ofd:Content><ofd:Layer ID="3" Type="Body">{content}</ofd:Layer></ofd:Content>'
        )

    def _part(self, root: str, content: str, attributes: str = "") -> str:
        declared = f'xmlns:ofd="{NAMESPACE}"' if self.prefix else f'xmlns="{NAMESPACE}"'
        xml = f"<ofd:{root} {declared}{attributes}>{content}</ofd:{root}>"
        return '<?xml version="1.0" encoding="UTF-8"?>' + xml.replace("<ofd:", f"<{self.prefix}").replace(
            "</ofd:", f"</{self.prefix}"
        )


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A zip package of `members`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


def circular(paragraphs: Sequence[str], title: str = "") -> Ofd:
    """A circular as GB/T 9704 sets it: title centred, paragraphs indented by two characters, pages numbered."""
    lines = [(title, (CHARACTERS - len(title)) / 2)] if title else []
    for paragraph in paragraphs:
        lines += wrapped(paragraph)
    pages = []
    for number, start in enumerate(range(0, len(lines), LINES), 1):
        placed = [
            Text(LEFT + indent * CHARACTER, TOP + (i + 1) * PITCH, text)
            for i, (text, indent) in enumerate(lines[start : start + LINES])
        ]
        pages.append([*placed, Text(95, 280, f"— {number} —", 4.9)])
    return Ofd(pages)


def wrapped(paragraph: str) -> list[tuple[str, float]]:
    """The lines of a paragraph with their indents; no line begins with closing punctuation."""
    lines, rest, indent = [], paragraph, 2
    while rest:
        end = next((n for n in range(len(rest), 0, -1) if width(rest[:n]) <= CHARACTERS - indent), 1)
        while end < len(rest) and rest[end] in NEVER_FIRST:
            end -= 1
        lines.append((rest[:end], float(indent)))
        rest, indent = rest[end:], 0
    return lines


def width(text: str) -> float:
    """Printed width in full-width characters."""
    return sum(1.0 if ord(char) > 0x2E7F or char in "—“”…" else 0.5 for char in text)
