"""Which organisations a passage makes answerable, and in what role.

Three places name them: brackets and labelled lines (牵头单位：…), phrases of duty (由A牵头, 会同B, 请C …), and the grammatical
subject of a sentence that obliges. Roles after the annotation guide.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from extractor.fields.context import FieldContext
from extractor.fields.unit_duties import Duties
from extractor.fields.unit_names import UnitLexicon
from extractor.fields.unit_passage import Passage
from extractor.fields.unit_phrases import Phrases
from extractor.fields.unit_subjects import Subjects
from extractor.model import Role, Span, UnitMention


@dataclass
class UnitsFound:
    """The units of a passage, and whether it declared that from here on the first named leads."""

    mentions: list[UnitMention] = field(default_factory=list)
    whole: set[Span] = field(default_factory=set)
    first_named_leads: bool = False


def find_units(text: str, context: FieldContext, lexicon: UnitLexicon | None = None) -> UnitsFound:
    """The units that clean `text` makes answerable; the same unit in the same role once.

    Who has a role in a bracket or under a label has that one, even where a sentence names it as acting too; that it
    leads, a sentence may add.
    """
    passage = Passage(text, lexicon or UnitLexicon.load())
    duties, subjects = Duties(passage, context.first_named_leads), Subjects(passage)
    named = list(duties.read())
    said = {unit.span.of(text) for unit in named}
    acting = [
        unit
        for unit in (*Phrases(passage, subjects).read(), *subjects.read())
        if unit.span.of(text) not in said or unit.role == "lead"
    ]
    found = [*named, *acting]
    result = UnitsFound(first_named_leads=context.first_named_leads or duties.declared)
    seen: set[tuple[str, Role]] = set()
    for unit in sorted(found, key=lambda unit: unit.span):
        quote = unit.span.of(text)
        if (quote, unit.role) not in seen:
            seen.add((quote, unit.role))
            result.mentions.append(UnitMention(quote, unit.span, unit.role, unit.rule))
            if unit.whole:
                result.whole.add(unit.span)
    return result
