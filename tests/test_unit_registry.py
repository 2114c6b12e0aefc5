"""The registry of units in the ledger: what names are resolved to, and how people set that right."""

from __future__ import annotations

import pytest

from extractor.ledger import Ledger
from extractor.ledger.audit import verify
from extractor.ledger.units import UnitError, merge, rename, split, undo_last, unit_named, units
from tests.helpers.documents import document, item


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.db", actor="王敏") as ledger:
        yield ledger


def add(ledger: Ledger, issuer: str | None, *names: str, name: str = "a.txt") -> None:
    """One circular of `issuer` with a task for each name."""
    lines = [f"{n}、请{unit}抓好{name}落实。" for n, unit in enumerate(names, 1)]
    items = [
        item("\n".join(lines), line, id=str(n), units=[(unit, "responsible")])
        for n, (line, unit) in enumerate(zip(lines, names, strict=True), 1)
    ]
    ledger.add(document("\n".join(lines), items, name=name, issuer=issuer, title=f"关于{name}的通知"))


def shown(ledger: Ledger) -> dict[str, set[str]]:
    """The names of each unit."""
    return {unit.organization.name: {name.name for name in unit.names} for unit in units(ledger)}


class TestResolution:
    def test_all_ways_to_print_a_name_are_one_unit(self, ledger):
        ways = ("市发改委", "市发展改革委", "市发展和改革委员会", "发改委")
        add(ledger, "临澜市人民政府办公室", *ways)
        assert shown(ledger) == {"临澜市发展和改革委员会": set(ways)}
        assert units(ledger)[0].tasks == 4

    def test_the_place_of_the_document_decides_whose_it_is(self, ledger):
        add(ledger, "临澜市人民政府办公室", "市教育局", name="a.txt")
        add(ledger, "宁溪市人民政府办公室", "市教育局", name="b.txt")
        assert shown(ledger) == {"临澜市教育局": {"市教育局"}, "宁溪市教育局": {"市教育局"}}

    def test_a_city_that_a_county_does_not_name_is_not_that_of_another_county(self, ledger):
        add(ledger, "青禾县人民政府", "市财政局", name="a.txt")
        add(ledger, "柳河县人民政府", "市财政局", name="b.txt")
        assert len(units(ledger)) == 2

    def test_collective_names_stay_collective_and_with_their_place(self, ledger):
        add(ledger, "临澜市人民政府办公室", "各有关部门", name="a.txt")
        add(ledger, "宁溪市人民政府办公室", "各有关部门", name="b.txt")
        assert [unit.organization.collective for unit in units(ledger)] == [True, True]

    def test_a_document_of_no_known_place(self, ledger):
        add(ledger, None, "市教育局")
        assert [unit.organization.place for unit in units(ledger)] == [None]

    def test_white_space_inside_a_name_does_not_make_another(self, ledger):
        add(ledger, "临澜市人民政府办公室", "市教育局", "市教\n育局", "市教\u200b育局")
        assert shown(ledger) == {"临澜市教育局": {"市教育局"}}

    def test_tasks_know_their_units(self, ledger):
        add(ledger, "临澜市人民政府办公室", "市发改委")
        assert ledger.task(1).organizations["市发改委"].name == "临澜市发展和改革委员会"
        assert [task.id for task in ledger.tasks(unit="发展和改革")] == [1]  # by the unit's own name
        assert [task.id for task in ledger.tasks(unit="发改委")] == [1]  # as printed


class TestChanges:
    @pytest.fixture(autouse=True)
    def circular(self, ledger):
        add(ledger, "临澜市人民政府办公室", "市应急局", "市应急管理局", "市安监局", "各有关部门")
        self.emergency = unit_named(ledger, "市应急局").id
        self.safety = unit_named(ledger, "市安监局").id

    def test_merge(self, ledger):
        merge(ledger, self.emergency, [self.safety], reason="机构改革")
        assert shown(ledger)["临澜市应急管理局"] == {"市应急局", "市应急管理局", "市安监局"}
        assert ledger.count_tasks(organization=self.emergency) == 3
        assert ledger.task(3).item.fields.units[0].quote == "市安监局"  # what is printed stays

    def test_a_name_that_comes_later_goes_where_its_like_went(self, ledger):
        merge(ledger, self.emergency, [self.safety])
        rename(ledger, self.emergency, "临澜市应急局")
        add(ledger, "临澜市人民政府办公室", "安监局", name="b.txt")
        assert ledger.tasks(document="b.txt")[0].organizations["安监局"].name == "临澜市应急局"

    def test_rename(self, ledger):
        rename(ledger, self.emergency, "临澜市应急局")
        assert unit_named(ledger, "临澜市应急局").id == self.emergency
        assert [task.id for task in ledger.tasks(unit="临澜市应急局")] == [1, 2]

    def test_split(self, ledger):
        new = split(ledger, self.emergency, ["市应急局"], to="临澜市应急处置局")
        assert shown(ledger)["临澜市应急处置局"] == {"市应急局"}
        assert [ledger.count_tasks(organization=unit) for unit in (self.emergency, new)] == [1, 1]

    def test_changes_are_taken_back_one_by_one(self, ledger):
        states = [shown(ledger)]
        merge(ledger, self.emergency, [self.safety])
        states.append(shown(ledger))
        rename(ledger, self.emergency, "临澜市应急局")
        states.append(shown(ledger))
        split(ledger, self.emergency, ["市应急局"], to="临澜市应急处置局")
        for state in reversed(states):
            assert undo_last(ledger, reason="并错了").reason.endswith("号：并错了")
            assert shown(ledger) == state
        with pytest.raises(UnitError, match="没有可以撤销的单位改动"):
            undo_last(ledger)
        assert ledger.count_tasks(organization=self.safety) == 1
        assert verify(ledger).holds

    def test_each_change_is_an_event(self, ledger):
        merge(ledger, self.emergency, [self.safety], reason="机构改革")
        event = list(ledger.db.query("SELECT * FROM events"))[-1]
        assert (event["actor"], event["action"], event["subject"], event["reason"]) == (
            "王敏",
            "merge_units",
            f"unit:{self.emergency}",
            "机构改革",
        )

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda ledger, a, b: merge(ledger, a, [a]), "不能与自己合并"),
            (lambda ledger, a, b: merge(ledger, a, [99]), "没有序号为 99 的单位"),
            (lambda ledger, a, b: merge(ledger, a, [unit_named(ledger, "各有关部门").id]), "统称"),
            (lambda ledger, a, b: rename(ledger, a, " "), "是空的"),
            (
                lambda ledger, a, b: rename(ledger, a, unit_named(ledger, "市安监局").name),
                "taizhang units merge",
            ),
            (lambda ledger, a, b: split(ledger, a, ["市安监局"], to="新"), "没有名称“市安监局”"),
            (lambda ledger, a, b: split(ledger, b, ["市安监局"], to="新"), "不能全部拆出"),
            (lambda ledger, a, b: split(ledger, a, ["市应急局"], to=" "), "新名称是空的"),
            (lambda ledger, a, b: split(ledger, a, ["市应急局"], to="临澜市应急管理局"), "已有单位"),
            (lambda ledger, a, b: unit_named(ledger, "无此局"), "没有单位“无此局”"),
        ],
    )
    def test_what_cannot_be_done_changes_nothing(self, ledger, change, said):
        before = shown(ledger), ledger.db.execute("SELECT count(*) FROM events").fetchone()
        with pytest.raises(UnitError, match=said):
            change(ledger, self.emergency, self.safety)
        assert (shown(ledger), ledger.db.execute("SELECT count(*) FROM events").fetchone()) == before
