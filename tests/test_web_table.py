"""台账, 进展, 单位: which tasks are shown, what is done with many at once, and what can be taken along."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from html import escape
from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from starlette.datastructures import QueryParams

from extractor.ledger import TaskFilters
from extractor.ledger.audit import verify
from extractor.ledger.records import Tracking
from extractor.ledger.report import CATEGORIES, Figures, report
from extractor.ledger.tracking import record
from extractor.ledger.units import units
from extractor.web.charts import COLUMNS_HEIGHT, WIDTH, bar, column_chart
from extractor.web.choosing import COLUMNS, ORDERS, ROLES, SHOWN_FIRST, Choice
from extractor.web.pages import progress, table
from tests.helpers.coordinating import (
    SCRIPT,
    SOON,
    TODAY,
    coordinated,
    count_events,
    events_of,
    numbers_in,
    statuses_of,
    text_of,
)

EVERYTHING = [1, 2, 3, 4, 5, 6, 7]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A ledger that is looked at only."""
    with coordinated(tmp_path_factory.mktemp("shown"), accounts=True) as office:
        yield office


@pytest.fixture
def office(tmp_path):
    """A ledger of this test's own."""
    with coordinated(tmp_path, accounts=True) as office:
        yield office


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", EVERYTHING),
            ("document=2", [3, 4, 5, 6, 7]),
            ("document=防汛要点", [3, 4, 5, 6, 7]),  # part of a name will do, as in the command
            ("document=9", []),
            ("unit=水利局", [3, 6, 7]),
            ("unit=水利局&role=lead", [3]),
            ("role=cooperating", [1, 2, 7]),
            ("status=done", [2]),
            ("status=in_progress", [7]),
            ("status=overdue", [1, 3, 4]),  # a deadline, a deadline, a time of what recurs
            ("due_before=2024-05-31", [1, 3]),
            ("due_after=2024-06-01", [7]),
            (f"due_after={SOON}&due_before={SOON}", [7]),
            ("text=巡查", [4]),
            ("text=%25", []),  # no wildcard
            ("unit=_", []),
            ("document=2&unit=水利局&status=overdue&text=清淤", [3]),
        ],
    )
    def test_which_tasks(self, shown, query, expected):
        page = shown.signed_in("staff").get(f"/tasks?{query}")
        assert page.status_code == 200
        assert numbers_in(page.text) == expected

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            ("number", EVERYTHING),
            ("-number", EVERYTHING[::-1]),
            # 1 and 4 recur: their first open times come before the deadlines; 2, 5 and 6 have no date and come last.
            ("due", [1, 4, 3, 7, 2, 5, 6]),
            ("-due", [7, 3, 4, 1, 6, 5, 2]),
            ("status", [1, 3, 4, 5, 6, 7, 2]),
            ("document", EVERYTHING),
            ("-document", [3, 4, 5, 6, 7, 1, 2]),  # the last document first, no text turned round
        ],
    )
    def test_in_which_order(self, shown, order, expected):
        assert numbers_in(shown.signed_in("staff").get(f"/tasks?order={order}").text) == expected

    def test_those_who_have_the_same_unit_stand_together(self, shown):
        found = numbers_in(shown.signed_in("staff").get("/tasks?order=unit").text)
        assert abs(found.index(3) - found.index(6)) == 1  # 县水利局
        assert abs(found.index(1) - found.index(2)) == 1  # 县应急局

    def test_a_unit_of_the_registry_by_its_number(self, shown):
        with shown.ledger() as ledger:
            (unit,) = [u.organization for u in units(ledger, "水利局")]
        page = shown.signed_in("staff").get(f"/tasks?organization={unit.id}&role=cooperating").text
        assert numbers_in(page) == [7]
        assert unit.name in text_of(page)

    @pytest.mark.parametrize(
        ("query", "problem"),
        [
            ("due_after=31.5.2024", "日期“31.5.2024”不对"),
            ("due_after=2024-06-01&due_before=2024-05-01", "起日 2024-06-01 晚于止日 2024-05-01"),
            ("status=late", "“状态”不认识“late”"),
            ("role=boss", "“角色”不认识“boss”"),
            ("organization=x", "“单位编号”须是编号"),
        ],
    )
    def test_what_cannot_be_understood_is_said_in_place(self, shown, query, problem):
        coordinator = shown.signed_in("coordinator")
        page = coordinator.get(f"/tasks?{query}")
        assert page.status_code == 200
        assert problem in text_of(page.text)
        # What takes the tasks out of the page must not take others than those that were meant.
        assert coordinator.get(f"/tasks/export?form=csv&{query}").status_code == 422

    @pytest.mark.parametrize(
        "query", ["page=99999999999999999999", "page=-1", "page=x", "organization=" + "9" * 30, "order=drop"]
    )
    def test_no_number_is_too_odd(self, shown, query):
        assert shown.signed_in("staff").get(f"/tasks?{query}").status_code == 200

    def test_the_columns_that_are_chosen(self, shown):
        page = shown.signed_in("staff").get("/tasks?columns=content.remarks&columns=place").text
        heads = re.findall(r'<th scope="col" class="col-(\w+)"', page)
        assert heads == ["content", "place", "remarks"]

    def test_nothing_found(self, shown):
        page = shown.signed_in("staff").get("/tasks?text=没有的话").text
        assert "没有符合条件的任务" in text_of(page)
        assert 'href="/tasks">清除条件' in page

    def test_pages(self, shown, monkeypatch):
        monkeypatch.setattr(table, "PAGE", 3)
        staff = shown.signed_in("staff")
        assert numbers_in(staff.get("/tasks?page=2").text) == [4, 5, 6]
        assert numbers_in(staff.get("/tasks?page=2&status=not_started").text) == [5, 6]
        last = staff.get("/tasks?page=8").text
        assert numbers_in(last) == [7]
        assert "第 7–7 项，共 7 项" in text_of(last)

    def test_an_empty_ledger_says_where_to_begin(self, tmp_path):
        from tests.web_client import served

        with served(tmp_path) as alone:
            with alone.ledger() as ledger:
                ledger.db.execute("UPDATE tasks SET standing = 'dropped'")
            assert "请先到 收文" in text_of(alone.visitor().get("/tasks").text)
            assert "请先到 收文" in text_of(alone.visitor().get("/progress").text)

    def test_text_of_a_circular_is_text(self, shown):
        page = shown.signed_in("staff").get("/tasks?columns=content.source").text
        assert SCRIPT not in page
        assert escape(SCRIPT) in page
        assert "<script>alert" not in page

    def test_what_is_typed_is_text(self, shown):
        page = (
            shown.signed_in("staff")
            .get("/tasks", params={"text": '"><script>x</script>', "document": "'><b>", "unit": "<i>"})
            .text
        )
        assert "<script>x" not in page
        assert "'><b>" not in page
        assert "<i>" not in page

    @pytest.mark.parametrize("text", ["' OR 1=1 --", '"; DROP TABLE tasks; --', "%' --", "\x00", "𠮷" * 300])
    def test_what_is_typed_is_no_sql(self, shown, text):
        page = shown.signed_in("staff").get("/tasks", params={"text": text, "unit": text, "document": text})
        assert page.status_code == 200
        assert numbers_in(page.text) == []


