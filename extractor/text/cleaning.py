"""From the text as printed to clean text, in a few named steps, each an edit that remembers its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Protocol

from extractor.model import Margin
from extractor.text.aligned import AlignedText, Edit
from extractor.text.breaks import cell_walls, page_marks, page_numbers, run_together_lines, wrapped_lines
from extractor.text.characters import HAN, INVISIBLE, TONED, folding
from extractor.text.misdecoded import runs_as_meant

RESIDUE = re.compile(rf"(?<=[{HAN}])（([a-zü{TONED}]{{1,6}})）")
TONED_RESIDUE = re.compile(rf"[（(][a-zü]*[{TONED}][a-zü{TONED}]*[）)]")
SYLLABLE = re.compile(r"(?:[zcs]h|[bpmfdtnlgkhjqxzcsryw])?(?:[aeiouü]{1,3})(?:ng?|r)?")
GARBLED_STOP = re.compile(r"(?:？！？?|！？！?|？；)(?!”)")
DIGIT_MARKS = re.compile(r"(?<=\d)[，：](?=\d)")
THOUSANDS = re.compile(r"，(?=\d{3}(?!\d))")
DUTY_BRACKETS = re.compile(
    r"(?:【|\[|〔)(?=[^【】〔〕\[\]\n]*(?:牵头|责任|负责|配合))[^【】〔〕\[\]\n]+(?:】|\]|〕)|〔[^〔〕\d\n]{1,12}〕"
)
SPACED_DATE = re.compile(r"(?<=\d) +(?=[年月日号时])|(?<=[年月日]) +(?=\d|前|底|末|起|内|至)")
SPACED_COUNT = re.compile(
    rf"(?<=[{HAN}]) +(?=\d+ ?(?:次|期|轮|场|遍|小时|分钟|天|个月|个工作日))|(?<=\d) +(?=次|期|轮|场|遍|小时|分钟|天|个月|个工作日)"
)
SPACED_LETTERS = re.compile(rf"(?<![{HAN}])(?:[{HAN}] +){{2,}}[{HAN}](?![{HAN}])")
SPACES = re.compile(r" {2,}")
LINE_EDGE_SPACES = re.compile(r"^ +|(?<! ) +$", re.MULTILINE)

MIN_PLAIN_RESIDUES = 12
"""Different syllables: a page that abbreviates in brackets has a few."""
MIN_TONED_RESIDUES = 3
"""From this many on a text is known to carry residue, and syllables without a tone (們(men)) are residue too."""


def clean(source: str, margins: Sequence[Margin] = ()) -> AlignedText:
    """`source` as rules can read it: simplified characters, one form of each mark, paragraphs on one line.

    `margins` are taken out first, with the line break before those that fill their line.
    """
    aligned = AlignedText.of(source).edit(_without_margins(source, margins))
    for step in STEPS:
        aligned = aligned.edit(step(aligned))
    return aligned


def _without_margins(source: str, margins: Sequence[Margin]) -> Iterator[Edit]:
    at = 0
    for margin in sorted(margins, key=lambda m: m.span):
        start, end = max(margin.span.start, at), margin.span.end
        if start < end:
            fills_line = source[start - 1 : start] == "\n" and source[end : end + 1] in ("\n", "")
            yield Edit(start - 1 if fills_line and start > at else start, end, reason=margin.reason)
            at = end


def invisible_characters(aligned: AlignedText) -> Iterator[Edit]:
    """Zero-width characters and soft hyphens."""
    return (Edit(*match.span(), reason="invisible") for match in INVISIBLE.finditer(aligned.text))


def misdecoded_runs(aligned: AlignedText) -> Iterator[Edit]:
    """`?。ǘ┩七M(jìn)` for （二）推進: what the converter that leaves readings behind has read one byte off."""
    return runs_as_meant(aligned, anywhere=_carries_residue(aligned.text))


def _carries_residue(text: str) -> bool:
    return len(TONED_RESIDUE.findall(text)) >= MIN_TONED_RESIDUES


def _carries_plain_residue(text: str) -> bool:
    """Whether syllables without a tone stand behind so many characters that they are no abbreviations: 每(mei)月(yue)."""
    readings = [reading for reading in RESIDUE.findall(text) if SYLLABLE.fullmatch(reading)]
    return len(set(readings)) >= MIN_PLAIN_RESIDUES


def character_forms(aligned: AlignedText) -> Iterator[Edit]:
    """Full-width digits, half-width punctuation, radicals …: one character for one. Tabs stay where they part cells."""
    folded = aligned.text.translate(folding())
    if "\t" in aligned.text:
        chars = list(folded)
        for at in cell_walls(aligned.text):
            chars[at] = "\t"
        folded = "".join(chars)
    yield Edit(0, len(aligned.text), folded)


def marks_between_digits(aligned: AlignedText) -> Iterator[Edit]:
    """18：00 and 1，000 are one number each: their marks are no punctuation of the sentence."""
    for match in DIGIT_MARKS.finditer(aligned.text):
        if match.group() == "：":
            yield Edit(*match.span(), ":")
        elif THOUSANDS.match(aligned.text, match.start()):
            yield Edit(*match.span(), ",")


def duty_brackets(aligned: AlignedText) -> Iterator[Edit]:
    """【牵头单位：…】, [责任单位：…] and 各县〔市、区〕 have brackets like any other; 〔2022〕 of a number is not meant."""
    for match in DUTY_BRACKETS.finditer(aligned.text):
        yield Edit(match.start(), match.start() + 1, "（")
        yield Edit(match.end() - 1, match.end(), "）")


def pinyin_residue(aligned: AlignedText) -> Iterator[Edit]:
    """`區(qū)`: the reading that a site's character converter leaves behind the character."""
    many = _carries_residue(aligned.text) or _carries_plain_residue(aligned.text)
    for match in RESIDUE.finditer(aligned.text):
        if TONED_RESIDUE.fullmatch(match.group()) or (many and SYLLABLE.fullmatch(match.group(1))):
            yield Edit(*match.span(), reason="pinyin", attach=True)


