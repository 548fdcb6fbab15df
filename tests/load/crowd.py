"""Twenty people at once: each opens another page every five seconds, from a seeded mix of pages opened once before."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.load.client import Client, Place

EVERY = 5.0


@dataclass(frozen=True)
class Load:
    """Seconds by page, seconds of `/api/page`, and what went wrong."""

    pages: Mapping[str, Sequence[float]]
    api: Sequence[float]
    errors: Sequence[str]

    @property
    def all(self) -> list[float]:
        """Every page."""
        return [one for some in self.pages.values() for one in some]

    def table(self, title: str) -> str:
        """The figures for people."""
        lines = [
            "",
            f"{title}: {len(self.all)} pages, {len(self.errors)} errors",
            f"{'page':44}{'n':>5}{'median':>9}{'p95':>8}{'max':>8}",
        ]
        rows = {**dict(sorted(self.pages.items())), "all pages": self.all, "/api/page": self.api}
        for name, took in rows.items():
            if took:
                lines.append(
                    f"{name:44}{len(took):5}{np.median(took):9.3f}{np.quantile(took, 0.95):8.3f}{max(took):8.3f}"
                )
        return "\n".join(lines)


def crowd(address: str, places: Sequence[Place], seconds: float, clients: int = 20, seed: int = 8) -> Load:
    """Let so many clients click for so long; every page is opened once before."""
    return asyncio.run(_crowd(address, places, seconds, clients, seed))


async def _crowd(address: str, places: Sequence[Place], seconds: float, clients: int, seed: int) -> Load:
    async with Client(address) as first:
        for place in places:
            await first.open(place)
        if first.errors:
            return Load({}, [], first.errors)
    pages: dict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + seconds
    done = await asyncio.gather(
        *(_person(address, places, until, seed + k, k * EVERY / clients, pages) for k in range(clients))
    )
    return Load(
        pages, [one for client in done for one in client.took_page], [one for client in done for one in client.errors]
    )


async def _person(
    address: str, places: Sequence[Place], until: float, seed: int, late: float, pages: dict[str, list[float]]
) -> Client:
    r = random.Random(seed)
    await asyncio.sleep(late)
    async with Client(address) as client:
        while time.monotonic() < until:
            place, began = r.choice(places), time.monotonic()
            try:
                pages[str(place)].append(await client.open(place))
            except TimeoutError:
                client.errors.append(f"{place}: not whole within the time allowed")
            await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - began)))
    return client
