"""What people see on 收文, 人员, 我的账户 and when something goes wrong."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from click.testing import CliRunner
from PIL import Image

from extractor.cli import cli
from extractor.export import wording
from extractor.ledger import Ledger, LedgerBusyError
from tests.web_client import NAMES, PASSWORD, served

CIRCULAR = """临澜市应急管理局关于做好汛期安全工作的通知
临应急〔2023〕8号

一、开展隐患排查。市住建局要在6月底前完成隐患排查。
二、组织应急演练。市教育局每半年至少组织1次演练。
{more}
临澜市应急管理局
2023年4月3日
"""
NEW_VERSION = CIRCULAR.format(more="三、报送总结。市应急局12月底前报送工作总结。")


def zipped(name: str, data: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr(name, data)
    return archive.getvalue()


def picture(kind: str) -> bytes:
    """A page that is nothing but a picture."""
    made = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(made, kind)
    return made.getvalue()


@pytest.fixture
def alone(tmp_path):
    with served(tmp_path) as served_alone:
        yield served_alone


@pytest.fixture
def office(tmp_path):
    with served(tmp_path, accounts=True) as office:
        yield office


def text_of(page: str) -> str:
    """What is to be read on a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def take_in(visitor, name: str, data: bytes) -> str:
    visitor.get("/intake")
    answer = visitor.post("/intake", params={"name": name}, content=data)
    assert answer.status_code == 200
    return text_of(answer.text)


