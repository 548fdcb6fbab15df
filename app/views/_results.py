"""What a run left behind, read from its folder: figures, classes, curves."""

from collections.abc import Iterable, Mapping

from datasets.evaluation.cards import Card, Report, Value
from datasets.evaluation.figures import Figure, headline
from pipelines.errors import CheckpointError
from pipelines.runs import checkpoints, reports
from pipelines.runs.checkpoints import Checkpoint
from pipelines.runs.run import Run


def splits(run: Run) -> dict[str, Report[Card]]:
    """The report of every scored split, test first; that of the whole view is under `all`."""
    found = reports.read(run)
    return found.shown if found else {}


def metrics(run: Run) -> Mapping[str, Value]:
    """The figures of the first scored split of test, val, train; empty if there are none."""
    return next((report.metrics for report in splits(run).values()), {})


def known(figures: Iterable[Figure], *measured: Mapping[str, Value]) -> list[Figure]:
    """The headline figures that were measured at least once."""
    return [one for one in headline(figures) if any(values.get(one.name) is not None for values in measured)]


def checkpoint(run: Run) -> Checkpoint | None:
    """What the checkpoint folder says about the model; None where there is none that can be read."""
    try:
        return checkpoints.load(run.checkpoint)
    except CheckpointError:
        return None
