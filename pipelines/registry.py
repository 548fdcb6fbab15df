"""The one list of tasks. A task is a folder beside this file; its name here is all that registers it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import ValidationError

from datasets.evaluation import figures
from datasets.evaluation.figures import Figure
from datasets.evaluation.protocols import PROTOCOLS, protocol, scoring
from datasets.kinds import KINDS
from pipelines import adopting
from pipelines.config import Offer, TaskConfig
from pipelines.errors import CheckpointError, ConfigError, UnknownPreset, UnknownTask
from pipelines.job import Job

USUAL = "balanced"  # the preset where none is named
TASKS = ("detection", "classification", "segmentation", "instances", "pose")
Input = Literal["labelled images", "image pairs", "bare images", "frames"]
# Labels of a sample, an image of a sample, labels of frames, new samples.
Output = Literal["labels", "image", "frames", "samples"]


@dataclass(frozen=True)
class Task:
    """What a task folder declares in its `config.py`, readable without torch."""

    name: str
    title: str
    input: Input  # what it learns from
    output: Output  # what its model makes
    protocols: tuple[str, ...]  # of `datasets.evaluation.protocols`, by which it is scored; one for each label kind
    label_kinds: tuple[str, ...]  # names of `datasets.kinds`, of the fields it can learn from, the usual one first
    needs_masks: bool  # whether its labels must be objects with masks
    config: type[TaskConfig]
    presets: Mapping[str, Mapping[str, Any]]
    models: tuple[str, ...]  # suggested networks
    offer: Callable[[str], Offer | None]  # who offers pretrained weights of a network; None when nobody does
    choose: Callable[[Any, int], str]  # the network that a config and the longest side of the images (px) come to

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of its protocols, the one to rank runs by first."""
        return figures.merged(protocol(name).figures for name in self.protocols)

    def resolve(self, preset: str = USUAL, changes: Mapping[str, Any] | None = None) -> TaskConfig:
        """The config of a preset with some options changed. Raises UnknownPreset, ConfigError."""
        if preset not in self.presets:
            raise UnknownPreset(self.name, preset, tuple(self.presets))
        try:
            return self.config.model_validate(self.config.merged(self.presets[preset], changes or {}))
        except ValidationError as error:
            raise ConfigError(_explain(self.name, self.config, error.errors())) from error

    def check(self, changes: Mapping[str, Any]) -> None:
        """Raise ConfigError for an option that no model of the task has, or a value that is out of its bounds."""
        try:
            self.config.model_validate({**self.config.defaults(), **changes})
        except ValidationError as error:
            found = [problem for problem in error.errors() if set(problem["loc"][:1]) & set(changes)]
            if found:
                raise ConfigError(_explain(self.name, self.config, found)) from error


def task(name: str) -> Task:
    """The task of this name. Raises UnknownTask, or ConfigError for a declaration that is none of the known ones."""
    declared = _module(name, "config")
    made = Task(
        name, declared.TITLE, declared.INPUT, declared.OUTPUT, declared.PROTOCOLS, declared.LABEL_KINDS,
        getattr(declared, "NEEDS_MASKS", False), declared.Config, declared.PRESETS, declared.MODELS,
        declared.offer, getattr(declared, "choose", _as_said),
    )  # fmt: skip
    _check(made)
    return made


def trainer(name: str) -> Callable[[Job[Mapping[str, Any]]], None]:
    """`train(job)` of the task, see `pipelines/training/start.py`. Imports torch."""
    return partial(import_module("pipelines.training.start").train, task(name).config)


def predictor(name: str) -> Callable[[Job[Mapping[str, Any]]], None]:
    """`predict(job)` of the task, see `pipelines/predicting.py`. Imports torch."""
    return partial(import_module("pipelines.predicting").predict, task(name).config)


def embedder(name: str) -> Callable[[Job[Mapping[str, Any]]], None]:
    """`embed(job)` of the task, see `pipelines/embedding.py`. Imports torch."""
    return partial(import_module("pipelines.embedding").embed, task(name).config)


