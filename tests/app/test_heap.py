"""No walk over the whole heap after each run of a page, however the server was started."""

import asyncio
import gc
import tomllib
from collections.abc import Iterator

import pytest
from streamlit import config

from app import server, warm
from app.access.launch import Launch


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No database, no vendors: the settings alone."""
    monkeypatch.setattr(server, "_start", lambda samples: None)
    monkeypatch.setattr(server, "_announce", lambda launched, host: None)
    monkeypatch.setattr(warm, "begin", lambda: None)
    before = config.get_option("runner.postScriptGC")
    config.set_option("runner.postScriptGC", True)
    yield
    config.set_option("runner.postScriptGC", before)


def test_no_walk_over_the_heap_follows_each_run_of_a_page(idle: None) -> None:
    async def begin() -> None:
        lifespan = server._lifespan(Launch(), "127.0.0.1", samples=False)
        async with lifespan(None):  # type: ignore[arg-type]  # any ASGI server enters it
            pass

    asyncio.run(begin())
    assert config.get_option("runner.postScriptGC") is False
    options = tomllib.loads((server.ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert options["runner"]["postScriptGC"] is False


def test_what_was_imported_ahead_is_left_out_of_later_walks() -> None:
    warm.painted.set()
    before = gc.get_freeze_count()
    try:
        warm.begin(work=lambda: None).join(20)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
