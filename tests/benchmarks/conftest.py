"""One server and one list of figures for all benchmarks; the table is printed and bench.json written at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets.storage import database
from datasets.workspace import Workspace
from tests.benchmarks import measure


@pytest.fixture(scope="session")
def bench(server: Workspace) -> Iterator[measure.Bench]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEAL_HOME", str(server.home))
        pid = database.status(server).pid
        assert pid is not None
        made = measure.Bench(pid)
        yield made
        print(measure.table(made.rows))
        measure.write(made.rows, Path(__file__).parents[2] / "bench.json")
