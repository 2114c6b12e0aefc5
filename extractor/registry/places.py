"""Places as names of organisations hold them: 榆林市榆阳区 is a chain of two, the city and its district.

Most places are known by how they end (市, 县, 区 …), so that one nobody has listed is read too; the list of provinces and cities adds
short names (苏州), and cities that rank as counties.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from extractor.registry.printing import plain
from extractor.registry.tables import listed, rows

Level = Literal["state", "province", "city", "county", "town", "village"]
"""国家, 省 (自治区, 直辖市), 市 (自治州, 地区, 盟), 县 (县级市, 区, 旗, 开发区), 乡镇街道, 村社区."""

RANKS: tuple[Level, ...] = ("state", "province", "city", "county", "town", "village")
STATE = "国家"
LEVEL_OF_ENDING: dict[str, Level] = {
    "省": "province",
    "自治区": "province",
    "市": "city",
    "自治州": "city",
    "州": "city",
    "地区": "city",
    "盟": "city",
    "县": "county",
    "区": "county",
    "旗": "county",
    "自治县": "county",
    "自治旗": "county",
    "镇": "town",
    "乡": "town",
    "苏木": "town",
    "街道": "town",
    "村": "village",
    "嘎查": "village",
    "社区": "village",
}
SHORTEST_NAME: dict[str, int] = {"县": 1}
"""沛县 has a name of one character; of the others (省, 市, 区 …) what has only one is a word: 城市, 社区."""
LONGEST_NAME = 9
LONGEST_NAME_OF_A_ZONE = 16
NEVER_IN_A_NAME = frozenset("局委厅部队校办院行司各及与（）、，。")
"""Characters that end the name of an organisation, so that a place behind them is not in front."""
NEVER_FIRST = re.compile(r"[省市县区]|自治|中国|国家|全国|国网|全|本[省市县区]|我")
CUTS_A_NAME = {
    ending: re.compile(pattern)
    for ending, pattern in {
        "市": r"区(?![域划块])",
        "县": r"[域级]|市区",
        "区": r"[域级划块]",
        "旗": r"[市县区]",
        "镇": r"[市县区]",
        "乡": r"[市县区]",
        "村": r"[市县区镇乡]",
    }.items()
}
"""沙市|区, 新乡|市, 红旗|区: what looks like the ending is in the middle of the name."""
ENDINGS = ("自治州", "自治县", "自治旗", "自治区", "社区", "街道", "苏木", "嘎查", *"省市县区旗镇乡村")
AUTONOMOUS = re.compile(r"[^省市县区州旗盟局委厅部队校办院]{2,16}?(?P<ending>自治[州县旗区])")
SPEAKS_FOR_A_TOWN = re.compile(
    r"$|[^省市县区乡镇]{2,6}(?:村|社区)|人民政府|政府|党委|党工委|党政|办事处|办(?!公)|人大|纪委|[村居]?民?委|两委|党支部|党总支|武装部|综合"
)
UNNAMED_ZONE = re.compile(
    r"(?:市|县|省|国家)?(?:级|高新|高新技术|高新技术产业|经开|经济|经济技术|技术|产业|工业|综合|保税|旅游|农业|现代|科技|物流|循环|开发|生态"
    r"|新|集聚|先行|合作|示范|管理|试验|度假|园)*区"
)
PARTY_OF = re.compile(r"^(?:中共(?!中央)|中国共产党)")
OPENS_A_TITLE = re.compile(
    r"(?:关于|印发|转发|公布|下发|发布|同意|批准|成立|调整|做好|开展|加强|推进|加快|进一步|全面|对|在|《|“|\d年)+|^"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One link of a chain: 榆阳区 of 榆林市榆阳区."""

    name: str
    level: Level | None


Chain = tuple[Place, ...]
"""From the widest place named to the narrowest."""


def place_of(issuer: str | None, title: str | None) -> str | None:
    """The place a document speaks for, as fully as its issuer or title names it.

    临澜市 for 临澜市人民政府办公室, 榆林市榆阳区 for an office of that district, 国家 for 国务院办公厅 and the ministries; None where neither
    issuer nor title tells.
    """
    of_issuer = _named_by_issuer(plain(issuer or ""))
    of_title = _named_in_title(plain(title or ""))
    title_names_the_city_too = of_issuer and len(of_title) > len(of_issuer) and of_title[-1] == of_issuer[-1]
    chain = of_title if title_names_the_city_too else of_issuer or of_title
    return written(chain) or None


