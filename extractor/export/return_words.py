"""What a returned table would change, in the words of its columns: for the command and for the page."""

from __future__ import annotations

from extractor.export import wording
from extractor.export.rows import COMPLETED_ON, PROGRESS, REMARKS, STATUS
from extractor.ledger.records import Tracking
from extractor.ledger.returns import Field, Plan, Refusal

TITLES: dict[Field, str] = {
    "status": STATUS,
    "progress": PROGRESS,
    "completed_on": COMPLETED_ON,
    "remarks": REMARKS,
}
EMPTY = "（空）"
SIDES = "{}台账为“{}”，表中为“{}”"
SIDES_OF_COPIES = "{}那份报“{}”，这份报“{}”"
UNDATED = "已完成，但没有填完成日期，记为收回当天"
LONGEST_TEXT = 60


def in_words(field: Field, tracking: Tracking) -> str:
    """The value of the field as its column shows it."""
    if field == "status":
        return wording.STATUSES[tracking.status]
    if field == "progress":
        return wording.progress(tracking.percent, tracking.progress)
    if field == "completed_on":
        return tracking.completed_on.isoformat() if tracking.completed_on else ""
    return tracking.remarks


def refusal(refused: Refusal) -> str:
    """Why the row was refused."""
    now, said = refused.now or Tracking(), refused.said or Tracking()
    sides = SIDES_OF_COPIES if refused.reason == "other_copy" else SIDES
    conflict = "；".join(
        sides.format(
            TITLES[field], brief(in_words(field, now)) or EMPTY, brief(in_words(field, said)) or EMPTY
        )
        for field in refused.fields
    )
    return wording.REFUSALS[refused.reason].format(
        text=brief(refused.text),
        conflict=conflict,
        day=said.completed_on,
        status=wording.STATUSES[said.status],
        percent=said.percent,
    )


def undated(plan: Plan) -> list[int]:
    """The tasks that are reported as done without the day on which that was."""
    return [
        change.task.id
        for change in plan.changes
        if change.after.status == "done"
        and "status" in change.fields
        and not change.row.said.get("completed_on")
    ]


def brief(text: str) -> str:
    """`text` on one line, its beginning where it is long."""
    return wording.shortened(wording.tidy(text), LONGEST_TEXT)