def choices():
    days = st.none() | st.dates()
    words = st.text(max_size=20).map(str.strip)
    return st.builds(
        Choice,
        document=words,
        unit=words,
        organization=st.none() | st.integers(1, 2**63 - 1),
        role=st.none() | st.sampled_from(ROLES),
        status=st.sampled_from(["", "overdue", "done", "in_progress"]),
        due_after=days,
        text=words,
        order=st.sampled_from(ORDERS),
        descending=st.booleans(),
        columns=st.sets(st.sampled_from(list(COLUMNS)), min_size=1).map(
            lambda some: tuple(c for c in COLUMNS if c in some)
        ),
        page=st.integers(1, 10**9),
    )


class TestAddress:
    @given(choices())
    def test_an_address_asks_for_what_it_was_made_of(self, choice):
        assert Choice.of(QueryParams(choice.query())) == choice

    @given(
        st.dictionaries(
            st.sampled_from([*TaskFilters.__annotations__, "columns", "page"]), st.text(max_size=12)
        )
    )
    def test_any_address_asks_for_something(self, query):
        choice = Choice.of(QueryParams(query))
        assert Choice.of(QueryParams(choice.query())).query() == choice.query()

    def test_what_goes_without_saying_is_not_in_it(self):
        assert Choice(columns=SHOWN_FIRST).address() == "/tasks"

    def test_a_head_sorts_and_then_turns_round(self):
        assert Choice(page=4).sorted_by("due") == "/tasks?order=due"
        assert Choice(order="due").sorted_by("due") == "/tasks?order=-due"
        assert Choice(order="due", descending=True).sorted_by("due") == "/tasks?order=due"


