"""The name of a person, in a signed cookie."""

import pytest

from app.access import people
from app.access.seal import AGE, KEY, Seal

MINE = Seal(b"k" * KEY)
SCOPE = {"type": "http", "server": ("127.0.0.1", 8501), "scheme": "http", "headers": []}


def scope(cookie: str) -> dict[str, object]:
    return {**SCOPE, "headers": [(b"cookie", cookie.encode())]}


def kept(name: str, seal: Seal = MINE) -> str:
    """The cookie as a browser returns it."""
    return people.made(SCOPE, seal, name).partition(";")[0]


@pytest.mark.parametrize("name", ["Anna", "Anna Müller; x=1", "小林", "a.b,c"])
def test_a_name_comes_back_as_it_was_given(name: str) -> None:
    assert people.chosen(scope(kept(name)), MINE) == name == people.who(scope(kept(name)), MINE)
    (key, value), *_ = [kept(name).split("=", 1)]
    assert people.of_cookies({"other_person": "1.x.y", key: value}, MINE) == name


def test_a_cookie_that_another_key_signed_is_nobody() -> None:
    forged = kept("Anna", Seal(b"q" * KEY))
    assert people.chosen(scope(forged), MINE) is None
    assert people.who(scope(forged), MINE) == "reader unknown"
    assert people.of_cookies(dict([forged.split("=", 1)]), MINE) is None


def test_a_cookie_of_a_person_lets_nobody_in_and_a_readers_names_nobody() -> None:
    value = kept("Anna").split("=", 1)[1]
    assert MINE.reader(value) is None and not MINE.may_write("Anna", value)
    assert people.chosen(scope(f"foveal_8501_person={MINE.issue('read', name='QW5uYQ==')}"), MINE) is None


def test_an_aged_cookie_is_renewed_with_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.access import seal

    cookie, now = kept("Anna"), seal.time.time()
    assert people.renewed(scope(cookie), MINE) is None
    monkeypatch.setattr(seal.time, "time", lambda: now + AGE / 2)
    fresh = people.renewed(scope(cookie), MINE)
    assert fresh is not None and people.chosen(scope(fresh.partition(";")[0]), MINE) == "Anna"
    assert "HttpOnly" in fresh and "SameSite=Lax" in fresh
