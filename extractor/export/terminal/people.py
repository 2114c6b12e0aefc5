"""What the commands for accounts print."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.export.control import safe
from extractor.export.terminal.console import console, print_table, table
from extractor.export.wording import PERSON_ROLES
from extractor.ledger.people import Person


def print_people(people: Sequence[Person]) -> None:
    """Who has an account, with which role."""
    if not people:
        console().print("还没有用户：用 taizhang user add 添加。")
        return
    shown = table("姓名", "角色", "状态", "密码设于", "令牌", numbers=(4,))
    for person in people:
        shown.add_row(
            safe(person.name),
            PERSON_ROLES[person.role],
            "在用" if person.active else "已停用",
            person.password_set_at.astimezone().strftime("%Y-%m-%d") if person.password_set_at else "",
            str(person.tokens),
        )
    print_table(console(), shown)
