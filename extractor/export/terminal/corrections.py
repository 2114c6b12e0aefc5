"""Corrections, differences between versions, and documents with their links, as the commands print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.text import Text

from extractor.export import wording
from extractor.export.control import safe
from extractor.export.rows import COLUMNS, row_of, unit_name
from extractor.export.terminal.console import console, print_table, table
from extractor.ledger.differences import Differences, Presence, Words
from extractor.ledger.records import DocumentEntry, Task
from extractor.ledger.references import References
from extractor.model import Citation, Item

SHOWN = ("任务", "工作内容", "牵头单位", "责任单位", "配合单位", "完成时限", "频次")
"""The columns of the task table that a correction can change."""
STYLES: dict[Presence, str] = {"both": "", "old": "red strike", "new": "green"}
SIGNS: dict[Presence, tuple[str, str]] = {"both": ("", ""), "old": ("[-", "-]"), "new": ("{+", "+}")}
FIELDS = {"kind": "类别", "units": "单位", "deadlines": "时限", "frequencies": "频次"}
LONGEST_QUOTE = 60
CONTEXT = 12
"""How many unchanged characters are shown before and behind words that changed."""


def print_corrected(before: Task, after: Task) -> None:
    """What a correction changed."""
    out = console()
    if after.standing == "withdrawn":
        kind = wording.ITEM_KINDS[after.item.kind]
        out.print(f"任务 {after.id} 改为{kind}，不再列为任务。", soft_wrap=True)
        return
    rows = [dict(zip(COLUMNS, row_of(task).cells(), strict=True)) for task in (before, after)]
    changed = [
        (column, *(row[column] for row in rows)) for column in SHOWN if rows[0][column] != rows[1][column]
    ]
    back = before.standing != after.standing
    if not (changed or back):
        out.print(f"任务 {after.id} 没有变化。", soft_wrap=True)
        return
    out.print(
        f"任务 {after.id} {'重新列为任务' if back else '已更正'}：{safe(rows[1]['任务'])}", soft_wrap=True
    )
    if changed:
        shown = table("项目", "原为", "改为")
        for column, old, new in changed:
            shown.add_row(column, safe(old) or "无", safe(new) or "无")
        print_table(out, shown)


def print_differences(
    old: DocumentEntry,
    new: DocumentEntry,
    found: Differences,
    old_numbers: Mapping[str, int],
    new_numbers: Mapping[str, int],
) -> None:
    """Items added and dropped, and those that changed, with the words that changed.

    Args:
        old: the document that is compared.
        new: the one it is compared with.
        found: what differs.
        old_numbers: the numbers of the tasks of `old` by the ids of their items.
        new_numbers: those of `new`.
    """
    out = console()
    coloured = out.color_system is not None and not out.no_color
    out.print(f"原文件：{_named(old)}", soft_wrap=True)
    out.print(f"新文件：{_named(new)}", soft_wrap=True)
    if not found:
        out.print("条目没有变化。")
        return
    one_sided: tuple[tuple[str, Presence, Sequence[Item], Mapping[str, int]], ...] = (
        ("新增", "new", found.added, new_numbers),
        ("去掉", "old", found.dropped, old_numbers),
    )
    for title, presence, items, numbers in one_sided:
        for item in items:
            out.print()
            out.print(Text(f"{title}  {_label(item, numbers)}", style="bold"), soft_wrap=True)
            quote = wording.shortened(wording.tidy(item.quote), LONGEST_QUOTE)
            out.print(_painted([Words(presence, quote)], coloured), soft_wrap=not out.is_terminal)
    for change in found.changed:
        out.print()
        out.print(Text(f"改动  {_label(change.new, new_numbers)}", style="bold"), soft_wrap=True)
        out.print(_painted(_near_changes(change.words), coloured), soft_wrap=not out.is_terminal)
        for field in change.fields:
            out.print(
                f"  {FIELDS[field]}：{_said(change.old, field)} → {_said(change.new, field)}", soft_wrap=True
            )
    out.print()
    counts = (len(found.added), len(found.dropped), len(found.changed), found.same)
    out.print("新增 {} 条，去掉 {} 条，改动 {} 条，其余 {} 条没有变化。".format(*counts))


def _label(item: Item, numbers: Mapping[str, int]) -> str:
    """Number and title of an item, and what it is."""
    kind = wording.ITEM_KINDS[item.kind]
    number = f" {numbers[item.id]}" if item.kind == "task" and item.id in numbers else ""
    printed = wording.tidy(item.number or "")
    return safe(f"{kind}{number}  {printed} {wording.tidy(item.heading or '')}".rstrip())


def _painted(words: Iterable[Words], coloured: bool) -> Text:
    """Words in the colours of what they are, or in marks where there are no colours."""
    shown = Text("  ")
    for each in words:
        opening, closing = ("", "") if coloured else SIGNS[each.presence]
        shown.append(f"{opening}{safe(each.text)}{closing}", style=STYLES[each.presence] if coloured else "")
    return shown


def _near_changes(words: Sequence[Words]) -> list[Words]:
    """The words that changed, with the beginning and end of what is unchanged between them."""
    near = []
    for at, each in enumerate(words):
        text = each.text
        if each.presence == "both" and len(text) > 2 * CONTEXT + 1:
            head = "" if at == 0 else text[:CONTEXT]
            tail = "" if at == len(words) - 1 and at else text[-CONTEXT:]
            text = f"{head}…{tail}"
        near.append(Words(each.presence, text))
    return near


def _said(item: Item, field: str) -> str:
    """What a field of the item says, in the words of tables."""
    fields = item.fields
    said = {
        "kind": [wording.ITEM_KINDS[item.kind]],
        "units": [f"{unit_name(unit)}（{wording.ROLES[unit.role]}）" for unit in fields.units],
        "deadlines": [wording.deadline(deadline) for deadline in fields.deadlines],
        "frequencies": [wording.frequency_with_quote(frequency) for frequency in fields.frequencies],
    }
    return safe("、".join(dict.fromkeys(said[field]))) or "无"


def print_documents(entries: Sequence[DocumentEntry]) -> None:
    """The documents as a table."""
    out = console()
    if not entries:
        out.print("台账中还没有文件。")
        return
    shown = table("序号", "文件", "标题", "文号", "成文日期", "任务", "版本", numbers=[0, 5])
    for entry in entries:
        shown.add_row(
            str(entry.id),
            safe(entry.name),
            safe(wording.tidy(entry.title or "")),
            safe(wording.tidy(entry.doc_number or "")),
            entry.issued_on.isoformat() if entry.issued_on else "",
            str(entry.tasks),
            _standing(entry),
        )
    print_table(out, shown)
    out.print(f"共 {len(entries)} 份文件；用 taizhang documents 序号 查看版本和引用。")


def print_document(entry: DocumentEntry, versions: Sequence[DocumentEntry], links: References) -> None:
    """A document, its versions, what it refers to, and what refers to it."""
    out = console()
    out.print(Text(f"文件 {entry.id}  {safe(wording.tidy(entry.title or entry.name))}", style="bold"))
    facts = {
        "文件名": entry.name,
        "发文机关": entry.issuer and wording.issuers(entry.issuer),
        "发文字号": entry.doc_number,
        "成文日期": entry.issued_on.isoformat() if entry.issued_on else None,
        "文种": wording.DOCUMENT_KINDS[entry.kind],
        "读入时间": f"{entry.added_at.astimezone():%Y-%m-%d %H:%M}",
        "任务": f"{entry.tasks} 项",
    }
    for name, fact in facts.items():
        if fact:
            out.print(f"  {name}：{safe(wording.tidy(fact))}", soft_wrap=True)
    if len(versions) > 1:
        out.print("版本：")
        for version in versions:
            out.print(f"  {_named(version)}  {_standing(version)}", soft_wrap=True)
        out.print(f"  用 taizhang diff {versions[0].id} 查看最近的变化。")
    if links.cites:
        out.print("引用：")
        for cited in links.cites:
            where = f"台账第 {cited.document.id} 号" if cited.document else "不在台账中"
            out.print(
                f"  {wording.RELATIONS[cited.citation.relation]}  {_cited(cited.citation)}（{where}）",
                soft_wrap=True,
            )
    if links.cited_by:
        out.print("被引用：")
        for link in links.cited_by:
            out.print(
                f"  {wording.RELATIONS[link.citation.relation]}  {_named(link.document)}", soft_wrap=True
            )


def _standing(entry: DocumentEntry) -> str:
    return wording.DOCUMENT_STANDINGS["superseded" if entry.superseded else "current"]


def _named(entry: DocumentEntry) -> str:
    day = f"，{entry.issued_on.isoformat()}" if entry.issued_on else ""
    return safe(f"{entry.id}  {wording.tidy(entry.title or entry.name)}（{entry.name}{day}）")


def _cited(citation: Citation) -> str:
    title = wording.titled(citation.title) if citation.title else ""
    return safe(title + wording.tidy(citation.doc_number or ""))