def maker(name: str) -> Callable[[Job[Mapping[str, Any]]], None]:
    """`make(job)` of a task whose model makes new samples: it leaves the table `job.out`. Imports torch."""
    found: Callable[[Job[Mapping[str, Any]]], None] = _module(name, "make").make
    return found


def adopter(name: str) -> Callable[[Path, Path], Mapping[str, Any]]:
    """`adopt(weights, checkpoint)` of the task: makes a checkpoint folder from a weights file trained elsewhere."""
    found = task(name)
    return partial(adopting.adopt, found.name, found.title, found.config.families)


def adopt(weights: Path, checkpoint: Path, name: str = "") -> str:
    """Make a checkpoint folder from a weights file, by the task of this name, else by the first that can read it.

    Returns the name of the task. Raises UnknownTask, CheckpointError with what every task said. Imports torch.
    """
    if name:
        adopter(name)(weights, checkpoint)
        return name
    if not weights.is_file():
        raise CheckpointError(f"expected a weights file, found nothing at {weights}; check the path")
    known = dict.fromkeys(end for one in TASKS for family in task(one).config.families for end in family.suffixes)
    if weights.suffix.lower() not in known:
        raise CheckpointError(f"{weights}: expected a weights file ({', '.join(known)}), found another ending")
    said = []
    for one in TASKS:
        try:
            adopter(one)(weights, checkpoint)
        except CheckpointError as error:
            said.append(str(error).removeprefix(f"{weights}: "))
        else:
            return one
    reasons = " | ".join(dict.fromkeys(said))
    raise CheckpointError(f"{weights}: expected a weights file of some task, found that none can read it: {reasons}")


def explains(name: str) -> bool:
    """Whether the task has an `explain.py`: its models tell what of an image speaks for a class. Imports no torch."""
    if name not in TASKS:
        raise UnknownTask(name, TASKS)
    return find_spec(f"pipelines.{name}.explain") is not None


def explainer(name: str) -> Callable[[Path, Path, str], Any] | None:
    """`explain(checkpoint, image, class_name)` of the task: what of an image speaks for a class, (h, w) in [0, 1].

    None when the task has no `explain.py`. Imports torch.
    """
    if not explains(name):
        return None
    found: Callable[[Path, Path, str], Any] = _module(name, "explain").explain
    return found


def _check(made: Task) -> None:
    """Raise ConfigError for a word that stands in no table, and for labels that no protocol of the task scores."""
    _known(made, "INPUT", made.input, get_args(Input))
    _known(made, "OUTPUT", made.output, get_args(Output))
    for name in made.protocols:
        _known(made, "PROTOCOLS", name, tuple(PROTOCOLS))
    for name in made.label_kinds:
        _known(made, "LABEL_KINDS", name, tuple(KINDS))
        if made.output == "labels" and not scoring(KINDS[name], made.protocols):
            raise ConfigError(
                f"{made.name}: expected a protocol in PROTOCOLS that scores {name}, found {made.protocols}; "
                f"choose one of {', '.join(one.name for one in scoring(KINDS[name])) or 'none: no protocol does'}"
            )


def _known(made: Task, what: str, found: str, known: tuple[str, ...]) -> None:
    if found not in known:
        raise ConfigError(f"{made.name}: expected {what} to be one of {', '.join(known)}; found {found!r}")


def _as_said(config: TaskConfig, side: int) -> str:  # noqa: ARG001
    return str(getattr(config, "model", ""))


def _module(name: str, part: str) -> Any:
    if name not in TASKS:
        raise UnknownTask(name, TASKS)
    return import_module(f"pipelines.{name}.{part}")


def _explain(name: str, config: type[TaskConfig], problems: Iterable[Mapping[str, Any]]) -> str:
    lines = []
    for problem in problems:
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"{name} has no option {key!r}; it has {', '.join(config.model_fields)}")
        elif problem["type"] == "value_error":  # it says itself what was found
            where = f"{name}, option {key!r}" if key else name
            lines.append(f"{where}: {problem['ctx']['error']}")
        else:
            lines.append(f"{name}, option {key!r}: {problem['msg']}, found {problem['input']!r}")
    return "; ".join(lines)
