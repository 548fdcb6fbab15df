"""What a page shows of a run: `events.jsonl` folded into one record. Cheap to ask often: only new lines are read."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines import clock
from pipelines.runs.events import Event, read_events
from pipelines.runs.run import Run

STALE = 60.0  # seconds without any event after which a running job looks stuck; resources come every two
KEPT = 64  # runs whose state is kept in memory
POINTS = 2000  # of the loss curve; a longer one is thinned out
HISTORY = 300  # resource samples that are kept: ten minutes


@dataclass
class RunStatus:
    """How far a run is. Times are seconds since the epoch, `eta` seconds from `updated`, None while unknown."""

    step: str = ""
    index: int = 0
    count: int = 0
    done: int = 0  # of the current step, when it counts
    total: int = 0
    epoch: int = 0  # epochs that ended
    epochs: int = 0
    batch: int = 0  # of the epoch that runs
    batches: int = 0
    eta: float | None = None
    speed: float | None = None  # images per second
    metrics: dict[str, float] = field(default_factory=dict)  # of the last epoch
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)  # by metric: (epoch, value)
    loss: list[tuple[float, float]] = field(default_factory=list)  # (epochs passed, loss of the batch)
    resources: list[dict[str, float | None]] = field(default_factory=list)  # time, cpu, ram, gpu, gpu_ram; last is now
    findings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: dict[str, str] | None = None
    began: float | None = None
    updated: float | None = None
    up: float | None = None  # the same moment in seconds since the machine started
    boot: str = ""  # which start of the machine that was

    def silence(self) -> float:
        """Seconds since the last event, whatever was done to the wall clock meanwhile."""
        if self.up is not None and self.boot == clock.boot():
            return max(0.0, clock.uptime() - self.up)
        return max(0.0, time.time() - self.updated) if self.updated is not None else 0.0

    def left(self) -> float | None:
        """Seconds that are left now, None while unknown."""
        return None if self.eta is None else max(0.0, self.eta - self.silence())

    def stale(self) -> bool:
        """Whether nothing was heard for so long that a running job looks stuck."""
        return self.silence() > STALE

    def add(self, event: Event) -> None:
        """Take in the next event."""
        self.updated, self.up = event["time"], event.get("up")
        take = getattr(self, f"_{event['kind']}", None)
        if take:
            take(event)

    def _start(self, event: Event) -> None:
        self.began, self.boot = event["time"], event.get("boot", "-")  # a former version tells none
        self.error, self.findings, self.eta = None, [], None

    def _step(self, event: Event) -> None:
        self.step, self.index, self.count = event["name"], event["index"], event["count"]
        self.done, self.total, self.eta = 0, 0, None

    def _progress(self, event: Event) -> None:
        self.done, self.total, self.eta = event["done"], event["total"], event.get("eta")

    def _epoch(self, event: Event) -> None:
        self.epoch, self.epochs, self.batch = event["epoch"], event["epochs"], 0
        self.eta, self.speed = event.get("eta"), event.get("speed")
        self.metrics = {name: value for name, value in event["metrics"].items() if value is not None}
        for name, value in self.metrics.items():
            # A resumed run repeats the epochs after its last checkpoint.
            curve = [point for point in self.curves.get(name, []) if point[0] < self.epoch]
            self.curves[name] = [*curve, (self.epoch, value)]

    def _batch(self, event: Event) -> None:
        self.batch, self.batches, self.epoch, self.eta = (
            event["batch"],
            event["batches"],
            event["epoch"] - 1,
            event["eta"],
        )
        if event.get("loss") is None:
            return
        passed = self.epoch + self.batch / self.batches
        while self.loss and self.loss[-1][0] >= passed:
            self.loss.pop()
        self.loss.append((passed, event["loss"]))
        if len(self.loss) > POINTS:
            del self.loss[1::2]

    def _resource(self, event: Event) -> None:
        kept = {name: event.get(name) for name in ("time", "cpu", "ram", "gpu", "gpu_ram")}
        self.resources = [*self.resources[1 - HISTORY :], kept]

    def _finding(self, event: Event) -> None:
        self.findings.append({name: value for name, value in event.items() if name not in ("kind", "time", "up")})

    def _note(self, event: Event) -> None:
        self.notes.append(event["text"])

    def _error(self, event: Event) -> None:
        self.error = {name: str(event.get(name) or "") for name in ("title", "cause", "action")}


def status(run: Run) -> RunStatus:
    """The state of a run by its events so far; a copy, safe to keep."""
    with _lock:
        known, offset = _known.pop(run.events) if run.events in _known else (_fresh(run), 0)
        events, offset = read_events(run.events, offset)
        for event in events:
            known.add(event)
        _known[run.events] = known, offset
        while len(_known) > KEPT:
            _known.popitem(last=False)
        return _copied(known)


def _fresh(run: Run) -> RunStatus:
    # How many epochs are to come is an option of most tasks; their first event tells it only after the first epoch.
    epochs = run.request.config.get("epochs") if run.job.exists() else None
    return RunStatus(epochs=epochs if isinstance(epochs, int) else 0)


def _copied(known: RunStatus) -> RunStatus:
    lists = {name: list(getattr(known, name)) for name in ("loss", "resources", "findings", "notes")}
    return replace(known, **lists, curves={name: list(points) for name, points in known.curves.items()})  # type: ignore[arg-type]


_known: OrderedDict[Path, tuple[RunStatus, int]] = OrderedDict()
_lock = threading.Lock()
