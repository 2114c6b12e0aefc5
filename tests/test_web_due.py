"""到期: the dates by unit, the month, ticking off, the days of events."""

from __future__ import annotations

import re
from datetime import date

import pytest

from extractor.ledger import calendar
from extractor.ledger.tracking import record, tick
from extractor.ledger.waiting import set_day
from extractor.web.pages import due as due_page
from tests.helpers.coordinating import SCRIPT, SOON, TODAY, coordinated, count_events, events_of, text_of


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A ledger that is looked at only."""
    with coordinated(tmp_path_factory.mktemp("due"), accounts=True) as office:
        yield office


@pytest.fixture
def office(tmp_path):
    """A ledger of this test's own."""
    with coordinated(tmp_path, accounts=True) as office:
        yield office


def unit_numbers(office):
    with office.ledger() as ledger:
        return dict(ledger.db.execute("SELECT name, id FROM organizations").fetchall())


class TestList:
    def test_overdue_and_coming_by_unit(self, shown):
        page = shown.signed_in("staff").get("/due").text
        said = text_of(page)
        assert said.index("青禾县水利局") < said.index("清淤疏浚")
        assert f"{SOON}" in said
        assert "还有 10 天" in said
        assert "1 30 天内到期" in said
        # 每月巡查: twelve months from January 2024 in one line, the first of them named
        assert "共 12 次，这是最早一次" in said

    @pytest.mark.parametrize(("within", "there"), [(9, False), (10, True)])
    def test_how_far_ahead(self, shown, within, there):
        assert (str(SOON) in shown.signed_in("staff").get(f"/due?within={within}").text) is there

    def test_of_one_circular(self, shown):
        said = text_of(shown.signed_in("staff").get("/due?document=2").text)
        assert "清淤疏浚" in said
        assert "开展演练" not in said

    def test_of_one_unit(self, shown):
        number = unit_numbers(shown)["青禾县水利局"]
        rows = re.findall(
            r'href="/tasks/(\d+)"', shown.signed_in("staff").get(f"/due?organization={number}").text
        )
        assert sorted(set(rows)) == ["3", "7"]  # 7 for it has a part in it

    def test_what_is_put_off_is_not_there(self, office):
        with office.ledger() as ledger:
            record(ledger, [3], status="suspended")
        assert "清淤疏浚" not in office.signed_in("staff").get("/due").text

    def test_rest_days_give_way(self, office):
        with office.ledger() as ledger:
            set_day(ledger, "汛期", date(2024, 6, 9))  # the Sunday of a holiday that lasts until Monday
        coordinator = office.signed_in("coordinator")
        assert "2024-06-11 原为 2024-06-08" in text_of(coordinator.get("/due?workdays=true").text)
        assert "原为" not in text_of(coordinator.get("/due").text)

    def test_too_many_are_cut_and_that_is_said(self, shown, monkeypatch):
        monkeypatch.setattr(due_page, "MOST_DATES", 3)
        assert "只列出最早的 3 条" in text_of(shown.signed_in("staff").get("/due").text)

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("within=-1", 422),
            ("within=99999", 422),
            ("organization=0", 422),
            ("organization=999", 200),
            ("document=x'", 200),
        ],
    )
    def test_odd_addresses(self, shown, query, status):
        assert shown.signed_in("staff").get(f"/due?{query}").status_code == status

    def test_nothing_due(self, office):
        with office.ledger() as ledger:
            record(ledger, [task.id for task in ledger.tasks()], status="cancelled")
        assert "没有要到期的" in text_of(office.signed_in("staff").get("/due").text)


