"""The commands `serve` and `user`, and the page as a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from click.testing import CliRunner

from extractor.cli import cli
from extractor.ledger import AlreadyThere, Ledger
from extractor.ledger.people import people
from extractor.web.reading import Reading
from tests.web_client import CSRF

PASSWORD = "correct horse 马"
LEDGER = Path("outputs/ledger.db")
SECONDS = 60


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TAIZHANG_LEDGER", "TAIZHANG_DEBUG", "TAIZHANG_ACTOR"):
        monkeypatch.delenv(name, raising=False)


def run(*args: str, typed: str = ""):
    return CliRunner().invoke(cli, args, prog_name="taizhang", input=typed)


def twice(password: str) -> str:
    return f"{password}\n{password}\n"


class TestUser:
    def test_a_person_through_all_their_days(self):
        added = run("user", "add", "张三", "--role", "coordinator", "--as", "管事", typed=twice(PASSWORD))
        assert (added.exit_code, "已添加统筹员“张三”" in added.stderr) == (0, True)
        assert PASSWORD not in added.output
        assert "“张三”现在是核查员" in run("user", "role", "张三", "--role", "核查员").stderr
        token = run("user", "token", "张三").stdout.strip()
        assert re.fullmatch(r"taizhang_[\w-]{43}", token)
        listed = run("user", "list").stdout
        assert re.search(r"张三\s+核查员\s+在用\s+\d{4}-\d\d-\d\d\s+1", listed)
        assert "已停用" in run("user", "disable", "张三").stderr
        assert run("user", "token", "张三").exit_code == 1
        assert "已重新启用" in run("user", "disable", "张三", "--undo").stderr
        assert "已重设“张三”的密码" in run("user", "password", "张三", typed=twice("another password")).stderr
        assert "已作废“张三”的全部令牌" in run("user", "token", "张三", "--revoke").stderr
        with Ledger.open(LEDGER) as ledger:
            assert [(p.name, p.role, p.active, p.tokens) for p in people(ledger)] == [
                ("张三", "auditor", True, 0)
            ]
            ((actor,),) = ledger.db.execute("SELECT actor FROM events WHERE action = 'add_person'").fetchall()
        assert actor == "管事"

    @pytest.mark.parametrize(
        ("args", "typed", "code", "said"),
        [
            (("add", "李四", "--role", "boss"), "", 2, "可选：staff、coordinator、auditor、admin"),
            (("add", "李四"), "", 2, "缺少选项“--role”"),
            (("add", "李四", "--role", "staff"), twice("short"), 1, "密码须为 8 至 200 个字符"),
            (("password", "没有此人"), "", 1, "没有名为“没有此人”的用户"),
            (("role", "没有此人", "--role", "staff"), "", 1, "没有名为“没有此人”的用户"),
        ],
    )
    def test_what_cannot_be_is_told_in_one_line(self, args, typed, code, said):
        result = run("user", *args, typed=typed)
        assert (result.exit_code, said in result.stderr) == (code, True)
        with Ledger.create(LEDGER) as ledger:
            assert people(ledger) == []


class TestRefusals:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "taizhang.office"])
    def test_without_accounts_only_this_machine_is_served(self, host):
        result = run("serve", "--host", host, "--no-open")
        assert result.exit_code == 1
        (line,) = result.stderr.strip().split("\n")
        assert "taizhang user add" in line
        assert not LEDGER.exists()

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            result = run("serve", "--port", str(port), "--no-open")
        assert result.exit_code == 1
        assert not LEDGER.exists()
        assert result.stderr.strip() == f"端口 {port} 已被占用：请用 --port 换一个，或先关闭占用它的程序。"

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "八千", "8e3", "٨٠٨٠"])
    def test_what_is_no_port(self, port):
        result = run("serve", f"--port={port}")
        assert (result.exit_code, "不是端口" in result.stderr) == (2, True)

    def test_half_a_certificate(self, tmp_path):
        (tmp_path / "c.pem").write_text("x")
        assert run("serve", "--certificate", "c.pem").exit_code == 2

    def test_what_is_no_certificate(self, tmp_path):
        (tmp_path / "c.pem").write_text("x")
        result = run("serve", "--certificate", "c.pem", "--key", "c.pem", "--no-open")
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "不能使用证书“c.pem”" in result.stderr
        assert not LEDGER.exists()

    def test_a_file_that_is_no_ledger(self, tmp_path):
        (tmp_path / "x.db").write_text("no ledger")
        result = run("serve", "--ledger", "x.db", "--no-open")
        assert (result.exit_code, "不是本工具的台账" in result.stderr) == (1, True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.skipif(os.name != "posix", reason="ends the process with a signal")
def test_the_process_serves_reads_and_ends_quietly(tmp_path):
    """Also where somebody sends bytes that are no HTTP: nobody at the terminal can do anything about that."""
    port = free_port()
    command = [sys.executable, "-m", "extractor", "serve", "--no-open", "--port", str(port)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        assert process.stderr is not None
        made, first = process.stderr.readline(), process.stderr.readline()
        assert made.startswith("新建台账 ")
        assert f"http://127.0.0.1:{port}/" in first
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as browser:
            page = browser.get("/", follow_redirects=True)
            headers = {"X-CSRF-Token": CSRF.search(page.text).group(1)}
            circular = "青禾县关于防汛的通知\n一、值班。县水利局6月底前完成。".encode()
            answer = browser.post("/intake?name=a.txt", content=circular, headers=headers)
            assert "已记入" in answer.text
        for garbage in (
            b"\x16\x03\x01\x02\x00\x01",
            b"HELO\r\n\r\n",
            b"GET / HTTP/9\r\n\r\n",
            b"\xff" * 70_000,
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as knocking:
                knocking.sendall(garbage + b"\r\n\r\n")
                assert knocking.recv(100).startswith(b"HTTP/1.1 400 ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "", "已停止。\n")
    with Ledger.open(tmp_path / LEDGER) as ledger:
        assert [entry.name for entry in ledger.documents()] == ["a.txt"]


@pytest.mark.skipif(os.name != "posix", reason="holds the reader up with a named pipe")
def test_when_the_reader_dies_the_file_is_told_and_the_next_one_is_read(tmp_path):
    """The process in which files are read is killed, as for want of memory: in the middle of a file, and while idle."""
    visit, circular = held_up_by_a_pipe(tmp_path)

    async def story(reading: Reading):
        held_up = asyncio.create_task(reading.read_in(visit, tmp_path / "pipe", "甲.txt"))
        writing = await asyncio.to_thread(
            os.open, tmp_path / "pipe", os.O_WRONLY
        )  # waits until it is being read
        kill_readers()
        during = await held_up
        os.close(writing)
        after = await reading.read_in(visit, circular, "乙.txt")
        kill_readers()
        while not reading._own._broken:  # the pool takes a moment to see it
            await asyncio.sleep(0.01)
        later = await reading.read_in(visit, circular, "丙.txt")
        return [*during, *after, *later]

    reading = Reading()
    try:
        during, after, later = asyncio.run(story(reading))
    finally:
        reading.close()
    assert "意外中断" in during.result.reason
    assert after.result.entry.name == later.result.entry.name == "乙.txt"
    assert isinstance(later.result, AlreadyThere)


def held_up_by_a_pipe(folder: Path) -> tuple[SimpleNamespace, Path]:
    """A visit with a ledger, a circular to read, and beside it a pipe at which a reader waits."""
    Ledger.create(folder / "l.db").close()
    circular = folder / "received"
    circular.write_text("青禾县关于防汛的通知\n一、值班。县水利局6月底前完成。", "utf-8")
    os.mkfifo(folder / "pipe")
    return SimpleNamespace(
        ledger=SimpleNamespace(path=folder / "l.db"), user=SimpleNamespace(name="甲")
    ), circular


def kill_readers():
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


@pytest.mark.skipif(os.name != "posix", reason="holds the reader up with a named pipe")
def test_whoever_leaves_holds_nobody_up(tmp_path):
    """Reading stops with the visitor: the next file need not wait for one that is gone."""
    visit, circular = held_up_by_a_pipe(tmp_path)

    async def story(reading: Reading):
        endless = asyncio.create_task(reading.read_in(visit, tmp_path / "pipe", "甲.txt"))
        writing = await asyncio.to_thread(os.open, tmp_path / "pipe", os.O_WRONLY)  # it is being read by now
        endless.cancel()
        with pytest.raises(asyncio.CancelledError):
            await endless
        try:
            async with asyncio.timeout(SECONDS):
                return await reading.read_in(visit, circular, "乙.txt")
        finally:
            os.close(writing)

    reading = Reading()
    try:
        (after,) = asyncio.run(story(reading))
    finally:
        reading.close()
    assert after.result.entry.tasks == 1


@pytest.mark.skipif(os.name != "posix", reason="holds the reader up with a named pipe")
def test_a_file_that_never_ends_is_given_up_and_the_next_one_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("extractor.web.reading.LONGEST_READING", 1.0)
    give_up = Reading._give_up

    def give_up_and_have_time(reading: Reading) -> None:
        monkeypatch.setattr("extractor.web.reading.LONGEST_READING", float(SECONDS))
        give_up(reading)

    monkeypatch.setattr(Reading, "_give_up", give_up_and_have_time)
    visit, circular = held_up_by_a_pipe(tmp_path)
    writing = os.open(tmp_path / "pipe", os.O_RDWR)  # nobody ever writes, and it never ends

    async def story(reading: Reading):
        # The second is sent in while the first is still being read: it waits for its turn.
        endless, after = await asyncio.gather(
            reading.read_in(visit, tmp_path / "pipe", "甲.txt"), reading.read_in(visit, circular, "乙.txt")
        )
        return *endless, *after

    reading = Reading()
    try:
        endless, after = asyncio.run(story(reading))
    finally:
        reading.close()
        os.close(writing)
    assert "仍未读完" in endless.result.reason
    assert after.result.entry.tasks == 1
