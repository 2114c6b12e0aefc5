"""Task tables: rows of a table become tasks with the roles of their columns."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.model import Cell, Document, Source, Span, Table
from extractor.outline.tables import column_of
from extractor.pipeline import extract_text, read_document

TITLE = "2023年重点工作责任分工表\n"


def table_document(
    rows: list[list[str | tuple[str, int, int]]], title: str = TITLE, after: str = ""
) -> Document:
    """A document with one table; a cell is its text, or text with the rows and columns it takes up; None is covered."""
    text, cells = title, []
    start = len(text)
    for row, entries in enumerate(rows):
        column = 0
        for index, entry in enumerate(entries):
            words, height, width = entry if isinstance(entry, tuple) else (entry, 1, 1)
            if words is not None:
                cells.append(Cell(Span(len(text), len(text) + len(words)), row, column, height, width))
                text += words
            text += "\t" if index + 1 < len(entries) else "\n"
            column += width
    table = Table(Span(start, len(text) - 1), tuple(cells))
    return read_document(Source("表.xlsx", text + after, b"x", tables=(table,)))


HEADER = ["序号", "重点任务", "工作内容", "牵头单位", "责任单位", "完成时限", "频次", "备注"]


def test_rows_are_tasks_with_the_roles_of_their_columns() -> None:
    document = table_document(
        [
            HEADER,
            [
                "1",
                "加强预案管理",
                "修订总体预案，组织演练",
                "市应急局",
                "市水利局、市住房和城乡建设局",
                "6月底前",
                "每半年1次",
                "",
            ],
            ["2", "强化值守", "落实24小时值班制度", "市政府办公室", "各有关部门", "长期坚持", "", ""],
        ]
    )
    first, second = document.tasks
    assert (first.number, first.heading) == ("1", "加强预案管理")
    assert [(u.quote, u.role) for u in first.fields.units] == [
        ("市应急局", "lead"),
        ("市水利局", "responsible"),
        ("市住房和城乡建设局", "responsible"),
    ]
    assert [(d.quote, d.due) for d in first.fields.deadlines] == [("6月底前", date(2023, 6, 30))]
    assert [(f.quote, f.period) for f in first.fields.frequencies] == [("每半年1次", "P6M")]
    assert [(f.quote, f.vague) for f in second.fields.frequencies] == [("24小时值班", "continuous")]
    assert not second.fields.deadlines


@pytest.mark.parametrize(
    ("cell", "due"),
    [
        ("2023年12月31日", date(2023, 12, 31)),
        ("10月", date(2023, 10, 31)),
        ("年底前", date(2023, 12, 31)),
        ("持续推进", None),
    ],
)
def test_a_cell_under_the_time_limit_is_a_limit_even_without_a_before(cell: str, due: date | None) -> None:
    document = table_document([["序号", "任务", "责任单位", "完成时限"], ["1", "修订预案", "市应急局", cell]])
    (task,) = document.tasks
    assert [d.due for d in task.fields.deadlines] == ([due] if due else [])
    assert all(d.span.of(document.source.text) == d.quote for d in task.fields.deadlines)


def test_a_merged_cell_speaks_for_each_of_its_rows() -> None:
    document = table_document(
        [
            ["序号", "任务", "牵头单位", "完成时限"],
            ["1", "修订预案", ("市应急局", 2, 1), "6月底前"],
            ["2", "组织演练", (None, 1, 1), "9月底前"],
        ]
    )
    assert [[u.quote for u in task.fields.units] for task in document.tasks] == [["市应急局"], ["市应急局"]]


def test_full_width_rows_are_sections_and_repeated_headers_are_passed_over() -> None:
    header: list[str | tuple[str, int, int]] = ["序号", "任务", "责任单位", "完成时限"]
    document = table_document(
        [
            header,
            [("一、应急准备", 1, 4)],
            ["1", "修订预案", "市应急局", "6月底前"],
            header,
            ["2", "组织演练", "市水利局", "9月底前"],
        ]
    )
    assert [(i.kind, i.number, i.heading) for i in document.items] == [
        ("group", "一", "应急准备"),
        ("task", "1", None),
        ("task", "2", None),
    ]


def test_several_header_rows() -> None:
    document = table_document(
        [
            [("序号", 2, 1), ("工作任务", 2, 1), ("责任分工", 1, 2), ("完成时限", 2, 1)],
            [(None, 1, 1), (None, 1, 1), "牵头单位", "配合单位", (None, 1, 1)],
            ["1", "修订预案", "市应急局", "市水利局", "6月底前"],
        ]
    )
    (task,) = document.tasks
    assert [(u.quote, u.role) for u in task.fields.units] == [
        ("市应急局", "lead"),
        ("市水利局", "cooperating"),
    ]


def test_a_role_in_the_cell_itself() -> None:
    document = table_document([["序号", "任务", "责任单位"], ["1", "修订预案", "市应急局（牵头）、市水利局"]])
    (task,) = document.tasks
    assert [(u.quote, u.role) for u in task.fields.units] == [
        ("市应急局", "lead"),
        ("市水利局", "responsible"),
    ]


def test_a_table_under_a_heading_belongs_to_it() -> None:
    document = table_document(
        [["序号", "任务", "责任单位"], ["1", "修订预案", "市应急局"]],
        title="2023年应急管理工作方案\n一、总体要求\n以防为主。\n二、任务分工\n",
        after="三、工作要求\n各县区要加强领导。",
    )
    assert [(i.id, i.number, i.kind) for i in document.items] == [
        ("1", "一", "context"),
        ("2", "二", "group"),
        ("2.1", "1", "task"),
        ("3", "三", "task"),
    ]


def test_other_tables_are_left_out_with_a_reason() -> None:
    document = table_document(
        [["姓名", "单位", "电话"], ["张三", "市应急局", "123"]], title="2023年工作要点\n一、要做好。\n"
    )
    assert len(document.tasks) == 1
    assert "table" in {out.reason for out in document.left_out}


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("序 号", "number"), ("重点任务", "task"), ("工作内容", "content"), ("主要举措", "task"), ("牵头部门", "lead"),
        ("责任单位", "responsible"), ("配合单位（部门）", "cooperating"), ("完成时间", "deadline"), ("频次", "frequency"),
        ("责任领导", "other"), ("备注", "other"), ("姓名", None), ("单位", None),
    ],
)  # fmt: skip
def test_columns(heading: str, column: str | None) -> None:
    assert column_of(heading) == column


CELLS = "序号\n工作任务\n具体措施\n责任单位\n配合单位\n完成时限\n"
FLAT = [
    # a cell a line
    (
        f"{CELLS}1\n健全体系\n层层签订责任书。\n各学校\n县公安局\n2月底前\n2\n消防整治\n检修应急照明。\n县教育局\n县住建局\n3月20日前",
        [
            ("1", "各学校/responsible 县公安局/cooperating", "2023-02-28"),
            ("2", "县教育局/responsible 县住建局/cooperating", "2023-03-20"),
        ],
    ),
    # a cell left empty, and one broken over two lines
    (
        f"{CELLS}1\n健全体系\n层层签订责任书。\n各学校\n2月底前\n2\n消防整治\n更换灭火器材，\n检修应急照明。\n县教育局\n县住建局\n3月20日前",
        [
            ("1", "各学校/responsible", "2023-02-28"),
            ("2", "县教育局/responsible 县住建局/cooperating", "2023-03-20"),
        ],
    ),
    # a row a line, and the header again on the next page
    (
        "序号 重点任务 牵头单位 完成时限\n1 签订责任书。 县教育局 2月底前\n序号 重点任务 牵头单位 完成时限\n2 检修照明。 县住建局 3月底前",
        [("1", "县教育局/lead", "2023-02-28"), ("2", "县住建局/lead", "2023-03-31")],
    ),
    # what follows the table is none of it
    (
        "序号 重点任务 牵头单位 完成时限\n1 签订责任书。 县教育局 2月底前\n2 检修照明。 县住建局 3月底前\n县教育局\n2023年1月9日",
        [("1", "县教育局/lead", "2023-02-28"), ("2", "县住建局/lead", "2023-03-31")],
    ),
]


@pytest.mark.parametrize(("body", "expected"), FLAT)
def test_a_table_that_has_lost_its_lines(body: str, expected: list[tuple[str, str, str]]) -> None:
    document = extract_text(f"{TITLE}{body}")
    found = [
        (
            item.number,
            " ".join(f"{unit.quote}/{unit.role}" for unit in item.fields.units),
            " ".join(str(deadline.due) for deadline in item.fields.deadlines),
        )
        for item in document.items
    ]
    assert found == expected


WALLED = [
    # as copied from a sheet; a line alone between rows names those under it; spaces inside a cell
    (
        "序号\t工作任务\t责任领导\t牵头单位\t配合单位\t完成时限\n一、应急准备\n1\t修订预案。\t邓 某\t县应急局\t县水利局、各乡镇\t6月底前\n2\t组织演练。\t刘 某\t县水利局\t\t三季度\n二、抢险救援\n3\t储备物资。\t邓 某\t县应急局\t县财政局\t12月底",
        [
            ("一", "group", "", ""),
            ("1", "task", "县应急局/lead 县水利局/cooperating 各乡镇/cooperating", "2023-06-30"),
            ("2", "task", "县水利局/lead", "2023-09-30"),
            ("二", "group", "", ""),
            ("3", "task", "县应急局/lead 县财政局/cooperating", "2023-12-31"),
        ],
    ),
    # in the walls of Markdown
    (
        "| 序号 | 重点任务 | 责任单位 | 完成时限 |\n| --- | --- | --- | --- |\n| 1 | 修订预案。 | 县应急局 | 6月底前 |\n| 2 | 组织演练。 |  | 9月底前 |",
        [("1", "task", "县应急局/responsible", "2023-06-30"), ("2", "task", "", "2023-09-30")],
    ),
    # with a column of which nothing is known
    (
        "重点任务\t责任单位\t经费渠道\n修订预案。\t县应急局\t自筹\n组织演练。\t县水利局\t自筹",
        [(None, "task", "县应急局/responsible", ""), (None, "task", "县水利局/responsible", "")],
    ),
]


@pytest.mark.parametrize(("body", "expected"), WALLED)
def test_a_table_whose_cells_tabs_or_bars_part(body: str, expected: list[tuple[str, str, str, str]]) -> None:
    document = extract_text(f"{TITLE}{body}\n县政府办公室\n2023年1月9日")
    assert [
        (
            item.number,
            item.kind,
            " ".join(f"{unit.quote}/{unit.role}" for unit in item.fields.units),
            " ".join(str(deadline.due) for deadline in item.fields.deadlines),
        )
        for item in document.items
    ] == expected


def test_bars_and_tabs_of_other_text_make_no_table() -> None:
    document = extract_text(f"{TITLE}一、任务\n姓名\t职务\t电话\n甲\t科长\t1234\n甲|乙|丙\n要做好。")
    assert [(item.number, item.kind) for item in document.items] == [("一", "task")]


@pytest.mark.parametrize("rows", ["甲|乙|丙\n", "序号\t任务\t单位\n"])
def test_lines_without_end_that_look_like_rows_are_read_to_their_end(rows: str) -> None:
    """In time that grows with the text alone: were it the square, this would take hours."""
    document = extract_text(f"{TITLE}{rows * 6_000}一、任务\n要做好。")
    assert document.source.text[document.items[-1].span.start :].startswith("一、任务")