class TestMonth:
    def cells(self, page):
        """The cells of the calendar by their days: class, text."""
        found = re.findall(
            r'<td class="([^"]*)"[^>]*>\s*<div class="date"><b>(\d+)</b>(.*?)</td>', page, re.DOTALL
        )
        return {
            int(day): (classes.split(), text_of(rest))
            for classes, day, rest in found
            if "outside" not in classes
        }

    def test_what_falls_on_a_day(self, shown):
        cells = self.cells(shown.signed_in("staff").get("/due/month?month=2024-05").text)
        assert sorted(cells) == list(range(1, 32))
        said = cells[31][1]
        assert "2 项" in said
        assert "清淤疏浚" in said
        assert "巡查堤防" in said

    def test_rest_days_and_working_weekends(self, shown):
        cells = self.cells(shown.signed_in("staff").get("/due/month?month=2024-05").text)
        assert "休" in cells[3][1]  # Friday of the May holiday
        assert "rest" in cells[3][0]
        assert "班" in cells[11][1]  # the Saturday that is worked for it
        assert "rest" not in cells[11][0]
        assert "rest" in cells[4][0]

    def test_a_year_whose_holidays_are_not_known(self, shown):
        assert "放假安排未收录" in text_of(shown.signed_in("staff").get("/due/month?month=2099-01").text)

    def test_a_day_opened(self, shown):
        page = shown.signed_in("staff").get("/due/month?month=2024-05&day=2024-05-31").text
        opened = text_of(page[page.index('id="day"') : page.index('class="calendar"')])
        assert "5 月 31 日" in opened
        assert "清淤疏浚" in opened
        assert "逾期" in opened

    def test_more_than_a_cell_names(self, shown, monkeypatch):
        monkeypatch.setattr(due_page, "IN_A_CELL", 1)
        assert "另有 1 项" in self.cells(shown.signed_in("staff").get("/due/month?month=2024-05").text)[31][1]

    def test_what_is_done_is_struck_out_and_not_counted(self, office):
        with office.ledger() as ledger:
            tick(ledger, 4, date(2024, 5, 31))
        page = office.signed_in("staff").get("/due/month?month=2024-05").text
        assert "未办 1/2" in self.cells(page)[31][1]
        assert '<li class="done"><a href="/tasks/4"' in page

    def test_what_was_cancelled_is_gone(self, office):
        with office.ledger() as ledger:
            record(ledger, [3], status="cancelled")
            found = calendar.on_days(ledger, date(2024, 5, 31), date(2024, 5, 31), limit=9)
        assert [each.task for each in found] == [4]

    @pytest.mark.parametrize("month", ["2024-13", "0000-01", "9999-12", "x", "2024-1"])
    def test_a_month_that_is_none_is_this_month(self, shown, month):
        page = shown.signed_in("staff").get(f"/due/month?month={month}")
        assert page.status_code == 200
        assert f"{TODAY.year} 年 {TODAY.month} 月" in text_of(page.text)

    @pytest.mark.parametrize("month", ["0002-01", "9998-12"])
    def test_at_the_ends_of_time(self, shown, month):
        assert shown.signed_in("staff").get(f"/due/month?month={month}").status_code == 200

    def test_text_of_a_circular_is_text(self, office):
        with office.ledger() as ledger:
            ledger.db.execute(
                "INSERT INTO task_dates VALUES (6, '2024-05-31', 0, 'deadline', ?, 0)", [SCRIPT]
            )
        for path in ("/due", "/due/month?month=2024-05&day=2024-05-31"):
            assert SCRIPT not in office.signed_in("staff").get(path).text


TICK = {"task": 4, "due": "2024-02-29", "nth": 0}