class TestStatusOfMany:
    def test_ticked_ones(self, office):
        coordinator = office.signed_in("coordinator")
        coordinator.get("/tasks?role=lead")
        answer = coordinator.post(
            "/tasks/status",
            data={
                "task": [1, 3],
                "status": "done",
                "completed_on": "2024-06-01",
                "reason": "现场核实",
                "filters": "role=lead",
            },
        )
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/tasks?role=lead&changed=")
        with office.ledger() as ledger:
            assert {t.tracking.completed_on.isoformat() for t in ledger.numbered([1, 3])} == {"2024-06-01"}
        assert statuses_of(office) == {
            1: "done",
            2: "done",
            3: "done",
            4: "not_started",
            5: "not_started",
            6: "not_started",
            7: "in_progress",
        }
        assert events_of(office, "record")[-2:] == [
            {"actor": "老统", "subject": "task:1", "reason": "现场核实"},
            {"actor": "老统", "subject": "task:3", "reason": "现场核实"},
        ]
        assert "已把 2 项任务的状态定为“已完成”" in text_of(coordinator.get(answer.headers["location"]).text)

    def test_all_that_meet_the_filters_also_on_other_pages(self, office, monkeypatch):
        monkeypatch.setattr(table, "PAGE", 2)
        coordinator = office.signed_in("coordinator")
        coordinator.get("/tasks")
        coordinator.post(
            "/tasks/status",
            data={"everything": "true", "expected": 3, "status": "suspended", "filters": "unit=水利局"},
        )
        assert [task for task, status in statuses_of(office).items() if status == "suspended"] == [3, 6, 7]

    @pytest.mark.parametrize(
        ("form", "problem"),
        [
            ({"status": "done"}, "没有选中任务"),
            ({"task": [1]}, "没有选状态"),
            ({"task": [1], "status": "overdue"}, "没有选状态"),  # it follows from the day
            ({"task": [1], "status": "done", "completed_on": "5月"}, "完成日期“5月”不对"),
            ({"task": [1], "status": "done", "completed_on": "2999-01-01"}, "还没有到"),
            ({"task": [1, 999], "status": "done"}, "有 1 项已不在台账中"),
            (
                {"everything": "true", "expected": 6, "status": "done"},
                "已由 6 项变为 7 项",
            ),  # one came in meanwhile
            (
                {"everything": "true", "expected": 7, "status": "done", "filters": "due_after=x"},
                "日期“x”不对",
            ),
        ],
    )
    def test_refused_as_a_whole_and_said_in_place(self, office, form, problem):
        coordinator = office.signed_in("coordinator")
        before, events = statuses_of(office), count_events(office)
        answer = coordinator.post("/tasks/status", data=form)
        assert answer.status_code == 422
        assert problem in text_of(answer.text)
        assert statuses_of(office) == before
        assert count_events(office) == events

    def test_more_than_are_changed_at_once(self, office, monkeypatch):
        coordinator = office.signed_in("coordinator")
        monkeypatch.setattr(table, "MOST_AT_ONCE", 2)
        answer = coordinator.post("/tasks/status", data={"task": [1, 2, 3], "status": "done"})
        assert "一次最多办理 2 项" in text_of(answer.text)

    def test_what_was_ticked_stays_ticked_where_it_was_refused(self, office):
        page = office.signed_in("coordinator").post("/tasks/status", data={"task": [3]}).text
        assert re.findall(r'name="task" value="(\d+)"[^>]* checked', page) == ["3"]

    def test_nothing_to_change_is_no_event(self, office):
        coordinator = office.signed_in("coordinator")
        events = count_events(office)
        answer = coordinator.post("/tasks/status", data={"task": [7], "status": "in_progress"})
        assert answer.headers["location"] == "/tasks"
        assert count_events(office) == events


