"""Families of models: which models each one trains, which options act for them, where its code lies. Imports no torch.

A task lists its families in its config, `families = (Family(...), ...)`. The package of a family holds three modules:

- `train.train(job, family)` leaves a checkpoint folder, see `pipelines/training/start.py`
- `predict.predictor(asked)` gives a model and what becomes of its results, see `pipelines/predicting.py`
- `model.adopt(weights, checkpoint, task, family)` makes a checkpoint folder from a weights file trained elsewhere
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import CheckpointError, ConfigError


@dataclass(frozen=True)
class Family:
    """One row of the table of families: a family as one task uses it.

    `name` stands in checkpoints, `title` is for people. `models` is a regular expression that the whole name of each of
    its models matches. `inert` are options of the task without effect for these models; all others act. `predicting`
    are those that act when predicting. `absent` are choices of options that these models do not have. `lower` are
    options that need less memory when they are lowered. `suffixes` are those of weights files that it reads; with
    `pickled` its `.pt` hold whole models, those of other families tensors. `part` says which of the family's networks
    the task takes, where there are several.
    """

    name: str
    title: str
    package: str
    models: str
    predicting: frozenset[str]
    inert: frozenset[str] = frozenset()
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lower: tuple[str, ...] = ("batch", "image_size", "model")
    suffixes: tuple[str, ...] = (".safetensors",)
    pickled: bool = False
    part: str = ""

    def has(self, model: str) -> bool:
        """Whether a model of this name is one of the family."""
        return re.fullmatch(self.models, model) is not None


def of_model(families: Iterable[Family], model: str) -> Family | None:
    """The first family that has a model of this name; None when none has."""
    return next((family for family in families if family.has(model)), None)


def of_checkpoint(families: Sequence[Family], name: str) -> Family:
    """The family of this name. Raises CheckpointError."""
    for family in families:
        if family.name == name:
            return family
    known = ", ".join(family.name for family in families)
    raise CheckpointError(f"expected a checkpoint of a family that this task has, one of {known}; found {name!r}")


def acting(families: Sequence[Family], options: Iterable[str], model: str) -> tuple[str, ...]:
    """Those of the options that act for a model; all of them where no family has it."""
    family = of_model(families, model)
    return tuple(name for name in options if family is None or name not in family.inert)


def titles(families: Sequence[Family], option: str) -> tuple[str, ...]:
    """The families for whose models an option acts, by title; empty when it acts for all of them."""
    having = [family.title for family in families if option not in family.inert]
    return () if len(having) == len(families) else tuple(having)


def check(families: Sequence[Family], options: Sequence[str], model: str, given: Mapping[str, Any]) -> None:
    """Raises ConfigError for an option that was given and does not act for the model, or a choice that it lacks."""
    family, here = of_model(families, model), acting(families, options, model)
    if family is None:
        return
    for name in given:
        if name in family.inert:
            others = " and ".join(titles(families, name)) or "no model"
            raise ConfigError(
                f"option {name!r}: expected an option that acts for {model} ({family.title}), found one that acts for "
                f"{others}; leave it out: {model} has the options {', '.join(here)}"
            )
        if given[name] in family.absent.get(name, ()):
            raise ConfigError(
                f"option {name!r}: expected a choice that {model} ({family.title}) has, found {given[name]!r}; "
                "take another"
            )


def usable(
    families: Sequence[Family], defaults: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of stored options those that act, and those that were meant to and do not: of another version or model.

    `defaults` holds the default of every option. Earlier runs stored all options, so an inert one that has its default
    was not meant.
    """
    here = acting(families, defaults, str(stored.get("model", defaults.get("model", ""))))
    kept = {name: value for name, value in stored.items() if name in here}
    dropped = {name: value for name, value in stored.items() if name not in here and defaults.get(name) != value}
    return kept, dropped