class TestTicking:
    def test_off_and_back(self, office):
        coordinator = office.signed_in("coordinator")
        page = coordinator.get("/due").text
        assert 'action="/due/tick"' in page
        answer = coordinator.post("/due/tick", data={**TICK, "back": "/due?within=7#unit-1"})
        assert answer.headers["location"] == "/due?within=7#unit-1"
        assert f"于 {TODAY} 完成" in text_of(coordinator.get("/due").text)
        assert events_of(office, "tick") == [{"actor": "老统", "subject": "task:4", "reason": ""}]
        with office.ledger() as ledger:
            assert ledger.db.execute(
                "SELECT done FROM task_dates WHERE task = 4 AND due = '2024-02-29'"
            ).fetchone() == (1,)
        coordinator.post("/due/tick", data={**TICK, "undo": "true"})
        assert len(events_of(office, "untick")) == 1

    def test_on_another_day(self, office):
        office.signed_in("coordinator").post("/due/tick", data={**TICK, "done_on": "2024-02-20"})
        with office.ledger() as ledger:
            assert ledger.db.execute("SELECT done_on FROM ticks").fetchone() == ("2024-02-20",)

    @pytest.mark.parametrize(
        "change", [{"due": "2024-02-28"}, {"task": 3}, {"task": 999}, {"nth": 5}, {"due": "x"}]
    )
    def test_what_is_not_due_cannot_be_ticked(self, office, change):
        answer = office.signed_in("coordinator").post("/due/tick", data={**TICK, **change})
        assert answer.status_code in (404, 409, 422)
        assert not events_of(office, "tick")

    def test_it_does_not_lead_elsewhere(self, office):
        answer = office.signed_in("coordinator").post("/due/tick", data={**TICK, "back": "//evil.example/"})
        assert answer.headers["location"] == "/"

    @pytest.mark.parametrize("role", ["staff", "auditor"])
    @pytest.mark.parametrize("path", ["/due/tick", "/due/events", "/due/events/forget"])
    def test_refused_on_the_server(self, shown, role, path):
        before = count_events(shown)
        visitor = shown.signed_in(role)
        assert (
            visitor.post(path, data={**TICK, "name": "汛期", "happens_on": "2024-06-01"}).status_code == 403
        )
        assert count_events(shown) == before
        assert (
            '<form method="post" action="/due'
            not in visitor.get("/due").text + visitor.get("/due/events").text
        )


class TestEvents:
    def test_a_day_makes_deadlines_into_dates(self, office):
        coordinator = office.signed_in("coordinator")
        waiting = coordinator.get("/due/events").text
        assert 'name="name" value="汛期"' in waiting
        answer = coordinator.post("/due/events", data={"name": "汛期", "happens_on": "2024-06-01"})
        assert answer.status_code == 303
        assert "1 项任务有了日期" in text_of(coordinator.get("/due/events").text)
        assert "修订预案" in text_of(coordinator.get("/due/month?month=2024-06").text)
        assert [each["actor"] for each in events_of(office, "event")] == ["老统"]
        coordinator.post("/due/events/forget", data={"name": "汛期", "happens_on": "2024-06-01"})
        assert "修订预案" not in text_of(coordinator.get("/due/month?month=2024-06").text)

    def test_for_one_circular_only(self, office):
        coordinator = office.signed_in("coordinator")
        coordinator.post("/due/events", data={"name": "汛期", "happens_on": "2024-06-01", "document": "2"})
        with office.ledger() as ledger:
            assert ledger.db.execute("SELECT document FROM occasions").fetchall() == [(2,)]

    def test_a_day_of_another_year_helps_nobody_and_that_is_said(self, office):
        coordinator = office.signed_in("coordinator")
        coordinator.post("/due/events", data={"name": "汛期", "happens_on": "2031-06-01"})
        assert "没有任务因此有了日期" in text_of(coordinator.get("/due/events").text)

    @pytest.mark.parametrize(
        ("path", "form", "problem"),
        [
            ("/due/events", {"name": "汛期"}, "日期没有写明"),
            ("/due/events", {"name": "汛期", "happens_on": "6月"}, "日期没有写明"),
            ("/due/events", {"name": "汛期", "happens_on": "2024-06-01", "document": "99"}, "没有文件“99”"),
            ("/due/events", {"name": " ", "happens_on": "2024-06-01"}, "事件名称是空的"),
            ("/due/events/forget", {"name": "汛期", "happens_on": "2024-06-01"}, "没有登记过"),
        ],
    )
    def test_refused_in_place(self, office, path, form, problem):
        before = count_events(office)
        answer = office.signed_in("coordinator").post(path, data=form)
        assert answer.status_code == 422
        assert problem in text_of(answer.text)
        assert count_events(office) == before