class TestUndo:
    def change(self, coordinator, tasks, status="done"):
        answer = coordinator.post("/tasks/status", data={"task": tasks, "status": status})
        return answer.headers["location"].partition("changed=")[2]

    def test_all_stands_as_before(self, office):
        coordinator = office.signed_in("coordinator")
        with office.ledger() as ledger:
            before = {t.id: t.tracking for t in ledger.tasks()}
        changed = self.change(coordinator, [1, 2, 7], "cancelled")
        assert f'value="{changed}"' in coordinator.get(f"/tasks?changed={changed}").text
        undo = {"changed": changed, "filters": "order=due", "reason": " 登记错了 "}
        answer = coordinator.post("/tasks/undo", data=undo)
        assert answer.headers["location"] == "/tasks?order=due"
        with office.ledger() as ledger:
            assert {t.id: t.tracking for t in ledger.tasks()} == before
            assert ledger.count_tasks(overdue_on=TODAY) == 3  # what is derived came back with it
        assert [each["subject"] for each in events_of(office, "undo")] == ["task:7", "task:2", "task:1"]
        assert all("登记错了" in each["reason"] for each in events_of(office, "undo"))

    def test_what_was_changed_since_stays(self, office):
        coordinator = office.signed_in("coordinator")
        changed = self.change(coordinator, [1, 3])
        with office.ledger() as ledger:
            record(ledger, [3], remarks="已验收")
        answer = coordinator.post("/tasks/undo", data={"changed": changed})
        assert "1 项此后又有改动，未撤销" in text_of(coordinator.get(answer.headers["location"]).text)
        assert statuses_of(office)[1] == "not_started"
        assert statuses_of(office)[3] == "done"

    def test_only_once(self, office):
        coordinator = office.signed_in("coordinator")
        changed = self.change(coordinator, [1])
        coordinator.post("/tasks/undo", data={"changed": changed})
        events = count_events(office)
        coordinator.post("/tasks/undo", data={"changed": changed})
        assert count_events(office) == events

    def test_several_changes_of_one_task_go_back_to_before_the_first(self, office):
        coordinator = office.signed_in("coordinator")
        first = self.change(coordinator, [1], "in_progress").partition("-")[0]
        last = self.change(coordinator, [1], "done").partition("-")[2]
        coordinator.post("/tasks/undo", data={"changed": f"{first}-{last}"})
        with office.ledger() as ledger:
            assert ledger.task(1).tracking == Tracking()

    @pytest.mark.parametrize(("changed", "status"), [("1-99999", 409), ("x", 422), ("1-", 422), ("5-1", 409)])
    def test_what_others_did_cannot_be_undone_so(self, office, changed, status):
        before = statuses_of(office)
        assert office.signed_in("admin").post("/tasks/undo", data={"changed": changed}).status_code == status
        assert statuses_of(office) == before


