"""The one list of tools that answer while a person waits: what each takes, and whether it can work here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import PipelineError
from pipelines.interactive import grabcut, pictures, scissors
from pipelines.interactive.prompts import Prompt, Segmented
from pipelines.interactive.sam import ahead, offers


class NotAnswered(PipelineError):
    """A tool does not know this kind of question."""


@dataclass(frozen=True)
class Tool:
    """One tool: its name and title, what it takes (`points`, `box`) and gives (`mask`, `path`), and a hint.

    A tool that is not `ready` says in `hint` what is missing; `weights` are files that would do: their name, title,
    licence, size in megabytes, address and folder.
    """

    name: str
    title: str
    takes: tuple[str, ...]
    gives: str
    ready: bool
    hint: str
    weights: tuple[dict[str, Any], ...] = ()


def tools() -> list[Tool]:
    """Every tool, the best for masks first, those without weights too."""
    cut = Tool("grabcut", "GrabCut", ("points", "box"), "mask", True, "separates by colour what a box surrounds")
    path = Tool("scissors", "Scissors", ("points",), "path", True, "follows the edge from one click to the next")
    found = offers.here()
    if found is not None:
        return [Tool("sam", found[0].title, ("points", "box"), "mask", True, "takes what is clicked"), cut, path]
    return [cut, path, Tool("sam", "SAM", ("points", "box"), "mask", False, offers.hint(), offers.files())]


def answer(tool: str, image: Path, prompt: Prompt) -> Segmented:
    """What a tool finds on an image.

    Raises NotAnswered, WeightsMissing, CheckpointError, and DataError for an image that cannot be read.
    """
    find = _FIND.get(tool)
    if find is None:
        raise NotAnswered(f"expected a tool, one of {', '.join(_FIND)}; found {tool!r}")
    try:
        return find(image, prompt)
    except ValueError as error:
        raise NotAnswered(str(error)) from error


def prepare(asker: str, images: Sequence[Path]) -> int:
    """Have images looked at ahead, in this order, in place of what this asker wanted before.

    Returns how many wait; nothing is done where no tool would gain by it.
    """
    return _ahead.ask(asker, images if offers.here() else ())


def _grabcut(image: Path, prompt: Prompt) -> Segmented:
    return grabcut.segment(pictures.pixels(image), prompt)


def _scissors(image: Path, prompt: Prompt) -> Segmented:
    return scissors.segment(pictures.pixels(image), prompt)


def _sam(image: Path, prompt: Prompt) -> Segmented:
    from pipelines.interactive.sam import session  # imports torch

    return session.answer(image, prompt)


def _see(image: Path) -> None:
    from pipelines.interactive.sam import session

    session.see(image)


_FIND: dict[str, Callable[[Path, Prompt], Segmented]] = {"sam": _sam, "grabcut": _grabcut, "scissors": _scissors}
_ahead = ahead.Ahead(_see)
