"""Two thousand page loads leave memory where it was."""

import asyncio
import itertools

import pytest

from tests.load.client import Client
from tests.load.conftest import App
from tests.load.test_crowd import PLACES

LOADS, TABS = 2000, 40
GROWTH = 80.0  # MB, from the first quarter to the end


async def _load(app: App) -> list[float]:
    held, places = [app.memory()], itertools.cycle(PLACES)
    for _ in range(TABS):
        async with Client(app.address) as tab:
            for _ in range(LOADS // TABS):
                await tab.open(next(places))
            assert not tab.errors
        held.append(app.memory())
    return held


@pytest.mark.slow
def test_memory_stays_flat_over_two_thousand_page_loads(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    before = app.cpu()
    held = asyncio.run(_load(app))
    with capsys.disabled():
        marks = ", ".join(f"{k * LOADS // TABS}: {held[k]:.0f} MB" for k in range(0, TABS + 1, 5))
        print(f"\nmemory by page loads: {marks}; {(app.cpu() - before) / LOADS * 1000:.0f} ms of CPU a page")
    assert held[-1] - held[TABS // 4] < GROWTH
