"""What the words of a heading say of the kind of what stands under it."""

from __future__ import annotations

import re
from functools import cache

from extractor.model import ItemKind
from extractor.outline.lexicon import rows

DIRECTS = re.compile(
    r"(?:进一步|切实|全面|深入|扎实|持续|着力|大力|不断|积极|加快|严格|全力|坚决|有序|统筹|精准|稳步|科学|合理)?"
    r"(?:夯实|强化|加强|完善|健全|建立|构建|推进|推动|深化|优化|提升|提高|增强|巩固|落实|实施|开展|抓好|做好|抓实|压实|规范|促进|加大|打造|建设|培育|拓展|补齐|破解|解决|"
    r"筑牢|织密|打牢|改善|总结|推广|整改|细化|分解|明确|制定|编制|组织|严守|守住|实现|完成|确保|聚焦|围绕|对照|锚定|落细|创新|发挥|保障|营造|防范|化解|查找|排查)"
)
"""How a heading begins that names work, whatever its last word: 夯实…基础, 总结推广…经验, 解决…问题."""


@cache
def _headings() -> tuple[tuple[re.Pattern[str], ItemKind, str], ...]:
    return tuple((re.compile(pattern), kind, scope) for pattern, kind, scope in rows("headings.tsv"))  # type: ignore[misc]


@cache
def heading_kind(heading: str) -> tuple[ItemKind, str] | None:
    """The kind that a heading gives to what stands under it, with its scope; None where the words say nothing."""
    bare = re.sub(r"[\s。：“”]|（[^（）]*）$", "", heading)
    directs = DIRECTS.match(bare)
    for pattern, kind, scope in _headings():
        if pattern.fullmatch(bare) and not (directs and pattern.pattern.startswith(".{")):
            return kind, scope
    return None