def _named_by_issuer(issuer: str) -> Chain:
    chain, _ = read_place(PARTY_OF.sub("", issuer))
    if chain:
        return chain
    organ = _organ_of_state().match(issuer)
    if not organ:
        return ()
    of_a_local_office, _ = read_place(issuer[organ.end() :])
    return of_a_local_office or (Place(STATE, "state"),)


def _named_in_title(title: str) -> Chain:
    """A title begins with its issuer or names the place of what it is about: 关于印发临清市…规划的通知."""
    for opening in OPENS_A_TITLE.finditer(title):
        chain, _ = read_place(PARTY_OF.sub("", title[opening.end() :]))
        if chain:
            return chain
    return (Place(STATE, "state"),) if _organ_of_state().match(title) else ()


@cache
def _organ_of_state() -> re.Pattern[str]:
    """An organ of the State at the beginning: 国务院, 教育部, 国家税务总局, which a local office of it may follow."""
    names = {row[0] for row in rows("state_organs.tsv")}
    names |= {short for row in rows("state_organs.tsv") if row[2] == "anywhere" for short in listed(row[1])}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, longest_first)))


@lru_cache(maxsize=4096)
def chain_of(place: str | None) -> Chain:
    """The chain that a document's place is; a name that reads like no place is a chain of one, of unknown level."""
    name = plain(place or "")
    if not name:
        return ()
    if name == STATE:
        return (Place(STATE, "state"),)
    chain, rest = read_place(name)
    if chain and not rest:
        return chain
    return chain or (_short_names().get(name) or Place(name, None),)


@lru_cache(maxsize=1 << 14)
def read_place(text: str) -> tuple[Chain, str]:
    """The places that `text` opens with, each inside the one before, and what follows them."""
    chain: Chain = ()
    while text:
        place = _first_place(text)
        if place is None or (chain and not _inside(place, chain[-1])):
            break
        if chain and place.level == "city" and chain[-1].level == "city":
            place = Place(place.name, "county")
        chain, text = (*chain, place), text[len(place.name) :]
    return chain, text


def _inside(place: Place, wider: Place) -> bool:
    """A city may hold a city: the 县级市 that rank as counties."""
    if place.name == wider.name:
        return False
    if is_zone(place):
        return not is_zone(wider)
    if place.level is None or wider.level is None:
        return False
    step = RANKS.index(place.level) - RANKS.index(wider.level)
    return step > 0 or (step == 0 and place.level == "city" and place.name.endswith("市"))


def _first_place(text: str) -> Place | None:
    for length in range(min(_longest_known(), len(text)), 1, -1):
        known = _known().get(text[:length])
        if known:
            return known
    autonomous = AUTONOMOUS.match(text)
    if autonomous:
        return Place(autonomous.group(), LEVEL_OF_ENDING[autonomous["ending"]])
    return None if NEVER_FIRST.match(text) else _place_by_its_ending(text)


def _place_by_its_ending(text: str) -> Place | None:
    for at in range(1, min(LONGEST_NAME_OF_A_ZONE + 1, len(text))):
        if text[at - 1] in NEVER_IN_A_NAME:
            return None
        for ending in ENDINGS:
            if text.startswith(ending, at) and _ends_here(text[at + len(ending) :], ending):
                name = text[: at + len(ending)]
                return Place(name, LEVEL_OF_ENDING[ending]) if _is_a_name(name, ending) else None
    return None


def _ends_here(following: str, ending: str) -> bool:
    cut = CUTS_A_NAME.get(ending)
    if cut and cut.match(following):
        return False
    speaks_seldom = LEVEL_OF_ENDING[ending] in ("town", "village")
    return not speaks_seldom or SPEAKS_FOR_A_TOWN.match(following) is not None


def _is_a_name(name: str, ending: str) -> bool:
    if name.endswith(_zone_endings()):
        return not _not_places().fullmatch(name)
    length = len(name) - len(ending)
    right_length = SHORTEST_NAME.get(ending, 2) <= length <= LONGEST_NAME
    return right_length and not _not_places().fullmatch(name)


def is_zone(place: Place) -> bool:
    """Whether it is a 开发区, 园区 or the like, which is no division of the State but has a committee like one."""
    return place.name.endswith(_zone_endings())


def is_unnamed_zone(place: Place) -> bool:
    """高新区, 经济开发区: which one depends on who speaks."""
    return UNNAMED_ZONE.fullmatch(place.name) is not None