class TestIntake:
    def test_what_was_read(self, alone):
        said = take_in(alone.visitor(), "汛期通知.txt", CIRCULAR.format(more="").encode())
        for part in (
            "已记入",
            "关于做好汛期安全工作的通知",
            "临应急〔2023〕8号",
            "2023-04-03",
            "任务 2",
            "核对",
            "汛期通知.txt",
        ):
            assert part in said

    def test_the_same_again_says_so(self, alone):
        visitor = alone.visitor()
        take_in(visitor, "a.txt", CIRCULAR.encode())
        assert "已在台账中，未改动" in take_in(visitor, "b.txt", CIRCULAR.encode())

    def test_a_new_version_says_what_changed(self, alone):
        visitor = alone.visitor()
        take_in(visitor, "a.txt", CIRCULAR.format(more="").encode())
        said = take_in(visitor, "b.txt", NEW_VERSION.encode())
        assert "已记入：是新版" in said
        assert "未变 2 项，改动 0 项，新增 1 项，删去 0 项" in said

    def test_one_that_fails_says_why(self, alone):
        said = take_in(alone.visitor(), "坏.docx", b"PK\x03\x04broken")
        assert said.startswith("未读入 坏.docx")
        assert said.endswith("。")

    @pytest.mark.parametrize(
        ("lacks", "name", "data", "instead"),
        [
            ("scan.recognition_is_installed", "扫描.png", picture("PNG"), "改用原始的 Word 文件、可复制文字的 PDF。"),
            ("scan.recognition_is_installed", "扫描.pdf", picture("PDF"), "改用原始的 Word 文件、可复制文字的 PDF。"),
            ("office.find_libreoffice", "旧.rtf", b"{\\rtf1 x}", "用 Word、WPS 另存为 .docx。"),
            ("office.find_libreoffice", "旧.zip", zipped("旧.rtf", b"{\\rtf1 x}"), "用 Word、WPS 另存为 .docx。"),
        ],
        ids=["picture", "scanned PDF", "RTF", "RTF in an archive"],
    )  # fmt: skip
    def test_what_must_be_installed_first_is_the_administrators_business(
        self, alone, monkeypatch, tmp_path, lacks, name, data, instead
    ):
        """The command tells how it is installed; whoever is at a page is told whom to ask and what helps meanwhile."""
        monkeypatch.setattr(f"extractor.intake.{lacks}", lambda: None)
        said = take_in(alone.visitor(), name, data)
        assert said.endswith(f"请联系管理员安装，或{instead}")
        assert "pip" not in said
        (tmp_path / name).write_bytes(data)
        by_command = CliRunner().invoke(cli, ["extract", str(tmp_path / name)], prog_name="taizhang")
        assert re.search(r"pip install taizhang\[ocr\]|请安装后再试", by_command.stderr)

    def test_formats_that_cannot_be_read_here_are_named_without_commands(self, alone, monkeypatch):
        monkeypatch.setattr("extractor.intake.formats.find_spec", lambda module: None)
        said = text_of(alone.visitor().get("/intake").text)
        assert "这台电脑暂时读不了：网页 HTML、" in said
        assert "扫描 PDF 与图片" in said
        assert "请管理员安装" in said
        assert "pip" not in said

    def test_an_archive_gives_each_of_its_documents(self, alone):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("来文/一.txt", CIRCULAR.format(more=""))
            package.writestr("来文/二.txt", "青禾县关于防汛的通知\n一、值班。县水利局每天值班。")
            package.writestr("来文/三.docx", b"PK\x03\x04broken")
        said = take_in(alone.visitor(), "来文.zip", archive.getvalue())
        assert said.count("已记入") == 2
        assert "未读入 来文.zip/来文/三.docx" in said

    def test_warnings_are_shown_with_their_place(self, alone):
        lost = "关于做好防火工作的通知\n一、开展排查。县教育局要排查。\n三、开展演练。县公安局要演练。\n"
        assert "第3行 编号不连续，按前后文应为 2" in take_in(alone.visitor(), "a.txt", lost.encode())

    def test_the_page_lists_what_is_there(self, alone):
        page = text_of(alone.visitor().get("/intake").text)
        assert "关于做好安全工作的通知" in page
        assert "共 1 份" in page

    def test_who_took_it_in_stands_in_the_log(self, office):
        staff = office.signed_in("staff")
        take_in(staff, "a.txt", CIRCULAR.encode())
        with office.ledger() as ledger:
            events = ledger.db.execute(
                "SELECT actor, action FROM events ORDER BY sequence DESC LIMIT 1"
            ).fetchone()
        assert events == (NAMES["staff"], "ingest")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("临澜市民政局 临澜市卫生健康委员会 临澜市医疗保障局", "临澜市民政局、临澜市卫生健康委员会、临澜市医疗保障局"),
        ("国务院\u3000中央军委", "国务院、中央军委"),
        ("青禾县人民政府", "青禾县人民政府"),
        ("青 禾 县 人 民 政 府", "青禾县人民政府"),  # spread over its line
        ("青禾县 人民 政府", "青禾县人民政府"),
        ("", ""),
    ],
)  # fmt: skip
def test_several_issuers_are_told_apart(printed, shown):
    assert wording.issuers(printed) == shown


class TestAccount:
    def test_another_password(self, office):
        visitor = office.signed_in("staff")
        fields = {"old": PASSWORD, "new": "newer and better", "again": "newer and better"}
        assert visitor.post("/account/password", data=fields).headers["location"] == "/login"
        assert "密码已改，请用新密码登录。" in visitor.get("/login").text
        assert "密码已改" not in visitor.get("/login").text  # said once
        assert visitor.sign_in(NAMES["staff"], "newer and better").status_code == 303

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"old": "x", "new": "long enough", "again": "long enough"}, "现在的密码不对"),
            ({"old": PASSWORD, "new": "long enough", "again": "long enouhg"}, "两次填写的新密码不一样"),
            ({"old": PASSWORD, "new": "short", "again": "short"}, "密码须为 8 至 200 个字符"),
            ({"old": PASSWORD, "new": "x" * 201, "again": "x" * 201}, "密码须为 8 至 200 个字符"),
        ],
    )
    def test_one_that_cannot_be(self, office, fields, problem):
        answer = office.signed_in("staff").post("/account/password", data=fields)
        assert (answer.status_code, problem in answer.text) == (422, True)

    def test_what_is_said_after_a_change_cannot_be_forged(self, office):
        visitor = office.visitor()
        visitor.client.cookies.set("taizhang_said", "0.5L2g5aW9")
        assert "你好" not in visitor.get("/login").text


