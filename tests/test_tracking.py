"""Progress, evidence, single times of recurring work, and days of events: by the library and through the command."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from extractor.cli import cli
from extractor.ledger import Ledger, NoSuchDocumentError, NoSuchTaskError, Tracking, derived, schedule
from extractor.ledger.corrections import correct, merge
from extractor.ledger.history import log
from extractor.ledger.records import STATUSES
from extractor.ledger.tracking import (
    LARGEST_EVIDENCE,
    Evidence,
    TrackingError,
    attachment,
    attachments,
    contradictions,
    drop_attachment,
    evidence_in,
    occurrences,
    record,
    reported,
    tick,
    untick,
)
from extractor.ledger.waiting import EventError, event_called, events, forget_day, hung_on, near, set_day
from extractor.model import Deadline, Span
from tests.helpers.documents import document, item, sample
from tests.helpers.tracking import TODAY, plan, year


@pytest.fixture
def ledger():
    with Ledger.in_memory() as ledger:
        year(ledger)
        yield ledger


def dates(ledger: Ledger, task: int, kind: str = "deadline") -> dict[str, int]:
    rows = ledger.db.execute(
        "SELECT due, done FROM task_dates WHERE task = ? AND kind = ? ORDER BY due, nth", [task, kind]
    )
    return dict(rows.fetchall())


def logged(ledger: Ledger, action: str) -> list[tuple[str, str, str]]:
    return ledger.db.execute(
        "SELECT subject, actor, reason FROM events WHERE action = ? ORDER BY sequence", [action]
    ).fetchall()


def derived_rows(ledger: Ledger) -> list[tuple[object, ...]]:
    return ledger.db.execute("SELECT * FROM task_dates ORDER BY task, kind, due, nth").fetchall()


DONE = Tracking("done", 100, completed_on=date(2023, 6, 1))


class TestWhatIsReported:
    @pytest.mark.parametrize(
        ("before", "report", "after"),
        [
            (Tracking(), {"progress": "已部署"}, Tracking(progress="已部署")),
            # what has a percentage has begun
            (Tracking(), {"percent": 60}, Tracking("in_progress", 60)),
            (Tracking(), {"percent": 0}, Tracking("not_started", 0)),
            # what was said by mistake is taken back
            (Tracking("in_progress", 60), {"percent": None}, Tracking("in_progress")),
            (DONE, {"completed_on": None}, replace(DONE, completed_on=None)),
            # a percentage of 100 is no completion
            (Tracking("in_progress", 60), {"percent": 100}, Tracking("in_progress", 100)),
            # what is done is done to 100 percent and today
            (Tracking("in_progress", 60), {"status": "done"}, Tracking("done", 100, completed_on=TODAY)),
            (
                Tracking(),
                {"status": "done", "completed_on": date(2023, 6, 1)},
                Tracking("done", 100, completed_on=date(2023, 6, 1)),
            ),
            # said again, the day stays
            (DONE, {"status": "done"}, DONE),
            (DONE, {"remarks": "优秀"}, Tracking("done", 100, completed_on=DONE.completed_on, remarks="优秀")),
            # what is open again has no day of completion
            (DONE, {"status": "in_progress"}, Tracking("in_progress", 100)),
            (DONE, {"status": "in_progress", "percent": 80}, Tracking("in_progress", 80)),
            (DONE, {"status": "not_started"}, Tracking("not_started")),
            (Tracking("in_progress", 30), {"status": "suspended"}, Tracking("suspended", 30)),
            (Tracking("in_progress", 30, "甲", None, "乙"), {"progress": "", "remarks": ""}, Tracking("in_progress", 30)),
        ],
    )  # fmt: skip
    def test_what_follows_from_it(self, before, report, after):
        assert reported(before, report, TODAY, 1) == after

    @pytest.mark.parametrize(
        ("before", "report", "said"),
        [
            (DONE, {"percent": 60}, "任务 12 未登记：已完成的任务进度应为 100%"),
            (Tracking(), {"status": "done", "percent": 60}, "进度应为 100%"),
            (Tracking(), {"status": "not_started", "percent": 5}, "未开始的任务没有进度"),
            (Tracking("in_progress"), {"completed_on": date(2023, 6, 1)}, "只有已完成的任务才有完成日期"),
            (
                Tracking(),
                {"status": "done", "completed_on": date(2023, 6, 21)},
                "完成日期 2023-06-21 还没有到",
            ),
        ],
    )
    def test_what_contradicts_itself_is_refused(self, before, report, said):
        with pytest.raises(TrackingError, match=said):
            reported(before, report, TODAY, 12)

    @given(
        st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "status": st.sampled_from(STATUSES),
                    "percent": st.integers(0, 100),
                    "completed_on": st.dates(date(2023, 6, 1), date(2023, 6, 25)),
                },
            ),
            max_size=6,
        )
    )
    def test_whatever_is_accepted_contradicts_nothing(self, reports):
        standing = Tracking()
        for report in reports:
            try:
                standing = reported(standing, report, TODAY, 1)
            except TrackingError:
                continue
            assert list(contradictions(standing, TODAY)) == []
            assert (standing.status == "done") == (standing.completed_on is not None)


class TestRecording:
    def test_several_tasks_at_once_each_with_its_event(self, ledger):
        done = record(ledger, [1, 3, 1], status="done", today=TODAY, reason="现场核查")
        assert [(one.task, one.after.status, one.implied) for one in done] == [
            (1, "done", ("percent", "completed_on")),
            (3, "done", ("percent", "completed_on")),
        ]
        assert ledger.task(1).tracking == Tracking("done", 100, completed_on=TODAY)
        assert [(subject, reason) for subject, _, reason in logged(ledger, "record")] == [
            ("task:1", "现场核查"),
            ("task:3", "现场核查"),
        ]

    def test_what_is_done_or_cancelled_has_no_open_dates(self, ledger):
        for status, done in (("done", 1), ("in_progress", 0), ("cancelled", 1), ("suspended", 0)):
            record(ledger, [1, 2], status=status, today=TODAY)
            assert set(dates(ledger, 1).values()) == {done}
            assert set(dates(ledger, 2, "occurrence").values()) == {done}
        assert ledger.task(1).first_open == date(2023, 6, 30)

    def test_what_changes_nothing_is_no_event(self, ledger):
        record(ledger, [1], percent=30, today=TODAY)
        record(ledger, [1], percent=30, today=TODAY)
        assert len(logged(ledger, "record")) == 1

    def test_one_that_fails_leaves_all_as_they_were(self, ledger):
        record(ledger, [3], status="done", today=TODAY)
        with pytest.raises(TrackingError, match="任务 3 未登记"):
            record(ledger, [1, 3], percent=60, today=TODAY)
        with pytest.raises(NoSuchTaskError):
            record(ledger, [1, 99], percent=60, today=TODAY)
        assert ledger.task(1).tracking == Tracking()
        assert len(logged(ledger, "record")) == 1

    def test_a_task_that_is_a_row_no_more_is_refused_and_it_says_why(self):
        text = "一、检查食堂。\n二、检查校车。\n三、加强值守。"
        lines = text.split("\n")
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, [item(text, line, id=str(n)) for n, line in enumerate(lines)]))
            merge(ledger, [1, 2], reason="同一件事")
            correct(ledger, 3, kind="context", reason="不是任务")
            with pytest.raises(TrackingError, match="任务 2 已并入任务 1"):
                record(ledger, [2], percent=60)
            with pytest.raises(TrackingError, match="任务 3 已判定不是任务"):
                tick(ledger, 3, TODAY)


class TestEvidence:
    def test_it_comes_back_to_the_byte(self, ledger):
        data = bytes(range(256))
        (one, other) = record(
            ledger, [1, 2], evidence=[Evidence("报告.pdf", data), Evidence("照片.jpg", b"x")]
        )
        assert one.added == other.added == ("报告.pdf", "照片.jpg")
        found, back = attachment(ledger, 1, "报告.pdf")
        assert (back, found.size, found.by) == (data, 256, ledger.actor)
        assert [a.name for a in attachments(ledger, 2)] == ["报告.pdf", "照片.jpg"]
        assert ledger.db.table("blobs").count == 2  # kept once, whoever has it

    def test_the_same_again_is_not_added(self, ledger):
        record(ledger, [1], evidence=[Evidence("a.pdf", b"1")])
        (again,) = record(ledger, [1], evidence=[Evidence("a.pdf", b"1")])
        assert again.added == ()
        assert len(logged(ledger, "record")) == 1

    def test_another_of_the_same_name_is_asked_for_by_number(self, ledger):
        record(ledger, [1], evidence=[Evidence("a.pdf", b"1"), Evidence("a.pdf", b"2")])
        with pytest.raises(TrackingError, match="请改用编号 1、2"):
            attachment(ledger, 1, "a.pdf")
        assert attachment(ledger, 1, "2")[1] == b"2"

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\台账\\报告.pdf", "报告.pdf"),
            ("a\x00\x1b[31m\n.pdf", "a__[31m_.pdf"),
            ("\u202efdp.exe", "_fdp.exe"),
            (".bashrc", "bashrc"),
            ("..", "附件"),
            ("", "附件"),
            ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
        ],
    )
    def test_a_name_is_no_path(self, ledger, name, kept):
        record(ledger, [1], evidence=[Evidence(name, b"1")])
        assert attachments(ledger, 1)[0].name == kept

    def test_what_is_too_large_is_refused(self, ledger, tmp_path):
        large = tmp_path / "录像.mp4"
        with large.open("wb") as file:
            file.truncate(LARGEST_EVIDENCE + 1)
        with pytest.raises(TrackingError, match=r"“录像[.]mp4”超过 64 MB"):
            evidence_in(large)

    def test_a_number_is_given_once(self, ledger):
        """Else a new file would be shown as that of whoever added the one that had its number before."""
        ledger.actor = "甲"
        record(ledger, [1], evidence=[Evidence("旧.txt", b"old")])
        (old,) = attachments(ledger, 1)
        drop_attachment(ledger, 1, "旧.txt", reason="传错了")
        ledger.actor = "乙"
        record(ledger, [1], evidence=[Evidence("新.txt", b"new")])
        (new,) = attachments(ledger, 1)
        assert (new.by, new.id > old.id) == ("乙", True)

    def test_it_can_be_taken_off_and_stays_in_the_ledger(self, ledger):
        record(ledger, [1], evidence=[Evidence("a.pdf", b"1")])
        drop_attachment(ledger, 1, "a.pdf", reason="传错了")
        assert attachments(ledger, 1) == []
        assert logged(ledger, "drop_attachment") == [("task:1", ledger.actor, "传错了")]
        assert ledger.db.table("blobs").count == 1

    def test_bytes_that_are_not_those_that_were_added_are_not_given_out(self, ledger):
        record(ledger, [1], evidence=[Evidence("a.pdf", b"1")])
        ledger.db.execute("UPDATE blobs SET data = 'x'")
        with pytest.raises(TrackingError, match="内容与登记时不一致"):
            attachment(ledger, 1, "a.pdf")


class TestTimesThatRecur:
    def test_ticked_off_one_by_one(self, ledger):
        ticked = tick(ledger, 2, date(2023, 3, 31), done_on=date(2023, 3, 28), note="首次", today=TODAY)
        assert (ticked.done_on, ticked.note) == (date(2023, 3, 28), "首次")
        assert dates(ledger, 2, "occurrence") == {
            "2023-03-31": 1,
            "2023-06-30": 0,
            "2023-09-30": 0,
            "2023-12-31": 0,
        }
        assert ledger.task(2).first_open == date(2023, 6, 30)
        untick(ledger, 2, date(2023, 3, 31))
        assert ledger.task(2).first_open == date(2023, 3, 31)
        assert [subject for subject, *_ in logged(ledger, "tick") + logged(ledger, "untick")] == [
            "task:2"
        ] * 2

    def test_several_of_one_day(self):
        with Ledger.in_memory() as ledger:
            ledger.add(sample())  # each quarter, and each half year: two on 30 June
            first, second = (tick(ledger, 1, date(2023, 6, 30), today=TODAY) for _ in "12")
            assert [(one.nth, one.words) for one in (first, second)] == [
                (0, "每季度至少开展1次"),
                (1, "每半年开展1次"),
            ]
            with pytest.raises(TrackingError, match="的一次已登记完成"):
                tick(ledger, 1, date(2023, 6, 30), today=TODAY)
            assert tick(ledger, 1, date(2023, 6, 30), nth=1, note="更正", today=TODAY).note == "更正"
            assert untick(ledger, 1, date(2023, 6, 30)).nth == 1
            assert untick(ledger, 1, date(2023, 6, 30), nth=0).nth == 0

    @pytest.mark.parametrize(
        ("task", "day", "nth", "said"),
        [
            (2, date(2023, 4, 1), None, "最近的日期是 2023-03-31、2023-06-30、2023-09-30。"),
            (2, date(2023, 3, 31), 5, "没有第 6 次"),
            (1, date(2023, 6, 30), None, "没有按频次办理的日期"),  # a deadline is no occurrence
        ],
    )
    def test_a_day_on_which_nothing_is_due(self, ledger, task, day, nth, said):
        with pytest.raises(TrackingError, match=said):
            tick(ledger, task, day, nth=nth, today=TODAY)

    def test_what_was_not_ticked_cannot_be_taken_back(self, ledger):
        with pytest.raises(TrackingError, match="没有登记过完成"):
            untick(ledger, 2, date(2023, 3, 31))

    def test_nothing_is_done_in_the_future(self, ledger):
        with pytest.raises(TrackingError, match="还没有到"):
            tick(ledger, 2, date(2023, 6, 30), done_on=TODAY + timedelta(days=1), today=TODAY)

    def test_what_was_ticked_is_not_lost_when_the_frequency_is_corrected(self, ledger):
        tick(ledger, 2, date(2023, 3, 31), today=TODAY)
        correct(ledger, 2, frequencies=[], reason="不是频次")
        assert [(one.due, one.planned) for one in occurrences(ledger, 2)] == [(date(2023, 3, 31), False)]


class TestWhichDatesATaskHas:
    QUARTERLY = ({"quote": "每季度", "period": "P3M", "times": 1, "bound": "exact"},)

    @pytest.mark.parametrize(
        ("about", "deadlines", "expected"),
        [
            ({}, (), ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"]),
            # for the year to come: nothing this year
            ({"issued_on": date(2022, 12, 20)}, (), ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"]),
            # issued late: not before it
            ({"issued_on": date(2023, 7, 1)}, (), ["2023-09-30", "2023-12-31"]),
            ({"year": None, "issued_on": date(2023, 10, 1)}, (), ["2023-12-31"]),
            ({"year": 2023, "issued_on": None}, (), ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"]),
            ({"year": None, "issued_on": None}, (), []),
            # a year that is over when it was issued was not meant
            ({"year": 2022, "issued_on": date(2023, 10, 1)}, (), ["2023-12-31"]),
            # as long as the task itself runs
            (
                {"issued_on": date(2023, 11, 1)},
                ({"quote": "明年6月底前", "due": date(2024, 6, 30)},),
                ["2023-12-31", "2024-03-31", "2024-06-30"],
            ),
        ],
    )  # fmt: skip
    def test_the_stretch_in_which_work_recurs(self, about, deadlines, expected):
        text = "一、每季度检查，明年6月底前验收。"
        with Ledger.in_memory() as ledger:
            ledger.add(plan(text, about=about, frequencies=self.QUARTERLY, deadlines=deadlines))
            assert list(dates(ledger, 1, "occurrence")) == expected

    @pytest.mark.parametrize(("kind", "last"), [("plan", "2025-12-31"), ("notice", "2023-12-31")])
    def test_a_plan_reaches_as_far_as_its_last_deadline(self, kind, last):
        text = "一、每季度检查。\n二、到2025年建成。"
        first, second = text.split("\n")
        built = {"quote": "2025年", "due": date(2025, 12, 31)}
        items = [
            item(text, first, id="1", frequencies=self.QUARTERLY),
            item(text, second, id="2", deadlines=[built]),
        ]
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, items, kind=kind))
            assert max(dates(ledger, 1, "occurrence")) == last

    def test_they_do_not_depend_on_what_came_before(self, ledger):
        set_day(ledger, "汛期", date(2023, 5, 1))
        tick(ledger, 2, date(2023, 3, 31), today=TODAY)
        record(ledger, [1], status="done", today=TODAY)
        before = derived_rows(ledger)
        derived.refresh_all(ledger)
        assert derived_rows(ledger) == before
        rows = [tuple(row.values()) for row in schedule.dates_of(ledger, ledger.tasks())]
        assert sorted(rows, key=str) == sorted(before, key=str)

    def test_each_is_of_one_row_only(self):
        text = "一、每月调度，每月通报，每季度检查。"
        quotes = {"每月调度": "P1M", "每月通报": "P1M", "每季度": "P3M"}
        with Ledger.in_memory() as ledger:
            frequencies = [{"quote": quote, "period": period} for quote, period in quotes.items()]
            ledger.add(plan(text, frequencies=frequencies))
            rows = ledger.db.execute("SELECT task, due, nth, kind FROM task_dates").fetchall()
            assert len(set(rows)) == len(rows) == 26
            assert {due: nth for _, due, nth, _ in rows}["2023-03-31"] == 2


class TestEvents:
    def test_a_deadline_waits_for_its_event_and_becomes_a_date(self, ledger):
        (flood,) = events(ledger)
        assert (flood.name, flood.tasks, flood.dated) == ("汛期", (3,), ())
        assert dates(ledger, 3) == {}
        assert set_day(ledger, " “汛 期” ", date(2023, 5, 1)).dated == (3,)
        assert dates(ledger, 3) == {"2023-04-30": 0}
        set_day(ledger, "汛期", date(2023, 5, 11))  # a later day of the same year takes its place
        assert dates(ledger, 3) == {"2023-05-10": 0}
        assert ledger.db.table("occasions").count == 1
        forget_day(ledger, "汛期")
        assert dates(ledger, 3) == {}

    def test_the_day_of_another_year_is_not_that_of_the_circular(self, ledger):
        assert set_day(ledger, "汛期", date(2024, 5, 1)).dated == ()

    @pytest.mark.parametrize(
        ("event", "expected"),
        [
            ("印发", ["2023-05-31"]),  # of the circular itself, which prints its day
            ("本意见印发", ["2023-05-31"]),
            ("本办法发布", ["2023-05-31"]),
            ("清单印发", []),  # of another text
            ("印发清单", []),
        ],
    )
    def test_the_issue_of_the_circular_has_its_day(self, ledger, event, expected):
        deadline = {"quote": f"{event}之日起30日内", "event": event, "offset": "P30D"}
        sentence = f"一、自{event}之日起30日内制定方案。"
        ledger.add(plan(sentence, deadlines=[deadline], about={"issued_on": date(2023, 5, 1)}))
        assert list(dates(ledger, 5)) == expected
        set_day(ledger, event, date(2023, 7, 1))  # what people say comes first
        assert list(dates(ledger, 5)) == ["2023-07-31"]

    def test_what_is_nearer_comes_first(self, ledger):
        for day, scope in (
            (date(2023, 5, 3), {"task": 3}),
            (date(2023, 5, 2), {"document": 3}),
            (date(2023, 5, 1), {}),
        ):
            set_day(ledger, "汛期", day, **scope)
        expected = ["2023-05-02", "2023-05-01", "2023-04-30"]
        for scope, due in zip(({"task": 3}, {"document": 3}, {}), expected, strict=True):
            assert list(dates(ledger, 3)) == [due]
            forget_day(ledger, "汛期", **scope)
        assert dates(ledger, 3) == {}

    def test_which_day_is_to_be_taken_back_must_be_plain(self, ledger):
        set_day(ledger, "汛期", date(2023, 5, 1))
        set_day(ledger, "汛期", date(2024, 5, 6))
        with pytest.raises(EventError, match="登记过几个日期（2023-05-01、2024-05-06）"):
            forget_day(ledger, "汛期")
        with pytest.raises(EventError, match="没有登记过"):
            forget_day(ledger, "汛期", date(2023, 5, 2))
        forget_day(ledger, "汛期", date(2023, 5, 1))
        assert dates(ledger, 3) == {}

    def test_a_day_for_one_document_may_be_of_any_year(self, ledger):
        set_day(ledger, "汛期", date(2024, 5, 1), document=3)
        assert list(dates(ledger, 3)) == ["2024-04-30"]

    @pytest.mark.parametrize(
        ("scope", "tasks", "dated"),
        [
            ({}, (3,), (3,)),
            ({"task": 3}, (3,), (3,)),
            (
                {"task": 1},
                (),
                (),
            ),  # nothing of that task hangs on the event: nobody is told that it got a date
            ({"document": 1}, (), ()),
        ],
    )
    def test_only_those_are_told_for_which_the_day_is(self, ledger, scope, tasks, dated):
        given = set_day(ledger, "汛期", date(2023, 5, 1), **scope)
        assert (given.tasks, given.dated) == (tasks, dated)
        left = forget_day(ledger, "汛期", **scope)
        assert (left.tasks, left.dated) == (tasks, ())

    def test_its_name_is_kept_on_one_line(self, ledger):
        set_day(ledger, "汛\n期", date(2023, 5, 1))
        assert [row["name"] for row in ledger.db.query("SELECT name FROM occasions")] == ["汛期"]

    def test_a_circular_that_comes_later_finds_the_day(self, ledger):
        set_day(ledger, "演练", date(2023, 9, 20))
        ledger.add(
            plan(
                "一、演练前20日报送方案。",
                deadlines=[{"quote": "演练前20日", "event": "演练", "offset": "-P20D"}],
            )
        )
        assert list(dates(ledger, 5)) == ["2023-08-31"]

    def test_it_may_be_called_by_another_name_than_is_printed(self, ledger):
        assert set_day(ledger, "入汛", date(2023, 5, 1)).dated == (3,)
        assert dates(ledger, 3) == {"2023-04-30": 0}
        (flood,) = events(ledger)
        assert (flood.name, flood.printed) == ("入汛", ("汛期",))
        set_day(
            ledger, "汛期", date(2023, 5, 11)
        )  # the same event, so that the day takes the place of the other
        assert dates(ledger, 3) == {"2023-05-10": 0}
        forget_day(ledger, "汛期来临")
        assert dates(ledger, 3) == {}
        assert ledger.task(3).item.fields.deadlines[0].event == "汛期", "what was printed stays"

    def test_its_end_is_another_event(self, ledger):
        mend = [{"quote": "汛后一个月内", "event": "汛", "offset": "P1M"}]
        ledger.add(plan("一、汛后一个月内修复水毁道路。", "修复.txt", deadlines=mend))
        set_day(ledger, "汛期", date(2023, 5, 1))
        assert (dates(ledger, 3), dates(ledger, 5)) == ({"2023-04-30": 0}, {})
        assert {event.name: event.waiting for event in events(ledger)} == {"汛期": (), "汛期结束": (5,)}
        set_day(ledger, "汛期结束", date(2023, 9, 30))
        assert (dates(ledger, 3), dates(ledger, 5)) == ({"2023-04-30": 0}, {"2023-10-30": 0})

    @pytest.mark.parametrize(
        ("printed", "name", "day", "scope", "dated"),
        [
            ("2024年汛期", "汛期", date(2024, 5, 1), {}, True),
            ("2024年汛期", "汛期", date(2023, 5, 1), {}, False),
            ("明年汛期", "汛期", date(2024, 5, 1), {}, True),
            ("明年汛期", "汛期", date(2023, 5, 1), {"document": 5}, False),  # the circular says otherwise
            ("今年汛期", "汛期", date(2023, 5, 1), {}, True),
            ("春运", "2023年春运", date(2022, 12, 28), {}, True),  # it begins in the year before
            ("春运", "2024年春运", date(2023, 12, 28), {}, False),
            ("2024年春运", "2024年春运", date(2023, 12, 28), {"document": 5}, True),
            ("春运", "2024年春运", date(2023, 12, 28), {"document": 5}, False),
        ],
    )
    def test_the_year_that_a_name_says_counts(self, ledger, printed, name, day, scope, dated):
        deadline = {"quote": f"{printed}前", "event": printed, "offset": "-P0D"}
        ledger.add(plan(f"一、{printed}前完成检查。", "检查.txt", deadlines=[deadline]))
        set_day(ledger, name, day, **scope)
        assert list(dates(ledger, 5)) == ([(day - timedelta(days=1)).isoformat()] if dated else [])

    def test_the_same_event_in_two_years_of_one_circular(self, ledger):
        years = [
            {"quote": f"{year}汛期前", "event": f"{year}汛期", "offset": "-P0D"} for year in ("今年", "明年")
        ]
        ledger.add(plan("一、今年汛期前完成排查，明年汛期前完成整改。", "两年.txt", deadlines=years))
        set_day(ledger, "汛期", date(2023, 5, 1))
        assert list(dates(ledger, 5)) == ["2023-04-30"]
        assert 5 in next(iter(events(ledger))).waiting  # for the other of the two
        set_day(ledger, "汛期", date(2024, 5, 6))
        assert list(dates(ledger, 5)) == ["2023-04-30", "2024-05-05"]

    def test_names_that_are_near_are_offered_and_none_is_taken(self, ledger):
        for name, event, offset in (
            ("主汛期", "主汛期来临", "-P0D"),
            ("竣工", "项目竣工", "P30D"),
            ("汛", "汛", "P1M"),
        ):
            quote = f"{event}前" if offset.startswith("-") else f"{event}后30日内"
            deadline = {"quote": quote, "event": event, "offset": offset}
            ledger.add(plan(f"一、{quote}完成检查。", f"{name}.txt", deadlines=[deadline]))
        known = events(ledger)
        assert [event.name for event in near(known, "汛前")] == ["汛期", "汛期结束", "主汛期来临"]
        assert [event.name for event in near(known, "竣工验收")] == ["项目竣工"]
        assert near(known, "开学") == []
        assert event_called(known, "汛前") is None
        assert event_called(known, "竣工").name == "项目竣工"

    def test_what_hangs_on_an_event_is_listed_with_its_day(self, ledger):
        set_day(ledger, "入汛", date(2023, 5, 1))
        (flood,) = events(ledger)
        assert [(one.task.id, one.deadline.quote, one.due) for one in hung_on(ledger, flood)] == [
            (3, "汛期前", date(2023, 4, 30))
        ]

    def test_why_is_kept(self, ledger):
        set_day(ledger, "汛期", date(2023, 5, 1), reason="省防指公告")
        forget_day(ledger, "汛期", reason="公告更正")
        assert [reason for *_, reason in logged(ledger, "event")] == ["省防指公告"]
        assert [reason for *_, reason in logged(ledger, "forget_event")] == ["公告更正"]

    def test_the_log_of_a_task_knows_the_event_by_any_name(self, ledger):
        set_day(ledger, "入汛", date(2023, 5, 1))
        set_day(ledger, "主汛期", date(2023, 6, 20))
        assert [event.action for event in log(ledger, task=3)] == ["ingest", "event"]

    def test_a_corrected_deadline_waits_too(self, ledger):
        waits = Deadline("开学前", Span(0, 0), None, "开学", "-P0D", "by-hand")
        correct(ledger, 1, deadlines=[waits], reason="以开学为准")
        assert {event.name: event.tasks for event in events(ledger)} == {"汛期": (3,), "开学": (1,)}
        set_day(ledger, "开学", date(2023, 9, 1))
        assert list(dates(ledger, 1)) == ["2023-08-31"]

    def test_what_cannot_be_kept(self, ledger):
        with pytest.raises(EventError, match="名称是空的"):
            set_day(ledger, " “” ", TODAY)
        with pytest.raises(NoSuchTaskError):
            set_day(ledger, "汛期", TODAY, task=99)
        with pytest.raises(NoSuchDocumentError):
            set_day(ledger, "汛期", TODAY, document=99)
        assert ledger.db.table("occasions").count == 0


@pytest.fixture
def at_the_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAIZHANG_LEDGER", "台账.db")
    with Ledger.create("台账.db") as ledger:
        year(ledger)


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="taizhang")


def said(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("at_the_terminal")
class TestCommands:
    def test_record(self):
        text = said("record", 1, 3, "--status", "已完成", "--completed-on", "2023-06-18", "--as", "李四")
        assert text.split("\n")[0] == (
            "任务 1：状态 未开始 → 已完成，进度 空 → 100%，完成日期 空 → 2023-06-18（进度未写明，由其他各项推定）。"
        )
        assert "没有变化" in said("record", 3, "--status", "已完成")
        assert "状态 已完成 → 进行中" in said("record", 3, "--status", "进行中", "--percent", "60％")
        with Ledger.open("台账.db") as ledger:
            assert {actor for _, actor, _ in logged(ledger, "record")[:2]} == {"李四"}

    @pytest.mark.parametrize(
        ("args", "code", "expected"),
        [
            (["1"], 2, "没有要登记的内容"),
            (["1", "--status", "逾期"], 2, "可选：未开始、进行中、已完成、暂缓、取消"),
            (["1", "--percent", "101"], 2, "请写 0 到 100 的整数"),
            (["1", "--percent", "一半"], 2, "请写 0 到 100 的整数"),
            (["1", "--attach", "没有.pdf"], 2, "找不到文件“没有.pdf”"),
            (["一", "--percent", "1"], 2, "不是序号"),
            (["99", "--percent", "1"], 1, "没有序号为 99 的任务"),
            (["1", "--completed-on", "2023-06-18"], 1, "只有已完成的任务才有完成日期"),
        ],
    )
    def test_record_what_cannot_be(self, args, code, expected):
        result = run("record", *args)
        assert (result.exit_code, len(result.output.strip().split("\n"))) == (code, 1)
        assert expected in result.output

    def test_attachment(self):
        Path("报告.pdf").write_bytes(b"%PDF")
        assert "附件 + 报告.pdf" in said("record", 1, "--attach", "报告.pdf")
        assert re.search(r"1 +报告.pdf +4 字节", said("attachment", 1))
        result = run("attachment", 1, "报告.pdf")
        assert (result.exit_code, "已有文件“报告.pdf”，未覆盖" in result.output) == (1, True)
        said("attachment", 1, "1", "--to", "核查/报告.pdf")
        assert Path("核查/报告.pdf").read_bytes() == b"%PDF"
        said("attachment", 1, "报告.pdf", "--remove")
        assert said("attachment", 1) == "这项任务没有佐证材料。\n"

    def test_occurrences_and_ticks(self):
        assert said("occurrences", 1) == "这项任务没有按频次应办的日期。\n"
        assert "第 1 次于 2023-03-28 完成" in said("tick", 2, "2023-03-31", "--done-on", "2023-3-28")
        text = said("occurrences", 2, "--as-of", "2023-07-01")
        assert re.findall(r"2023-(\d\d-\d\d) +1 +每季度 +(\S+)", text) == [
            ("03-31", "已办"),
            ("06-30", "逾期"),
            ("09-30", "待办"),
            ("12-31", "待办"),
        ]
        assert "共 4 次，已办 1 次" in text
        assert "已撤销" in said("tick", 2, "2023-03-31", "--undo", "--reason", "登记错了任务")
        assert "登记错了任务" in said("log", 2)
        assert "要与 --undo 同用" in run("tick", 2, "2023-03-31", "--reason", "x").output
        assert "最近的日期是" in run("tick", 2, "2023-04-01").output

    def test_events(self):
        assert re.search(r"汛期 +1 +1", said("event"))
        assert "1 项任务的时限已成为日期" in said("event", "汛期", "2023-05-01")
        assert re.search(r"汛期 +1 +0 +2023-05-01（2023年度）", said("event"))
        assert "公文中的事件有：汛期。" in said("event", "主汛期", "2023-05-01")
        assert re.search(r"3 +.*汛期前 +2023-04-30 +防汛.txt", said("event", "入汛"))
        assert "没有时限以它为准" not in said("event", "入汛", "2023-05-02", "--reason", "省防指公告")
        assert re.search(r"入汛 +1 +0 +2023-05-02（2023年度） +汛期", said("event"))
        assert "1 项任务的时限待定" in said("event", "汛期", "--remove")
        assert "仅防汛.txt" in said("event", "汛期", "2026-05-01", "--document", "防汛") + said("event")

    @pytest.mark.parametrize(
        ("args", "code", "expected"),
        [
            (["汛期", "--document", "防汛"], 2, "缺少参数“日期”"),
            (["汛前"], 1, "没有时限以“汛前”为准：公文中的事件有：汛期，请照此写。"),
            (["--reason", "公告"], 2, "缺少参数“事件”"),
            (["--remove"], 2, "缺少参数“事件”"),
            (["汛期", "五月"], 2, "不是日期"),
            (["汛期", "2023-05-01", "--document", "txt"], 1, "有几份文件符合“txt”，请写序号"),
            (["汛期", "2023-05-01", "--document", "无"], 1, "没有文件“无”"),
            (["汛期", "2023-05-01", "--document", "防汛", "--task", "3"], 2, "只能用一个"),
            (["汛期", "--remove"], 1, "没有登记过事件“汛期”的日期"),
        ],
    )
    def test_events_that_cannot_be(self, args, code, expected):
        result = run("event", *args)
        assert (result.exit_code, len(result.output.strip().split("\n"))) == (code, 1)
        assert expected in result.output

    @pytest.mark.parametrize(
        "command", ["record", "attachment", "occurrences", "tick", "event", "due", "report"]
    )
    def test_help_is_chinese_with_an_example(self, command):
        text = said(command, "--help")
        assert f"示例：\n  taizhang {command}" in text
        assert not re.search(r"Usage|Options|Show|default|required", text)