class TestExport:
    def get(self, office, form, query=""):
        answer = office.signed_in("auditor").get(f"/tasks/export?form={form}{query}")
        assert answer.status_code == 200
        return answer

    def test_csv_of_what_is_shown(self, shown):
        rows = list(
            csv.reader(
                io.StringIO(self.get(shown, "csv", "&unit=水利局&order=-number").content.decode("utf-8-sig"))
            )
        )
        assert [row[0] for row in rows[1:]] == ["7", "6", "3"]

    def test_csv_for_older_programs(self, shown):
        assert "清淤疏浚" in self.get(shown, "csv-gb18030").content.decode("gb18030")

    def test_json(self, shown):
        assert len(json.loads(self.get(shown, "json", "&document=2").content)) > 0

    @pytest.mark.parametrize(("form", "member"), [("xlsx", "xl/workbook.xml"), ("docx", "word/document.xml")])
    def test_office_files(self, shown, form, member):
        assert member in zipfile.ZipFile(io.BytesIO(self.get(shown, form).content)).namelist()

    def test_calendar(self, shown):
        found = Calendar.from_ical(self.get(shown, "ics", "&document=2").content).walk("VEVENT")
        assert any("清淤疏浚" in str(event["SUMMARY"]) for event in found)

    def test_page(self, shown):
        page = self.get(shown, "html", "&document=2").text
        assert "防汛工作要点" in page
        assert SCRIPT not in page

    def test_saved_under_a_chinese_name_and_never_shown_as_a_page(self, shown):
        answer = self.get(shown, "html")
        disposition = answer.headers["content-disposition"]
        assert unquote(disposition) == f"attachment; filename*=UTF-8''原文对照-{TODAY:%Y%m%d}.html"
        assert disposition.isascii()
        assert "sandbox" in answer.headers["content-security-policy"]

    def test_leaves_no_trace_in_the_ledger(self, shown):
        before = count_events(shown)
        for form in table.EXPORTS:
            self.get(shown, form)
        assert count_events(shown) == before

    def test_no_other_form(self, shown):
        assert shown.signed_in("auditor").get("/tasks/export?form=exe").status_code == 404


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        ("role", "ticks", "exports"),
        [("staff", False, False), ("coordinator", True, True), ("auditor", False, True)],
    )
    def test_what_one_may_not_do_is_not_there(self, shown, role, ticks, exports):
        page = shown.signed_in(role).get("/tasks").text
        assert ('name="task"' in page) is ticks
        assert ('action="/tasks/status"' in page) is ticks
        assert ("/tasks/export" in page) is exports

    @pytest.mark.parametrize("role", ["staff", "auditor"])
    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("/tasks/status", {"task": [1], "status": "done"}),
            ("/tasks/undo", {"changed": "1-9"}),
            ("/units/merge", {"unit": [1, 2]}),
            ("/units/1/rename", {"name": "别名"}),
        ],
    )
    def test_refused_on_the_server(self, shown, role, path, form):
        before = count_events(shown)
        assert shown.signed_in(role).post(path, data=form).status_code == 403
        assert count_events(shown) == before

    def test_staff_take_nothing_along(self, shown):
        staff = shown.signed_in("staff")
        assert staff.get("/tasks/export?form=csv").status_code == 403
        assert staff.get("/progress/report?form=xlsx").status_code == 403

    def test_not_without_the_token_of_the_page(self, shown):
        coordinator = shown.signed_in("coordinator")
        before = statuses_of(shown)
        assert (
            coordinator.post("/tasks/status", token="", data={"task": [1], "status": "done"}).status_code
            == 403
        )
        assert statuses_of(shown) == before


def figures(**counts: int) -> Figures:
    return Figures(1, "x", None, {category: counts.get(category, 0) for category in CATEGORIES})


counted = st.builds(
    lambda some: figures(**some), st.dictionaries(st.sampled_from(CATEGORIES), st.integers(0, 10**6))
)