def down_to_level(own: Chain, level: Level, level_word: str = "") -> Chain:
    """The chain down to the place that is meant by a mere level: 榆林市 of 榆林市榆阳区 by 市; nothing where the chain has no such place.

    The word counts before the rank, for a 县级市 speaks of itself as 市 and a 自治区 as 区.
    """
    for at in range(len(own) - 1, -1, -1):
        meant = own[at].name.endswith(level_word) if level_word else own[at].level == level
        if meant:
            return own[: at + 1]
    return ()


def belonging_to(chain: Chain, own: Chain) -> Chain:
    """The chain of a place as a document of `own` prints it, with the wider places that go without saying there."""
    first = chain[0]
    if own and own[0].level == "state":
        return chain
    for at, place in enumerate(own):
        if place.name == first.name:
            return own[:at] + chain
    if is_zone(first):
        return _zone_of(own, first) + chain[1:]
    if first.level in ("town", "village"):
        return tuple(place for place in own if _inside(first, place)) + chain
    if _given_once(first):
        return chain
    return tuple(place for place in own if place.name.endswith("市")) + chain


def _zone_of(own: Chain, zone: Place) -> Chain:
    """高新区 and 临澜高新区 in a document of 临澜市 are the same zone."""
    for at in range(len(own) - 1, -1, -1):
        if own[at].level in ("city", "county") and not is_zone(own[at]):
            unnamed = Place(zone.name.removeprefix(stem(own[at]) or ""), zone.level)
            return (*own[: at + 1], unnamed if is_unnamed_zone(unnamed) else zone)
    return (zone,)


def shortest_clear(chain: Chain) -> Chain:
    """The chain without what is not needed to tell the place from all others.

    Names of cities and counties are given only once in the country, so that 邢台市清河县 is 清河县; those of districts and towns are not, so
    that 榆林市榆阳区 stays.
    """
    for at in range(len(chain) - 1, 0, -1):
        if _given_once(chain[at]):
            return chain[at:]
    return chain


def _given_once(place: Place) -> bool:
    return place.level in ("province", "city") or (
        place.level == "county" and not (place.name.endswith("区") or place.name == "市")
    )


def written(chain: Chain) -> str:
    """The chain as printed: 榆林市榆阳区."""
    return "".join(place.name for place in chain)


def stem(place: Place) -> str | None:
    """What a place is called for short in names of organisations: 临澜 of 临澜市, in 临澜供电公司."""
    for ending in ("地区", *"省市县区州旗盟"):
        if place.name.endswith(ending) and len(place.name) - len(ending) >= 2:
            return place.name.removesuffix(ending)
    return None


def read_own_place(text: str, own: Chain) -> tuple[Chain, str]:
    """As `read_place`, of the document's own place, which is known whatever follows it: 柳河镇|便民中心."""
    for at in range(len(own), 0, -1):
        for printed in (written(own[:at]), written(shortest_clear(own[:at]))):
            if text.startswith(printed):
                inner, rest = read_place(text)
                longer = len(rest) < len(text) - len(printed) and inner[0] in own
                return (inner, rest) if longer else (own[:at], text.removeprefix(printed))
    return (), text


def read_short_place(text: str, own: Chain) -> tuple[Chain, str]:
    """As `read_place`, of short names: those of the document's own places (临澜), and those of known ones (苏州)."""
    for at in range(len(own) - 1, -1, -1):
        name = stem(own[at])
        if name and text.startswith(name):
            return own[: at + 1], text.removeprefix(name)
    for length in range(min(4, len(text)), 1, -1):
        known = _short_names().get(text[:length])
        if known:
            return (known,), text[length:]
    return (), text


@cache
def _known() -> dict[str, Place]:
    return {row[0]: Place(row[0], _level(row[1])) for row in rows("places.tsv")}


@cache
def _longest_known() -> int:
    return max(map(len, _known()))


@cache
def _short_names() -> dict[str, Place]:
    return {short: _known()[row[0]] for row in rows("places.tsv") for short in listed(row[2])}


def _level(word: str) -> Level:
    return next(level for level in RANKS if level == word)


@cache
def _zone_endings() -> tuple[str, ...]:
    return tuple(row[0] for row in rows("zones.tsv"))


@cache
def _not_places() -> re.Pattern[str]:
    words = (re.escape(row[0]).replace(r"\*", ".*") for row in rows("not_places.tsv"))
    return re.compile("|".join(words))
