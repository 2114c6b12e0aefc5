"""Which event a printed name means: what is said in other words is one, what only looks alike stays apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.pipeline import find_fields
from extractor.registry import EventName, event_awaited, event_named
from extractor.registry.tables import rows

LISTED = rows("events.tsv")
WORDS = [row[0] for row in rows("event_words.tsv")]


@pytest.mark.parametrize(
    ("sentence", "event"),
    [
        # the flood season begins
        ("汛期前完成排查。", "汛期"),
        ("汛前完成排查。", "汛期"),
        ("入汛前完成排查。", "汛期"),
        ("进入汛期前完成排查。", "汛期"),
        ("汛期到来之前完成排查。", "汛期"),
        ("汛期来临前完成排查。", "汛期"),
        ("入汛后10日内报送情况。", "汛期"),  # once it has begun, not once it is over
        ("汛期开始后10日内报送情况。", "汛期"),
        ("汛期前20日报送方案。", "汛期"),
        # it ends
        ("汛期结束后30日内完成修复。", "汛期结束"),
        ("汛期结束前完成统计。", "汛期结束"),
        ("汛后一个月内完成修复。", "汛期结束"),  # after the whole of it
        ("汛期后一个月内完成修复。", "汛期结束"),
        ("汛期过后1个月内完成修复。", "汛期结束"),
        # its height is another
        ("主汛期前完成清淤。", "主汛期"),
        ("主汛期来临前完成清淤。", "主汛期"),
        # heating: 供暖 is the deed that begins, 供暖期 what lasts
        ("供暖前完成检修。", "供暖期"),
        ("冬季供暖前完成检修。", "供暖期"),
        ("采暖季前完成检修。", "供暖期"),
        ("供暖后10日内完成回访。", "供暖期"),
        ("供暖期后30日内完成检修。", "供暖期结束"),
        ("供暖期结束后30日内完成检修。", "供暖期结束"),
        # feasts and their holidays
        ("“五一”前完成检查。", "五一"),
        ("五一劳动节前完成检查。", "五一"),
        ("“五一”假期前完成检查。", "五一假期"),  # may begin in April
        ("国庆节前完成检查。", "国庆节"),
        ("国庆前完成检查。", "国庆节"),
        ("春节后10日内报送情况。", "春节"),  # a day, not a stretch
        # school: which term is not said everywhere
        ("新学期开学前完成检查。", "开学"),
        ("秋季学期开学前完成检查。", "秋季学期"),
        ("秋季开学前完成检查。", "秋季学期"),
        # events of which no list knows: the deed that begins them says nothing new, that which ends them does
        ("会议召开前3天报送材料。", "会议"),
        ("演练开展前20日报送方案。", "演练"),
        ("演练前20日报送方案。", "演练"),
        ("演练结束后5个工作日内报送评估。", "演练结束"),
        # whose it is
        ("项目竣工后30日内完成移交。", "竣工"),
        ("竣工后30日内完成移交。", "竣工"),
        ("机构改革完成后一个月内报送。", "机构改革完成"),
        ("清单印发后10日内完成分解。", "清单印发"),  # not the issue of the circular
    ],
)
def test_what_a_deadline_waits_for(sentence, event):
    (deadline,) = find_fields(sentence, year=2026).deadlines
    assert event_awaited(deadline, 2026) == EventName(event)


def test_counted_from_its_beginning_it_is_not_its_end():
    (deadline,) = find_fields("自供暖期之日起10日内完成回访。", year=2026).deadlines
    assert event_awaited(deadline) == EventName("供暖期")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("汛期", "主汛期"),
        ("汛期", "汛期结束"),
        ("汛期", "凌汛期"),
        ("春汛", "汛期"),
        ("入梅", "出梅"),
        ("五一", "五一假期"),
        ("国庆节", "国庆假期"),
        ("全国两会", "市两会"),
        ("开学", "秋季开学"),
        ("秋季开学", "春季开学"),
        ("森林防火期", "春季防火期"),
        ("竣工", "竣工验收"),
        ("竣工", "完工"),
        ("应急演练", "演练"),
        ("事件发生", "突发事件发生"),
        ("印发", "清单印发"),
        ("预算通过", "预算通"),  # 过 is the end of a season, not of every word
        ("施工现场", "进入施工现场"),
        ("用电高峰", "夏季用电高峰"),
    ],
)
def test_what_only_looks_alike_stays_apart(one, other):
    assert event_named(one).name != event_named(other).name


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("汛 期", "汛期"),
        ("《汛期》", "汛期"),
        ("開學", "开学"),
        ("開(kāi)學(xué)", "开学"),  # readings that were left behind
        ("发\n布", "发布"),
        ("APP上线", "app上线"),
        (" “” ", ""),
        ("召开", "召开"),  # the word alone is the name
        ("结束", "结束"),
        ("召开" * 3000, "召开" * 3000),  # no name at all
    ],
)
def test_how_it_is_printed_makes_no_difference(printed, expected):
    assert event_named(printed).name == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("2026年汛期", EventName("汛期", 2026)),
        ("2026年度汛期结束", EventName("汛期结束", 2026)),
        ("今年汛期", EventName("汛期", 2025)),
        ("明年入汛", EventName("汛期", 2026)),
        ("明年", EventName("明年")),
        ("2026年", EventName("2026年")),
    ],
)
def test_a_year_that_is_printed(printed, expected):
    assert event_named(printed, year=2025) == expected


@pytest.mark.parametrize(("name", "event", "day"), LISTED)
def test_what_is_listed_hangs_together(name, event, day):
    assert day in ("begin", "end", "both")
    assert event_named(event) == EventName(event), "an event can be called by the name it is kept under"
    end = event_named(f"{event}结束")
    assert event_named(name) == (end if day == "end" else EventName(event))
    assert event_named(name, after=True) == (EventName(event) if day == "begin" else end)


def test_no_name_is_listed_twice():
    assert len({name for name, *_ in LISTED}) == len(LISTED)


PIECES = st.sampled_from([*(name for name, *_ in LISTED), *WORDS, "2026年", "县城", "会议", "“", " "])


@given(st.lists(PIECES, max_size=5).map("".join), st.booleans())
def test_every_event_can_be_called_by_its_name(printed, after):
    found = event_named(printed, after=after).name
    assert event_named(found).name == found
