"""Where the server is."""

import os
import socket
import urllib.parse
from pathlib import Path

import pytest

from datasets.storage import address
from datasets.workspace import Workspace


def test_an_address_that_the_user_set_is_told_from_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(address.USERS, "mongodb://there/")
    monkeypatch.delenv(address.OURS, raising=False)
    assert address.users() == "mongodb://there/" and not address.is_ours("mongodb://there/")
    monkeypatch.setenv(address.OURS, "mongodb://there/")
    assert address.users() is None and address.is_ours("mongodb://there/")
    monkeypatch.delenv(address.USERS)
    assert address.users() is None


def test_our_address_names_the_socket_and_asks_for_journalled_writes(tmp_path: Path) -> None:
    here = Workspace(tmp_path)
    uri = urllib.parse.urlsplit(address.ours(here))
    assert urllib.parse.unquote(uri.netloc) == str(address.socket_of(here)) and "journal=true" in uri.query


def test_the_socket_of_a_long_home_lies_elsewhere_and_is_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/me")
    near = Workspace(Path("/home/me/.foveal"))
    assert address.socket_of(near) == near.database / "mongodb-27017.sock"
    far, other = (address.socket_of(Workspace(Path("/" + "x" * 120 + one))) for one in "ab")
    assert far.is_relative_to("/run/me") and far != other
    assert max(len(os.fsencode(one)) for one in (far, other)) <= 107


def test_a_home_with_letters_of_an_address_has_its_socket_elsewhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/me")
    for name in ("data[1]", "a]b", "c:d", "one,two"):
        assert address.socket_of(Workspace(Path("/home/me") / name)).is_relative_to("/run/me")
    for name in ("{x} %41", "\u00fc #1", "what?", "it's", "a@b;c"):
        assert address.socket_of(Workspace(Path("/home/me") / name)).is_relative_to("/home/me")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/[me]")  # no better: the next folder is taken
    assert "[" not in str(address.socket_of(Workspace(Path("/home/me/[x]"))))


def test_a_socket_answers_while_somebody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path may be too long below the folder of a test
    place = Path("s")
    assert not address.listens(place)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        assert address.listens(place)
    assert not address.answers("mongodb://%2Fnot%2Fthere.sock/") and address.answers("mongodb://host:27017/")
