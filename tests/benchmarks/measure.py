"""What an operation costs: CPU seconds of this process and of the database server together, and wall time."""

import gc
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

# FOVEAL_BENCH_SIZES="300:2000" compares at 300 images, and runs ours alone at 2,000.
_COMPARED, _, _ALONE = os.environ.get("FOVEAL_BENCH_SIZES", "1000,5000:20000,100000").partition(":")
COMPARED = [int(size) for size in _COMPARED.split(",") if size]
ALONE = [int(size) for size in _ALONE.split(",") if size]


@dataclass(frozen=True)
class Cost:
    cpu: float
    wall: float


@dataclass(frozen=True)
class Row:
    """One line of bench.json. Seconds; `ratio` is peer over ours in CPU time; None where there is no peer."""

    operation: str
    n: int
    ours_cpu_s: float
    ours_wall_s: float
    peer: str | None = None
    peer_cpu_s: float | None = None
    peer_wall_s: float | None = None
    ratio: float | None = None
    equal: bool | None = None


@dataclass
class Bench:
    """Runs operations side by side and keeps what they cost. `pid` is the database server's."""

    pid: int
    rows: list[Row] = field(default_factory=list)

    def cost(self, call: Callable[[], Any]) -> tuple[Any, Cost]:
        """The result of a call and its cost. The server's share is known in hundredths of a second."""
        gc.collect()
        wall, cpu = time.perf_counter(), self._cpu()
        made = call()
        return made, Cost(self._cpu() - cpu, time.perf_counter() - wall)

    def compare(
        self,
        operation: str,
        n: int,
        ours: Callable[[], Any],
        peer: str,
        theirs: Callable[[], Any],
        equal: Callable[[Any, Any], bool],
        rounds: int = 1,
    ) -> Row:
        """Ours, theirs, ours, ... alternating; each side's mean is reported, and the last results are compared."""
        mine, other = [self.cost(ours)], []
        for _ in range(rounds):
            other.append(self.cost(theirs))
            mine.append(self.cost(ours))
        a, b = _mean(mine), _mean(other)
        same = bool(equal(mine[-1][0], other[-1][0]))
        row = Row(operation, n, a.cpu, a.wall, peer, b.cpu, b.wall, b.cpu / max(a.cpu, 1e-9), same)
        self.rows.append(row)
        assert same, f"{operation}: ours and {peer} differ at n = {n}"
        return row

    def alone(self, operation: str, n: int, ours: Callable[[], Any]) -> Row:
        """Ours without a peer, to show how cost grows."""
        spent = _mean([self.cost(ours) for _ in range(2)])
        self.rows.append(Row(operation, n, spent.cpu, spent.wall))
        return self.rows[-1]

    def _cpu(self) -> float:
        used = psutil.Process(self.pid).cpu_times()
        return time.process_time() + float(used.user + used.system)


def table(rows: list[Row]) -> str:
    """The figures for people."""
    head = (
        f"{'operation':24}{'n':>8}{'ours CPU s':>12}{'wall s':>9}{'us/image':>10}  {'peer':18}{'CPU s':>9}{'ratio':>8}"
    )
    lines = ["", head]
    for row in rows:
        each = row.ours_cpu_s / row.n * 1e6
        line = f"{row.operation:24}{row.n:8}{row.ours_cpu_s:12.3f}{row.ours_wall_s:9.2f}{each:10.0f}"
        if row.peer and row.peer_cpu_s is not None:
            line += f"  {row.peer:18}{row.peer_cpu_s:9.2f}{row.ratio:8.1f} {'equal' if row.equal else 'DIFFERS'}"
        lines.append(line)
    return "\n".join(lines)


def write(rows: list[Row], path: Path) -> None:
    """bench.json: a list of rows."""
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def _mean(runs: list[tuple[Any, Cost]]) -> Cost:
    return Cost(sum(run.cpu for _, run in runs) / len(runs), sum(run.wall for _, run in runs) / len(runs))