class TestProgress:
    def test_figures(self, shown):
        said = text_of(shown.signed_in("staff").get("/progress").text)
        for part in ("7 项任务", "1 已完成", "1 进行中", "3 逾期", "14% 完成率", "青禾县2024年防汛工作要点"):
            assert part in said

    def test_of_very_many_the_largest(self, shown, monkeypatch):
        monkeypatch.setattr(progress, "MOST_LISTED", 2)
        page = shown.signed_in("staff").get("/progress").text
        listed = page[page.index("按单位") :]
        assert listed.count('<th scope="row"') == 2
        with shown.ledger() as ledger:
            every = len(report(ledger, TODAY).units)
        assert f"共 {every} 个单位，这里只列任务最多的 2 个" in text_of(page)

    def test_files(self, shown):
        auditor = shown.signed_in("auditor")
        before = count_events(shown)
        book = auditor.get("/progress/report?form=xlsx")
        assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book.content)).namelist()
        assert "逾期" in auditor.get("/progress/report?form=html").text
        assert auditor.get("/progress/report?form=exe").status_code == 422
        assert count_events(shown) == before

    @given(counted, st.integers(0, 10**6))
    def test_the_parts_of_a_bar_follow_one_another(self, row, longer):
        parts = bar(row, row.total + longer)
        assert sum(part.count for part in parts) == row.total
        assert all(abs(one.start + one.length - next.start) < 0.2 for one, next in pairwise(parts))
        assert all(part.start + part.length <= WIDTH + 0.2 for part in parts)

    @given(st.lists(counted, max_size=40))
    def test_columns_stand_inside_of_the_chart_beside_each_other(self, rows):
        chart = column_chart(rows)
        assert [height for _, height in chart.lines][-1] == 0
        for column in chart.columns:
            assert -0.2 <= column.top <= COLUMNS_HEIGHT
            assert column.left >= 0
            assert column.left + column.width <= WIDTH + 0.2
        assert all(a.left + a.width <= b.left + 0.2 for a, b in pairwise(chart.columns))

    def test_a_chart_of_nothing(self):
        assert column_chart([]).columns == ()


