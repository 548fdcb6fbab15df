"""Why a job failed, in words for people: `title`, `cause`, `action` of its one `error` event. Imports no torch."""

import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from datasets import errors as data
from datasets import faults
from datasets.redacting import redacted
from pipelines import errors
from pipelines.jobs.states import DISK_FULL
from pipelines.runs.events import EventWriter

MEMORY_SIGNS = ("out of memory", "DefaultCPUAllocator", "can't allocate memory", "not enough memory")
FAILED = 1  # exit code of a worker that says why in its events
FREE = "free some space, then resume"
ENDED = {-number: number for number in (1, 2, 9, 15)} | {128 + number: number for number in (9, 15)}
LESS = "choose a smaller batch, image size or model, then resume or try again"

TITLES: Sequence[tuple[type[Exception], str, str]] = (
    (errors.OutOfMemory, "Not enough memory", LESS),
    (errors.DataError, "The data cannot be learned from", "correct the dataset, then try again"),
    (data.ClassMismatch, "Model and dataset share too few classes", "choose another model, or rename classes"),
    (errors.WeightsMissing, "Weights are missing", "put the file there, then resume"),
    (errors.CheckpointError, "The model cannot be used", "choose another checkpoint or weights file"),
    (errors.ConfigError, "An option cannot be used", "change it, then try again"),
    (data.DiskFull, "The disk is full", FREE),
    (data.NotWritable, "Something cannot be written or read", "give this user the right to, then resume"),
    (data.DatabaseError, "The database cannot be reached", "run `python -m app doctor`, then resume"),
    (data.DatasetNotFound, "The dataset is gone", "import it again, then resume"),
    (errors.PipelineError, "The job cannot go on", "see the log"),
    (data.DatasetsError, "The dataset cannot be used", "see the log"),
)


def explain(error: BaseException) -> dict[str, str]:
    """Title, cause and action of an exception. What nobody foresaw comes with the last lines of its traceback."""
    if _memory(error):
        return {"title": "Not enough memory", "cause": _first_line(error), "action": LESS}
    if not isinstance(error, errors.PipelineError) or faults.is_full(error):
        error = faults.told(error) or error
    for kind, title, action in TITLES:
        if isinstance(error, kind):
            cause, said, what = str(error).rpartition("; ")
            return {"title": title, "cause": cause or what, "action": what if said else action}
    last = redacted("".join(traceback.format_exception(error))).strip().splitlines()[-6:]
    return {"title": "Something unexpected went wrong", "cause": "\n".join(last), "action": "see the log, then resume"}


def report(error: BaseException, events: EventWriter) -> int:
    """Leave the trace in the log and the cause as an event, as far as the disk has room. Returns the exit code."""
    with suppress(OSError):
        print(redacted("".join(traceback.format_exception(error))), file=sys.stderr)  # noqa: T201
    with suppress(OSError):
        events.write("error", **explain(error))
    return DISK_FULL if faults.is_full(error) else FAILED


def explain_exit(code: int, log: Path, ran_out: str = "") -> dict[str, str]:
    """The same for a process that ended without a word, by its exit code (negative: the signal that ended it).

    `ran_out` is the evidence that memory was full (`evidence.Memory.ran_out`).
    """
    if code in (-9, 137) and ran_out:
        return {"title": "Not enough memory", "cause": f"the process was killed: {ran_out}", "action": LESS}
    if code in ENDED:
        name = signal.Signals(ENDED[code])
        cause = (
            f"a person or another program sent it signal {name.value} ({name.name}); nothing says that memory ran out"
        )
        return {"title": "The process was ended from outside", "cause": cause, "action": "resume"}
    if code == DISK_FULL:
        cause = f"nothing more could be written into {log.parent}"
        return {"title": "The disk is full", "cause": cause, "action": FREE}
    if code in (-11, -6, -7, 134, 135, 139):
        cause = f"a library crashed (exit code {code}); the log ends with:\n{tail(log)}"
        return {"title": "The process crashed", "cause": cause, "action": "resume; if it happens again, try device=cpu"}
    cause = f"the process ended with exit code {code}; the log ends with:\n{tail(log)}"
    return {"title": "Something unexpected went wrong", "cause": cause, "action": "see the log, then resume"}


def tail(log: Path, lines: int = 6) -> str:
    """The last lines of a log."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - 8192, 0))
        text = file.read().decode(errors="replace")
    return redacted("\n".join(text.replace("\r", "\n").strip().splitlines()[-lines:]))


def _memory(error: BaseException) -> bool:
    # torch.OutOfMemoryError by name, and the CPU allocator's RuntimeError by its words: this module knows no torch.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    said = isinstance(error, RuntimeError) and any(sign in str(error) for sign in MEMORY_SIGNS)
    return isinstance(error, MemoryError) or "OutOfMemoryError" in kinds or said


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
