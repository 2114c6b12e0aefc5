"""What the fields of a passage depend on beside its own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class FieldContext:
    """The document's year and date of issue, and whether "the first named leads" has been declared.

    `year` is the year the tasks are for: relative dates (年底前, 一季度) are resolved against it.
    `first_named_leads` is True once the document has said 列第一位者为牵头单位，下同.
    """

    year: int | None = None
    issued_on: date | None = None
    first_named_leads: bool = False
