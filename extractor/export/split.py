"""One table a unit: in a folder, or in one zip file that can be sent as it is."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Unpack

from extractor.export import wording
from extractor.export.files import replaced
from extractor.export.handing_out import Slip, slip_of, write_slip
from extractor.export.packages import write_zip
from extractor.ledger.errors import LedgerError
from extractor.ledger.names import spoken
from extractor.ledger.plain import plain
from extractor.ledger.records import Task, readable
from extractor.model import Role

if TYPE_CHECKING:
    from extractor.ledger import Ledger, TaskFilters

ROLES = tuple(wording.ROLES)
MOST_NAMED = 3
LONGEST_NAME = 60
"""Characters of a file name: three bytes each where a file system allows 255, and room for the folders above."""
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""What Windows takes for a device (learn.microsoft.com, Naming Files)."""


class Split(NamedTuple):
    """How many files were written, how many tasks are in them, each counted once, and which workbooks were there before and stay."""

    files: int
    tasks: int
    left: tuple[str, ...] = ()


class FilledFolderError(LedgerError):
    """The folder has tables in it, which may have been filled in."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        named = "、".join(names[:MOST_NAMED]) + (f" 等 {len(names)} 份" if len(names) > MOST_NAMED else "")
        super().__init__(
            f"文件夹“{folder}”里已有表（{named}），可能已经填过，未写出：请换一个文件夹，或加 --force 覆盖。"
        )


@dataclass(slots=True)
class Share:
    """What falls to one unit (None: to none that is named): its tasks, each with its roles there."""

    recipient: str | None
    roles: dict[int, list[Role]] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)

    def add(self, task: Task, role: Role | None) -> None:
        """Put `task` among those of the unit."""
        self.tasks[task.id] = task
        roles = self.roles.setdefault(task.id, [])
        if role and role not in roles:
            roles.append(role)

    def in_order(self) -> list[Task]:
        """The tasks, those that the unit leads first; else as they came."""
        return sorted(self.tasks.values(), key=self._first_role)

    def _first_role(self, task: Task) -> int:
        return min((ROLES.index(role) for role in self.roles[task.id]), default=len(ROLES))

    def roles_in_words(self) -> dict[int, str]:
        """牵头、责任, by task."""
        return {
            task: "、".join(wording.ROLES[role] for role in ROLES if role in roles)
            for task, roles in self.roles.items()
            if roles
        }


def write_by_unit(
    ledger: Ledger,
    path: Path,
    *,
    returnable: bool = True,
    over: bool = False,
    **filters: Unpack[TaskFilters],
) -> Split:
    """Write a workbook for each unit that has a part in the tasks that meet `filters`.

    Collective units (各县（市、区）) get one of their own, tasks that name no unit come in one together. Where a unit or a role is
    asked for, only the tables of those units come, with the tasks in which they have that role.

    Args:
        ledger: where the tasks are.
        path: a `.zip` file, or a folder.
        returnable: whether the ledger is to note the tables, so that they can be read back; it must be writable for that.
        over: whether workbooks in that folder may be written over: somebody may have filled them in.
        **filters: which tasks.

    Raises:
        FilledFolderError: if there are workbooks in the folder and they may not be written over.
    """
    there = workbooks_in(path)
    is_archive = path.suffix.lower() == ".zip"
    if there and not over:
        raise FilledFolderError(path, there)
    shares = shares_of(
        ledger.tasks(**filters), filters.get("unit"), filters.get("organization"), filters.get("role")
    )
    slips = {
        f"{name}.xlsx": slip_of(
            ledger, share.in_order(), share.recipient, share.roles_in_words(), returnable=returnable
        )
        for name, share in _named(shares)
    }
    if is_archive:
        _write_archive(ledger, slips, path)
    else:
        for name, slip in slips.items():
            write_slip(ledger, slip, path / name)
    tasks = {task for share in shares for task in share.tasks}
    return Split(len(slips), len(tasks), tuple(name for name in there if name not in slips))


def workbooks_in(folder: Path) -> list[str]:
    """The names of the workbooks that are in the folder already, if there is one."""
    return sorted(file.name for file in folder.glob("*.xlsx")) if folder.is_dir() else []


def _write_archive(ledger: Ledger, slips: Mapping[str, Slip], path: Path) -> None:
    with replaced(path) as draft, tempfile.TemporaryDirectory() as folder:
        for name, slip in slips.items():
            slip.write(Path(folder, name))
        write_zip({name: Path(folder, name).read_bytes() for name in slips}, draft)
        if any(slip.handout for slip in slips.values()):
            with ledger.transaction():
                for name, slip in slips.items():
                    slip.note(ledger, name)


def shares_of(
    tasks: Iterable[Task], unit: str | None = None, organization: int | None = None, role: Role | None = None
) -> list[Share]:
    """What falls to each unit, in the order in which the units come; tasks without one last.

    `unit`, `organization` and `role` ask as `TaskFilters` does.
    """
    shares: dict[int | str, Share] = {}
    nobody = Share(None)
    for task in tasks:
        for mention in task.item.fields.units:
            printed = spoken(readable(mention, task.left_out).quote)
            resolved = task.organizations.get(mention.quote)
            name = resolved.name if resolved else printed
            if unit and not any(plain(unit) in plain(each) for each in (name, printed)):
                continue
            if organization is not None and (resolved is None or resolved.id != organization):
                continue
            if role is None or mention.role == role:
                shares.setdefault(resolved.id if resolved else name, Share(name)).add(task, mention.role)
        if not task.item.fields.units:
            nobody.add(task, None)
    return [*shares.values(), *([nobody] if nobody.tasks else [])]


def _named(shares: Iterable[Share]) -> Iterator[tuple[str, Share]]:
    """Each share with a file name of its own, whatever letters a file system takes for the same."""
    taken: set[str] = set()
    for share in shares:
        name = base = file_name(share.recipient or wording.NO_UNIT)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        yield name, share


def file_name(unit: str) -> str:
    """The unit's name as any system takes it for a file's, without suffix."""
    name = NOT_IN_NAMES.sub("_", wording.tidy(unit))[:LONGEST_NAME].strip(" .")
    return f"_{name}" if not name or RESERVED.fullmatch(name) else name