class TestPeople:
    def test_a_person_through_all_their_days(self, office):
        admin = office.signed_in("admin")
        steps = [
            ("", {"name": " 王小明 ", "role": "staff", "password": "first password"}, "已添加收文员“王小明”"),
            ("/role", {"name": "王小明", "role": "auditor"}, "“王小明”现在是核查员"),
            ("/password", {"name": "王小明", "password": "second password"}, "已重设“王小明”的密码"),
            ("/active", {"name": "王小明", "active": "false"}, "已停用“王小明”"),
            ("/active", {"name": "王小明", "active": "true"}, "已重新启用“王小明”"),
        ]
        for path, fields, said in steps:
            assert admin.post(f"/people{path}", data=fields).status_code == 303
            assert said in admin.get("/people").text
        assert office.visitor().sign_in("王小明", "second password").status_code == 303

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"name": "小收"}, "已有名为“小收”的用户"),
            ({"name": "  "}, "姓名须为"),
            ({"name": "a\u200bb"}, "姓名须为"),
            ({"name": "李四", "password": "short"}, "密码须为"),
        ],
    )
    def test_one_that_cannot_be(self, office, fields, problem):
        admin = office.signed_in("admin")
        answer = admin.post("/people", data={"role": "staff", "password": "long enough", **fields})
        assert (answer.status_code, problem in answer.text) == (422, True)

    def test_the_last_one_who_manages_stays(self, office):
        admin = office.signed_in("admin")
        answer = admin.post("/people/active", data={"name": NAMES["admin"], "active": "false"})
        assert (answer.status_code, "唯一的管理员" in answer.text) == (409, True)

    def test_the_first_one_manages_and_from_then_on_everyone_signs_in(self, alone):
        visitor = alone.visitor()
        visitor.get("/people")
        staff = {"name": "甲", "role": "staff", "password": "long enough"}
        assert visitor.post("/people", data=staff).status_code == 422
        assert visitor.post("/people", data={**staff, "role": "admin"}).status_code == 303
        assert visitor.get("/people").headers["location"] == "/login?next=/people"


class TestErrors:
    def test_one_inside_the_page_keeps_the_menu(self, alone):
        page = alone.visitor().get("/documents/99/original")
        assert page.status_code == 404
        assert "主菜单" in page.text
        assert str(alone.settings.ledger) not in text_of(page.text)

    def test_who_lacks_the_right_is_told_so(self, office):
        page = office.signed_in("staff").get("/people")
        assert (page.status_code, "没有这项权限" in page.text) == (403, True)

    def test_a_busy_ledger(self, alone, monkeypatch):
        def busy(self):
            raise LedgerBusyError(self.path)

        monkeypatch.setattr(Ledger, "documents", busy)
        page = alone.visitor().get("/intake")
        assert (page.status_code, "正被其他程序占用" in page.text) == (503, True)

    def test_a_ledger_that_is_gone(self, alone):
        alone.settings.ledger.unlink()
        page = alone.visitor().get("/intake")
        assert (page.status_code, "还没有台账“ledger.db”" in page.text) == (409, True)

    @pytest.mark.parametrize("path", ["/nothing", "/intake/", "/api/v2/tasks", "/static/no.css"])
    def test_what_is_not_there(self, alone, path):
        answer = alone.visitor().get(path)
        assert answer.status_code in (307, 404)
        assert "Not Found" not in answer.text

    def test_a_method_that_is_not_taken(self, alone):
        visitor = alone.visitor()
        visitor.get("/intake")
        answer = visitor.post("/account")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
