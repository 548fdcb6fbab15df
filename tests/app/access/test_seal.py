"""The key of a workspace, and what it signs."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.access import password, seal
from app.access.seal import AGE, KEY, Seal, key
from datasets.workspace import Workspace
from tests.helpers import ROOT


def test_a_token_is_good_for_its_purpose_and_owner_alone() -> None:
    mine = Seal(b"k" * KEY)
    cookie = mine.issue("read")
    reader = mine.reader(cookie)
    assert reader and mine.may_write(reader, mine.issue("write", reader))
    assert not mine.may_write("another", mine.issue("write", reader))
    assert not mine.may_write(reader, cookie)
    assert mine.reader(mine.issue("write", reader)) is None
    assert Seal(b"q" * KEY).reader(cookie) is None
    assert not mine.may_write("", mine.issue("write", ""))


@pytest.mark.parametrize("forged", ["", ".", "..", "1.a.", "a.b.c", "1.a.é", "1" * 5000, "\x00.\x00.\x00"])
def test_what_was_not_signed_is_refused(forged: str) -> None:
    assert Seal(b"k" * KEY).reader(forged) is None


def test_the_moment_and_the_name_are_signed() -> None:
    mine = Seal(b"k" * KEY)
    moment, name, signature = mine.issue("read").split(".")
    assert mine.reader(f"{int(moment) + 1}.{name}.{signature}") is None
    assert mine.reader(f"{moment}.{name}x.{signature}") is None


def test_a_cookie_is_good_for_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, now = Seal(b"k" * KEY), seal.time.time()
    cookie = mine.issue("read")
    monkeypatch.setattr(seal.time, "time", lambda: now + AGE - 60)
    assert mine.reader(cookie)
    monkeypatch.setattr(seal.time, "time", lambda: now + AGE + 60)
    assert mine.reader(cookie) is None


def test_the_key_is_kept_for_its_owner_and_outlives_the_process(workspace: Workspace) -> None:
    file = workspace.home / "secret"
    first = key(file)
    assert (len(first), file.stat().st_mode & 0o777, key(file)) == (KEY, 0o600, first)


@pytest.mark.parametrize("content", [b"", b"short", b"x" * (KEY - 1), b"x" * (KEY + 1)])
def test_a_key_that_was_cut_short_signs_nothing(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    file = workspace.home / "secret"
    file.write_bytes(content)
    file.chmod(0o600)
    made = key(file)
    assert len(made) == KEY and made != content and key(file) == made
    assert f"expected a key of {KEY} bytes, found {len(content)}" in caplog.text


def test_a_key_that_others_could_read_is_made_anew(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    file = workspace.home / "secret"
    seen = key(file)
    file.chmod(0o644)
    assert key(file) != seen
    assert file.stat().st_mode & 0o777 == 0o600
    assert "0644" in caplog.text


def test_a_link_in_place_of_the_key_is_replaced_and_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"t" * KEY)
    (workspace.home / "secret").symlink_to(tmp_path / "theirs")
    assert key(workspace.home / "secret") != b"t" * KEY
    assert (tmp_path / "theirs").read_bytes() == b"t" * KEY


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    file = str(tmp_path / "secret")
    code = f"from pathlib import Path; from app.access.seal import key; print(key(Path({file!r})).hex())"
    started = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(3)]
    assert len({one.communicate()[0] for one in started}) == 1


def test_another_password_makes_the_cookies_of_before_worthless(workspace: Workspace) -> None:
    cookie = seal.seal().issue("read")
    for word, holds in (("correct horse", False), ("correct horse", True), ("battery staple", False)):
        password.keep(workspace.home, word)
        seal.forget()
        assert bool(seal.seal().reader(cookie)) is holds
        cookie = seal.seal().issue("read")
