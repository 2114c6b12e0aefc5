"""Tables in a terminal: whatever its width, days and numbers stay whole and nothing is lost."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from extractor.export.terminal.console import print_table, table

TITLES = ("序号", "任务", "牵头单位", "配合单位", "完成时限", "来源")
TASK = (
    "12",
    "推进“一件事”集成办理",
    "市政务服务局、市市场监管局、市人力资源社会保障局",
    "",
    "2023-06-30（6月底前）\n2023-12-31（年底前）",
    "《关于印发优化营商环境工作要点的通知》 第12段 一（一）",
)


def printed(width: int, *rows: tuple[str | Text, ...], titles: tuple[str, ...] = TITLES) -> str:
    out = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    shown = table(*titles, numbers=[0])
    for row in rows:
        shown.add_row(*row)
    print_table(out, shown)
    assert isinstance(out.file, io.StringIO)
    return "\n".join(line.rstrip() for line in out.file.getvalue().splitlines())


def test_where_there_is_room_it_is_a_table() -> None:
    first = printed(160, TASK).splitlines()[0]
    assert first.split() == list(TITLES)  # the empty column too: that nobody assists is said


def test_where_a_column_too_many_is_empty_it_is_left_out() -> None:
    assert printed(70, TASK).splitlines()[0].split() == [t for t in TITLES if t != "配合单位"]


def test_where_there_is_none_each_row_is_told_line_by_line() -> None:
    assert printed(50, TASK).splitlines() == [
        "12  推进“一件事”集成办理",
        "  牵头单位：市政务服务局、市市场监管局、市人力资源",
        "  社会保障局",
        "  完成时限：2023-06-30（6月底前）；2023-12-31（年",
        "  底前）",
        "  来源：《关于印发优化营商环境工作要点的通知》",
        "  第12段 一（一）",
    ]


def test_short_values_share_a_line() -> None:
    row = ("即将到期", "2023-06-30", "还有 2 天", "46", "构建城乡一体供水网", "未开始")
    titles = ("情况", "期限", "距今", "序号", "任务", "状态")
    assert printed(40, row, titles=titles).splitlines() == [
        "即将到期  2023-06-30",
        "  距今：还有 2 天  序号：46",
        "  任务：构建城乡一体供水网  状态：未开始",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_a_day_is_never_folded(width: int) -> None:
    assert "2023-06-30" in printed(width, (*TASK[:4], "2023-06-30", TASK[5]))


CELLS = st.text("市教育局、应急管理ABC12（）", max_size=60)


@given(rows=st.lists(st.tuples(*[CELLS] * len(TITLES)), min_size=1, max_size=4), width=st.integers(40, 170))
def test_nothing_is_lost_and_no_line_is_too_long(rows: list[tuple[str, ...]], width: int) -> None:
    lines = printed(width, *rows).splitlines()
    assert max(map(cell_len, lines), default=0) <= width
    characters = sorted("".join(lines))
    for char in set("".join("".join(row) for row in rows)):
        assert characters.count(char) >= sum(cell.count(char) for row in rows for cell in row)
