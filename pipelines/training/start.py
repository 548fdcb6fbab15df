"""Where every training begins: its options are read, the family that has the chosen model does the rest."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from pydantic import ValidationError

from pipelines import devices, families
from pipelines.config import TaskConfig
from pipelines.errors import ConfigError
from pipelines.job import Job
from pipelines.memory import guard
from pipelines.training.finished import finish, finished
from pipelines.training.options import TrainingConfig

C = TypeVar("C", bound=TaskConfig)
SINGLE = ("more than 1 value per channel", "a single value per channel")  # as torch and Ultralytics say it


def train(config: type[TrainingConfig], job: Job[Mapping[str, Any]]) -> None:
    """Train on the manifest of a job; its checkpoint folder holds the best model at the end, or so far when stopped.

    `config` is that of the task. Started again on the same run it goes on from the last whole epoch; a finished run is
    left as it is. Raises ConfigError, OutOfMemory, Stopped, and what the family raises.
    """
    if finished(job.run):
        return
    options = stored(config, job)
    family = families.of_model(config.families, options.model)
    if family is None:
        raise ConfigError(f"option 'model': expected a model that a family here trains, found {options.model!r}")
    job.run.work.mkdir(parents=True, exist_ok=True)
    with guard(*family.lower), _steps_of_several(options):
        ready = job.ready(options, devices.choose(options.device))
        import_module(f"{family.package}.train").train(ready, family)
    finish(job.run)


@contextmanager
def _steps_of_several(options: TrainingConfig) -> Iterator[None]:
    """Raises ConfigError where torch finds no spread to normalise by, in a step of one image that became one pixel."""
    try:
        yield
    except ValueError as error:
        if not any(sign in str(error) for sign in SINGLE):
            raise
        raise ConfigError(
            f"option 'batch': expected two images a step for {options.model} at this image_size, found a step of one "
            f"(batch {options.batch}); choose a batch that leaves no single image over, or an image_size of 64 or more"
        ) from error


def stored(config: type[C], job: Job[Mapping[str, Any]]) -> C:
    """The options of a run as it stored them; a note says which do not act here. Raises ConfigError.

    Runs of earlier versions hold options that their model never had.
    """
    kept, dropped = families.usable(config.families, config.defaults(), job.config)
    if dropped:
        named = ", ".join(f"{name}={value}" for name, value in dropped.items())
        job.events.write("note", text=f"options that do not act for this model are ignored: {named}")
    try:
        return config.model_validate(kept)
    except ValidationError as error:
        raise ConfigError(f"options of the run: {error}") from error
