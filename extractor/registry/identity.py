"""From a printed unit name to the organisation it means: 市发改委, printed in 临澜市, is 临澜市发展和改革委员会.

A name is a place and a *core*. The place is printed in full (临澜市), for short (临澜), as a mere level (市, to be looked up in the document's
own place) or not at all; the core is known by the table of short forms or stays as printed. Where the place is printed inside the name
(团市委, 国网临澜供电公司), the core holds a 〇 for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, cast, get_args

from extractor.registry.places import (
    PARTY_OF,
    STATE,
    Chain,
    Level,
    belonging_to,
    chain_of,
    down_to_level,
    read_own_place,
    read_place,
    read_short_place,
    shortest_clear,
    written,
)
from extractor.registry.printing import plain
from extractor.registry.tables import any_pattern_of, listed, rows

Kind = Literal[
    "party",
    "government",
    "department",
    "congress",
    "court",
    "mass",
    "institution",
    "enterprise",
    "military",
    "place",
    "group",
    "other",
]
"""What sort of organisation it is.

党委机关, 政府 (also 管委会, 街道办事处), 政府部门 (also 垂直管理部门: 税务, 气象, 消防), 人大政协, 法院检察院, 群团和自治组织, 事业单位 (学校, 医院, 中心),
企业, 军队武警, 地方 (各县区 as such), 议事协调机构 (领导小组, 指挥部, 专班, 安委会), or none that its name shows.
"""

HERE = "〇"
"""Where the place stands in a core."""
OF_THE_PARTY = f"{HERE}委"
LEVEL_WORDS: dict[str, Level] = {
    "自治区": "province",
    "省": "province",
    "地区": "city",
    "市": "city",
    "州": "city",
    "盟": "city",
    "县": "county",
    "区": "county",
    "旗": "county",
    "街道": "town",
    "镇": "town",
    "乡": "town",
    "社区": "village",
    "村": "village",
}
LEVEL_WORD = re.compile(
    r"[全本我]?(?P<word>"
    + "|".join(LEVEL_WORDS)
    + r")(?P<core>.+)|[全本我](?P<itself>[省市县区州旗盟镇乡村])"
)
WHOM_A_COLLECTIVE_ADDRESSES = re.compile(
    r"(?:各|全|其他|有关|相关)*(?P<word>" + "|".join(LEVEL_WORDS) + ")(?!内)"
)
EXTRA_PLATE = re.compile(r"(?<=.)（[^（）]*）?$")
"""市发展改革委（粮食局）: the second plate at the same door."""
LEFT_OUT_AT_WILL = re.compile("[和与及暨、]")
OFFICE_OF_SOMETHING = re.compile(f"(?<!{HERE})办公室")
"""街道办 is a 办事处, but 街道办公室 is not."""
HOLDS_INNER_OFFICES = re.compile(r"[^省市县区州旗盟][局厅委]$|委员会$")
"""How a core ends behind which its inner offices are named: 市场监管局稽查支队; 财政 of 财政所 is none."""
NATIONWIDE = re.compile(r"国务院|中共中央|中央(?!医院|公园|商务|空调)|全国|国家(?!电网|电投|能源)|.*总局$")
HAS_ONE_IN_EVERY_PLACE: frozenset[Kind] = frozenset(
    {"party", "government", "department", "congress", "court", "military", "group", "other"}
)
"""What a bare name of one of these kinds stands for belongs to the place that speaks; companies, schools and societies have names of their own."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The organisation that a printed name means.

    Attributes:
        name: Its full name with its place: 临澜市发展和改革委员会. As far as print tells, one organisation has one name in all documents.
        place: The place with which its name begins or to which it belongs: 临澜市, 榆林市榆阳区, 国家; None where none can be told.
        level: The level of that place; also where print tells no more than the level (市教育局 in a county's document).
        kind: What sort of organisation it is.
        collective: Whether the name stands for many organisations, or for none in particular: 各有关部门, 各县（市、区）人民政府.
    """

    name: str
    place: str | None
    level: Level | None
    kind: Kind
    collective: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """A name taken apart.

    Attributes:
        core: What remains of it without the place; with `HERE` for the place once the core is a known one.
        chain: The place, where it is known.
        level_word: 市, where that is all of the place that is printed.
        certain: Whether it can be read so even if the core is unknown.
    """

    core: str
    chain: Chain = ()
    level_word: str = ""
    certain: bool = True


@lru_cache(maxsize=1 << 16)
def identify(printed: str, place: str | None) -> Identity:
    """The organisation that `printed` means in a document that speaks for `place`.

    Args:
        printed: The name of a unit as the document prints it.
        place: The document's own place, as `place_of` tells it.
    """
    own = chain_of(place)
    name = plain(printed)
    if _is_collective(name):
        return _collective(name, own)
    name = PARTY_OF.sub("", EXTRA_PLATE.sub("", name))
    organ = _organ_of_state(name, own)
    if organ:
        return Identity(organ, STATE, "state", _kind(organ), collective=False)
    return _identity(_read(name, own), own)


def _organ_of_state(name: str, own: Chain) -> str | None:
    """国家发展和改革委员会 for 国家发改委, and in a document of the State for 发展改革委 too."""
    organ = _organs("anywhere").get(name)
    return _organs("state").get(name) if organ is None and _is_state(own) else organ


def _is_state(chain: Chain) -> bool:
    return bool(chain) and chain[-1].level == "state"


def _is_collective(name: str) -> bool:
    return any_pattern_of("collectives.tsv").search(name) is not None and _full_core(HERE + name) is None


def _collective(name: str, own: Chain) -> Identity:
    addressed = WHOM_A_COLLECTIVE_ADDRESSES.match(name)
    if addressed and _opens_with_another_word(name[addressed.start("word") :]):
        addressed = None
    level = LEVEL_WORDS[addressed["word"]] if addressed else None
    return Identity(name, written(shortest_clear(own)) or None, level, _kind(name), collective=True)


def _read(name: str, own: Chain) -> _Reading:
    """`name` taken apart, with a known core if it can be read so."""
    return _bare(name, own) or _with_place_inside(name, own) or _with_place_in_front(name, own)


def _bare(name: str, own: Chain) -> _Reading | None:
    """A known core without place: 发改委. It comes first, for 市场监管局 has no 市 and 城市管理局 is of no 城市."""
    core = _full_core(HERE + name) if len(name) > 1 else None
    if core is None:
        return None
    level = _only_level(core)
    return _Reading(core, down_to_level(own, level) if level else own)


def _with_place_inside(name: str, own: Chain) -> _Reading | None:
    """团市委, 国网临澜供电公司, 人行中心支行."""
    for opening in _openings_before_a_place():
        if name.startswith(opening):
            for reading in _places_in_front_of(name.removeprefix(opening), own):
                core = _full_core(opening + HERE + reading.core)
                if core is not None:
                    return _Reading(core, reading.chain, reading.level_word)
    return None


def _with_place_in_front(name: str, own: Chain) -> _Reading:
    for reading in _places_in_front_of(name, own):
        core = _full_core(HERE + reading.core) if reading.core else HERE
        if core is not None or reading.certain:
            return _Reading(core or HERE + reading.core, reading.chain, reading.level_word)
    return _unknown(name, own)


def _places_in_front_of(name: str, own: Chain) -> Iterator[_Reading]:
    """The ways to read a place at the beginning of `name`, or none, the likeliest first."""
    chain, rest = read_own_place(name, own)
    if not chain:
        chain, rest = read_place(name)
    if chain:
        yield _Reading(rest, belonging_to(chain, own))
    word = LEVEL_WORD.match(name)
    if word:
        level_word = word["word"] or word["itself"]
        core = word["core"] or ""
        own_at_level = down_to_level(own, LEVEL_WORDS[level_word], level_word)
        chain, rest = read_place(written(own_at_level) + core)
        if own_at_level and len(chain) > len(own_at_level):
            yield _Reading(rest, chain)
        yield _Reading(core, own_at_level, level_word, certain=not _opens_with_another_word(name))
    chain, rest = read_short_place(name, own)
    if chain:
        yield _Reading(rest, chain, certain=False)
    yield _Reading(name, own, certain=False)


def _opens_with_another_word(name: str) -> bool:
    return any_pattern_of("not_prefixes.tsv").match(name) is not None


def _unknown(name: str, own: Chain) -> _Reading:
    """A bare name that no list holds: an office is the own place's, a company is what it is called."""
    if NATIONWIDE.match(name):
        return _Reading(HERE + name, chain_of(STATE))
    if _kind(name) not in HAS_ONE_IN_EVERY_PLACE and not name.endswith("中心"):
        return _Reading(HERE + name)
    chain, rest = read_short_place(name, own)
    return _Reading(HERE + rest, chain) if chain == own[: len(chain)] != () else _Reading(HERE + name, own)


def _identity(reading: _Reading, own: Chain) -> Identity:
    place = written(shortest_clear(reading.chain))
    if reading.chain:
        level = reading.chain[-1].level
    else:
        level = LEVEL_WORDS.get(reading.level_word) or _only_level(reading.core)
    in_name = "" if _is_state(reading.chain) else place or reading.level_word
    kind: Kind = "place" if reading.core == HERE else _kind(reading.core.replace(HERE, ""))
    name = _named(reading.core, in_name)
    if level in ("town", "village") and not place:
        return Identity(name, written(shortest_clear(own)) or None, level, kind, collective=True)
    return Identity(name, place or None, level, kind, collective=False)


def _named(core: str, place: str) -> str:
    """The core with its place: 临澜市委组织部. Without a place it is 组织部, where that alone says as much."""
    short = core.replace(OF_THE_PARTY, HERE, 1)
    if not place and short != core and _full_core(short) == core:
        core = short
    return core.replace(HERE, place)


@lru_cache(maxsize=1 << 16)
def _full_core(core: str) -> str | None:
    """The full form of a core that the table holds, or that is an inner office of one it holds; else None."""
    full = _cores().get(_key(core))
    if full is not None:
        return full
    for at in range(len(core) - 2, 2, -1):
        if HOLDS_INNER_OFFICES.search(core[:at]) and not core.startswith("员会", at):
            superior = _cores().get(_key(core[:at]))
            if superior:
                return superior + core[at:]
    return None


def _key(core: str) -> str:
    """What two prints of one name have in common: 和 left out or not, 委 for 委员会, 办 for 办公室."""
    return OFFICE_OF_SOMETHING.sub("办", LEFT_OUT_AT_WILL.sub("", core).replace("委员会", "委"))


@cache
def _cores() -> dict[str, str]:
    """Key → full core, of every short and full form in the table, and of what a row for …局 says of …厅 and …委员会.

    市监局 says nothing of 市监委, which is the 监委 of a 市.
    """
    forms = {
        _with_place(form): _with_place(row[-1] if len(row) < 3 else row[1])
        for row in rows("short_forms.tsv")
        for form in row[:2]
    }
    cores = {_key(form): full for form, full in forms.items()}
    for form, full in forms.items():
        begins_like_a_level = form.removeprefix(HERE).startswith(tuple(LEVEL_WORDS))
        if form.endswith("局") and full.endswith("局") and not begins_like_a_level:
            for short_ending, ending in (("厅", "厅"), ("委", "委员会")):
                cores.setdefault(_key(form[:-1] + short_ending), full[:-1] + ending)
    return cores


def _with_place(form: str) -> str:
    return form if HERE in form else HERE + form


@cache
def _openings_before_a_place() -> tuple[str, ...]:
    """What is printed before the place: 团, 国网, 国家税务总局; the longest first."""
    openings = {key.partition(HERE)[0] for key in _cores()} - {""}
    return tuple(sorted(openings, key=lambda opening: (-len(opening), opening)))


def _only_level(core: str) -> Level | None:
    """The level at which alone an organisation of this name exists: a 厅 is a province's."""
    if core.endswith("厅") and not core.endswith("办公厅"):
        return "province"
    return _only_levels().get(core)


@cache
def _only_levels() -> dict[str, Level]:
    return {
        _with_place(row[1]): level
        for row in rows("short_forms.tsv")
        if len(row) > 2
        for level in get_args(Level)
        if level == row[2]
    }


@cache
def _organs(where: str) -> dict[str, str]:
    """Printed name → full name of the organs of the State whose short form is understood there."""
    of_state = [row for row in rows("state_organs.tsv") if row[2] == where]
    return {name: row[0] for row in of_state for name in (row[0], *listed(row[1]))}


@lru_cache(maxsize=1 << 14)
def _kind(name: str) -> Kind:
    return next((kind for kind, pattern in _kinds() if pattern.search(name)), "other")


@cache
def _kinds() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((cast(Kind, row[0]), re.compile(row[1])) for row in rows("kinds.tsv"))