def garbled_stops(aligned: AlignedText) -> Iterator[Edit]:
    """`?！?`: a 。 that was decoded in the wrong encoding. Official prose has no ？！ of its own."""
    return (Edit(*match.span(), "。") for match in GARBLED_STOP.finditer(aligned.text))


def simplified_characters(aligned: AlignedText) -> Iterator[Edit]:
    """Traditional to simplified, by phrase (乾隆 stays, 乾燥 → 干燥)."""
    at = 0
    for line in aligned.text.split("\n"):
        simplified = _converter().convert(line) if not line.isascii() else line
        if simplified != line:
            if len(simplified) == len(line):
                yield Edit(at, at + len(line), simplified)
            else:
                yield from _converted_by_character(at, line)
        at += len(line) + 1


def _converted_by_character(at: int, line: str) -> Iterator[Edit]:
    for offset, char in enumerate(line):
        simplified = _converter().convert(char)
        if simplified != char:
            yield Edit(at + offset, at + offset + 1, simplified)


class Converter(Protocol):
    """What we use of OpenCC."""

    def convert(self, text: str) -> str:
        """`text` in the other script."""
        ...


@cache
def _converter() -> Converter:
    from opencc import OpenCC

    converter: Converter = OpenCC("t2s")
    return converter


def spaces(aligned: AlignedText) -> Iterator[Edit]:
    """Spaces at the edges of lines, inside dates (2022 年 9 月), counts (至少 1 次) and letter-spaced names; others stay one."""
    text = aligned.text
    inside = {m.span() for m in SPACED_DATE.finditer(text)} | {
        m.span() for m in LINE_EDGE_SPACES.finditer(text)
    }
    inside |= {m.span() for m in SPACED_COUNT.finditer(text)}
    for name in SPACED_LETTERS.finditer(text):
        inside |= {
            (name.start() + m.start(), name.start() + m.end()) for m in re.finditer(" +", name.group())
        }
    double = {(m.start() + 1, m.end()) for m in SPACES.finditer(text) if m.span() not in inside}
    at = 0
    for start, end in sorted(inside | double):
        if start >= at:
            yield Edit(start, end)
            at = end


Step = Callable[[AlignedText], Iterable[Edit]]
STEPS: tuple[Step, ...] = (
    invisible_characters,
    misdecoded_runs,
    character_forms,
    marks_between_digits,
    duty_brackets,
    pinyin_residue,
    garbled_stops,
    simplified_characters,
    page_numbers,
    page_marks,
    wrapped_lines,
    run_together_lines,
    spaces,
)
