"""Follows a job and shows what it does, until it ends."""

import time
from collections.abc import Iterable

from app.cli.output import DONE, FAILED, STOPPED, Console, duration
from datasets.workspace import Workspace
from pipelines.jobs import queue
from pipelines.runs.events import Event, read_events
from pipelines.runs.run import Run

EXITS = {"done": DONE, "cancelled": STOPPED}
PAUSE = 0.4


def follow(workspace: Workspace, run: Run, console: Console, offset: int = 0) -> int:
    """Show the events of a run, from a byte offset on, until its job ends. Returns the exit code of its final state."""
    while True:
        job = queue.job(workspace, run.id)
        events, offset = read_events(run.events, offset)
        _tell(events, console)
        if job.ended_already:
            return _close(run, job.state, console)
        time.sleep(PAUSE)


def _tell(events: Iterable[Event], console: Console) -> None:
    for event in events:
        line = _line(event)
        if line:
            console.note(line)


def _line(event: Event) -> str:
    match event["kind"]:
        case "step":
            return f"step {event['index']} of {event['count']}: {event['name']}"
        case "epoch":
            figures = {name: value for name, value in event["metrics"].items() if isinstance(value, int | float)}
            shown = ", ".join(f"{name} {value:.4g}" for name, value in figures.items() if name.count("/") < 2)
            return f"epoch {event['epoch']} of {event['epochs']}, {duration(event.get('eta'))} left: {shown}"
        case "finding":
            action = f"; {event['action']}" if event.get("action") else ""
            told = f"{event['severity']}: {event['where']}: expected {event['expected']}, found {event['found']}"
            return told + action
        case "note":
            return str(event["text"])
        case "error":
            return "error: " + "; ".join(filter(None, (f"{event['title']}: {event['cause']}", event.get("action"))))
    return ""


def _close(run: Run, state: str, console: Console) -> int:
    if state not in EXITS:
        console.note(f"run {run.id} ended as {state}; its log: {run.log}")
    return EXITS.get(state, FAILED)
