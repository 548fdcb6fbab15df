"""The states of a job, and every legal move between them, in one table."""

from collections.abc import Mapping
from typing import Literal, get_args

from pipelines.errors import IllegalMove

State = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
STATES: tuple[State, ...] = get_args(State)

MOVES: Mapping[State, frozenset[State]] = {
    "queued": frozenset({"running", "cancelled", "failed"}),  # failed: no process could be started for it
    "running": frozenset({"done", "failed", "cancelled", "lost"}),
    "done": frozenset(),
    "failed": frozenset({"queued"}),
    "cancelled": frozenset({"queued"}),
    "lost": frozenset({"queued"}),
}

ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled", "lost"})

STOPPED = 3  # exit code of a job that ended because it was asked to
DISK_FULL = 28  # and of one that could write nothing more, not even why; the number of ENOSPC


def check(run: str, start: State, to: State) -> None:
    """Raise IllegalMove unless a job may go from `start` to `to`."""
    if to not in MOVES[start]:
        raise IllegalMove(run, start, to, sorted(MOVES[start]))


def outcome(code: int | None, want: str) -> State:
    """The state that a job ends in, by its exit code (None: it left none) and by what a person wanted of it."""
    if code is None:
        return "cancelled" if want == "stop" else "lost"
    if code == 0:
        return "done"
    return "cancelled" if code == STOPPED or want == "stop" else "failed"
