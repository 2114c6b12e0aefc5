"""What changed between two documents, item by item and word by word."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.ledger.differences import changed_words, compare
from extractor.pipeline import extract_text
from tests.test_corrections import CIRCULAR


def marked(old: str, new: str) -> str:
    signs = {"both": "{}", "old": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(signs[words.presence].format(words.text) for words in changed_words(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("开展应急演练", "开展应急演练", "开展应急演练"),
        ("6月底前完成", "8月底前完成", "[-6-]{+8+}月底前完成"),
        ("由县教育局负责", "由县财政局负责", "由县[-教育局-]{+财政局+}负责"),
        ("加强检查", "加强检查，做好宣传", "加强检查{+，做好宣传+}"),
        ("加强检查，做好宣传", "加强检查", "加强检查[-，做好宣传-]"),
        ("加强 检查", "加强检\n查", "加强检查"),  # white space is no change
        ("县教育局,县公安局", "县教育局，县公安局", "县教育局，县公安局"),  # nor is the width of a mark
        ("", "新增", "{+新增+}"),
        ("", "", ""),
    ],
)
def test_words(old, new, expected):
    assert marked(old, new) == expected


@given(*[st.text("县教育公安局，。6月8底前完成检查 \n", max_size=30)] * 2)
def test_both_texts_can_be_read_from_the_words(old, new):
    words = changed_words(old, new)
    for presence, text in (("old", old), ("new", new)):
        kept = "".join(w.text for w in words if w.presence in ("both", presence))
        assert kept == "".join(text.split())
    assert (old == new) <= all(w.presence == "both" for w in words)


def differences(*changes: tuple[str, str]):
    new = CIRCULAR
    for before, after in changes:
        assert before in new
        new = new.replace(before, after)
    return compare(extract_text(CIRCULAR), extract_text(new))


class TestDocuments:
    def test_with_itself(self):
        found = differences()
        assert not found
        assert (found.added, found.dropped, found.changed, found.same) == ((), (), (), 6)

    def test_a_deadline_that_changed(self):
        found = differences(("12月底前", "11月底前"))
        (changed,) = found.changed
        assert (changed.old.number, changed.new.number, changed.fields) == ("二", "二", ("deadlines",))
        assert [w.text for w in changed.words if w.presence != "both"] == ["12", "11"]
        assert found.same == 5

    def test_items_added_and_dropped(self):
        found = differences(
            ("（二）汇总情况。由县司法局汇总。", "（二）宣传法律。县融媒体中心每月播出1期节目。")
        )
        assert [item.heading for item in found.added] == ["宣传法律"]
        assert [item.heading for item in found.dropped] == ["汇总情况"]
        assert found.changed == ()

    def test_a_number_alone_is_no_change(self):
        found = differences(("三、总体要求\n坚持人民至上。各单位要按月报送情况。\n\n四、", "三、"))
        assert [item.heading for item in found.dropped] == ["总体要求"]
        assert (found.added, found.changed) == ((), ())

    def test_a_group_is_compared_without_its_children(self):
        found = differences(("四、开展培训", "四、开展法治培训"), ("组织1次培训", "组织2次培训"))
        assert [change.old.id for change in found.changed] == ["4", "4.1"]
        assert "组织1次" not in "".join(words.text for words in found.changed[0].words)

    def test_a_unit_above_is_one_of_the_tasks_below(self):
        text = "关于做好2023年安全工作的通知\n一、抓好排查（县应急局牵头）\n（一）开展演练。每季度演练1次。\n"
        found = compare(extract_text(text), extract_text(text.replace("应急局牵头", "消防队牵头")))
        assert [(change.new.id, change.fields) for change in found.changed] == [
            ("1", ("units",)),
            ("1.1", ("units",)),
        ]
        assert all(words.presence == "both" for words in found.changed[1].words)

    def test_json(self):
        found = differences(("12月底前", "11月底前"), ("（二）汇总情况。由县司法局汇总。\n", ""))
        data = json.loads(json.dumps(found.to_json()))
        assert [item["heading"] for item in data["dropped"]] == ["汇总情况"]
        (change,) = data["changed"]
        assert [d["due"] for d in change["fields"]["deadlines"]["old"]] == ["2023-12-31"]
        assert [d["due"] for d in change["fields"]["deadlines"]["new"]] == ["2023-11-30"]
        assert {"in": "old", "text": "12"} in change["words"]
