"""The one list of tools that answer while a person waits: what each takes, and whether it can work here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import PipelineError
from pipelines.images import Array
from pipelines.interactive import grabcut, pictures, scissors
from pipelines.interactive.prompts import Prompt, Segmented


class NotAnswered(PipelineError):
    """A tool does not know this kind of question."""


@dataclass(frozen=True)
class Tool:
    """One tool: its name and title, what it takes (`points`, `box`) and gives (`mask`, `path`), and a hint.

    A tool that is not `ready` says in `hint` what is missing.
    """

    name: str
    title: str
    takes: tuple[str, ...]
    gives: str
    ready: bool
    hint: str


_CLASSICAL: dict[str, Callable[[Array, Prompt], Segmented]] = {"grabcut": grabcut.segment, "scissors": scissors.segment}


def tools() -> list[Tool]:
    """Every tool, those without weights too."""
    return [
        Tool("grabcut", "GrabCut", ("points", "box"), "mask", True, "separates by colour what a box surrounds"),
        Tool("scissors", "Scissors", ("points",), "path", True, "follows the edge from one click to the next"),
    ]


def answer(tool: str, image: Path, prompt: Prompt) -> Segmented:
    """What a tool finds on an image. Raises NotAnswered, and DataError for an image that cannot be read."""
    find = _CLASSICAL.get(tool)
    if find is None:
        raise NotAnswered(f"expected a tool, one of {', '.join(_CLASSICAL)}; found {tool!r}")
    try:
        return find(pictures.pixels(image), prompt)
    except ValueError as error:
        raise NotAnswered(str(error)) from error
