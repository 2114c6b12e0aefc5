"""The registry of units as a table."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.export import wording
from extractor.export.control import safe
from extractor.export.terminal.console import console, print_table, table
from extractor.ledger.units import Unit


def print_units(units: Sequence[Unit]) -> None:
    """Each unit with the names that documents print for it, and its tasks in each role."""
    out = console()
    if not units:
        out.print("没有符合条件的单位。")
        return
    shown = table(
        "序号",
        "单位",
        "层级",
        "类别",
        "任务",
        "牵头",
        "责任",
        "配合",
        "公文中的写法",
        numbers=[0, 4, 5, 6, 7],
    )
    for unit in units:
        organization = unit.organization
        names = dict.fromkeys(name.name for name in unit.names)
        shown.add_row(
            str(organization.id),
            safe(wording.organization(organization)),
            wording.LEVELS.get(organization.level or "", ""),
            "统称" if organization.collective else wording.UNIT_KINDS[organization.kind],
            *map(str, (unit.tasks, unit.lead, unit.responsible, unit.cooperating)),
            safe("、".join(names)),
        )
    print_table(out, shown)
    out.print(f"共 {len(units)} 个单位。")
