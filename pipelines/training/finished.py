"""Whether a run has been trained already: a job that goes on after a crash does not train twice."""

from pipelines.errors import CheckpointError
from pipelines.runs import checkpoints
from pipelines.runs.run import Run

MARK = "finished"


def finished(run: Run) -> bool:
    """Whether training ended by itself and left a whole checkpoint folder."""
    if not (run.work / MARK).exists():
        return False
    try:
        checkpoints.load(run.checkpoint)
    except CheckpointError:
        return False
    return True


def finish(run: Run) -> None:
    """Remember that training ended by itself."""
    (run.work / MARK).touch()
