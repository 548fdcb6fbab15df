import pytest

from pipelines.errors import IllegalMove
from pipelines.jobs import states

LEGAL = {
    ("queued", "running"), ("queued", "cancelled"), ("queued", "failed"),
    ("running", "done"), ("running", "failed"), ("running", "cancelled"), ("running", "lost"),
    ("failed", "queued"), ("cancelled", "queued"), ("lost", "queued"),
}  # fmt: skip


@pytest.mark.parametrize("start", states.STATES)
@pytest.mark.parametrize("to", states.STATES)
def test_a_job_moves_as_the_table_says_and_no_other_way(start: states.State, to: states.State) -> None:
    if (start, to) in LEGAL:
        states.check("r1", start, to)
        return
    with pytest.raises(IllegalMove, match=f"job r1: expected a state that can become {to}, found {start}"):
        states.check("r1", start, to)


@pytest.mark.parametrize(
    ("code", "want", "state"),
    [
        (0, "run", "done"),
        (0, "stop", "done"),  # it had finished before the wish arrived
        (3, "run", "cancelled"),
        (1, "run", "failed"),
        (1, "stop", "cancelled"),
        (-9, "stop", "cancelled"),
        (-9, "run", "failed"),
        (None, "run", "lost"),
        (None, "stop", "cancelled"),
    ],
)
def test_how_a_job_ends(code: int | None, want: str, state: str) -> None:
    assert states.outcome(code, want) == state