class TestUnits:
    def number(self, office, text):
        with office.ledger() as ledger:
            return next(u.organization.id for u in units(ledger, text))

    def names(self, office):
        with office.ledger() as ledger:
            return {u.organization.name: [n.name for n in u.names] for u in units(ledger)}

    def test_found_by_any_of_its_names(self, shown):
        said = text_of(shown.signed_in("staff").get("/units?text=水利").text)
        assert "共 1 个单位" in said
        assert "县水利局" in said
        assert "没有名称中有“火星”的单位" in text_of(shown.signed_in("staff").get("/units?text=火星").text)

    def test_rename(self, office):
        coordinator, number = office.signed_in("coordinator"), self.number(office, "水利局")
        answer = coordinator.post(
            f"/units/{number}/rename", data={"name": "青禾县水务局", "reason": "机构改革"}
        )
        assert answer.status_code == 303
        assert "县水利局" in self.names(office)["青禾县水务局"]
        assert events_of(office, "rename_unit") == [
            {"actor": "老统", "subject": f"unit:{number}", "reason": "机构改革"}
        ]
        assert numbers_in(coordinator.get("/tasks?unit=水务").text) == [3, 6, 7]

    def test_merge_then_split(self, office):
        coordinator = office.signed_in("coordinator")
        one, other = self.number(office, "水利局"), self.number(office, "防汛办")
        coordinator.post("/units/merge", data={"unit": [other, one], "keep": one})
        (name,) = [name for name, printed in self.names(office).items() if "县防汛办" in printed]
        assert "县水利局" in self.names(office)[name]
        coordinator.post(f"/units/{one}/split", data={"names": ["县防汛办"], "to": "青禾县防汛办公室"})
        assert self.names(office)["青禾县防汛办公室"] == ["县防汛办"]
        assert [e["actor"] for e in events_of(office, "merge_units") + events_of(office, "split_unit")] == [
            "老统"
        ] * 2

    def change(self, office, coordinator, what):
        """Change the registry on the page; gives the number of the change, which the next page has."""
        one, other = self.number(office, "水利局"), self.number(office, "防汛办")
        path, form = {
            "merge": ("/units/merge", {"unit": [other, one], "keep": one}),
            "rename": (f"/units/{one}/rename", {"name": "青禾县水务局"}),
            "split": (f"/units/{one}/split", {"names": ["县防汛办"], "to": "青禾县防汛办公室"}),
        }[what]
        answer = coordinator.post(path, data=form)
        page = coordinator.get(answer.headers["location"]).text
        return re.search(r'action="/units/undo".*?name="changed" value="(\d+)"', page)[1]

    @pytest.mark.parametrize("what", ["merge", "rename", "split"])
    def test_a_change_is_taken_back(self, office, what):
        coordinator = office.signed_in("coordinator")
        if what == "split":
            self.change(office, coordinator, "merge")
        before = self.names(office)
        changed = self.change(office, coordinator, what)
        assert self.names(office) != before
        answer = coordinator.post("/units/undo", data={"changed": changed, "text": "县"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/units?text=%E5%8E%BF")
        page = coordinator.get(answer.headers["location"]).text
        assert "已撤销：" in page
        assert "/units/undo" not in page
        assert self.names(office) == before
        with office.ledger() as ledger:
            assert verify(ledger).holds

    def test_only_once_and_only_the_last_word(self, office):
        coordinator = office.signed_in("coordinator")
        first = self.change(office, coordinator, "rename")
        second = self.change(office, coordinator, "merge")
        events = count_events(office)
        # The merger did not touch the name: both can be taken back, the second time there is nothing left to do.
        for changed, status in ((first, 303), (first, 422), (second, 303)):
            assert coordinator.post("/units/undo", data={"changed": changed}).status_code == status
        assert count_events(office) == events + 2

    @pytest.mark.parametrize(
        ("role", "changed"), [("admin", None), ("coordinator", "1"), ("coordinator", "99999")]
    )
    def test_what_was_not_theirs_is_not_taken_back(self, office, role, changed):
        """Of another person; an event that is no change of units; one that is none."""
        done = self.change(office, office.signed_in("coordinator"), "merge")
        before = self.names(office)
        answer = office.signed_in(role).post("/units/undo", data={"changed": changed or done})
        assert (answer.status_code, "只能撤销自己" in text_of(answer.text)) == (422, True)
        assert self.names(office) == before

    @pytest.mark.parametrize(
        ("path", "form", "problem"),
        [
            ("/units/merge", {}, "至少勾选两个单位"),
            ("/units/merge", {"unit": [1]}, "至少勾选两个单位"),
            ("/units/merge", {"unit": [1, 999]}, "没有序号为 999 的单位"),
            ("/units/1/rename", {"name": " "}, "新名称是空的"),
            ("/units/1/split", {"names": [], "to": "某局"}, "拆分须勾选"),
            ("/units/1/split", {"names": ["没有的名称"], "to": "某局"}, "没有名称“没有的名称”"),
        ],
    )
    def test_refused_in_place(self, office, path, form, problem):
        before, events = self.names(office), count_events(office)
        answer = office.signed_in("coordinator").post(path, data=form)
        assert answer.status_code == 422
        assert problem in text_of(answer.text)
        assert self.names(office) == before
        assert count_events(office) == events

    def test_a_name_is_text(self, office):
        coordinator, number = office.signed_in("coordinator"), self.number(office, "水利局")
        coordinator.post(f"/units/{number}/rename", data={"name": SCRIPT})
        for path in (
            "/units",
            f"/units?open={number}",
            "/tasks",
            "/due",
            "/progress",
            f"/tasks?organization={number}",
        ):
            assert SCRIPT not in coordinator.get(path).text
