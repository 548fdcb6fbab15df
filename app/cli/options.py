"""The options of a task as a list: default, what each does, and to which models it applies."""

from collections.abc import Mapping
from typing import Any

from app.cli.output import Console, table
from pipelines import families
from pipelines.registry import Task


def tell(task: Task, preset: str, changes: Mapping[str, Any], console: Console) -> None:
    """List the options of a preset with some changed; of one model alone when the changes name it.

    Raises UnknownPreset, ConfigError.
    """
    config = task.resolve(preset, changes)
    values, fields = config.model_dump(mode="json"), task.config.model_fields
    here = task.config.acting(values["model"]) if "model" in changes else tuple(fields)
    found = [
        {"option": name, "value": values[name], "acts_for": acts_for(task, name), "help": fields[name].description}
        for name in here
    ]
    rows = [[one["option"], _short(one["value"]), one["acts_for"], str(one["help"])] for one in found]
    console.result({"task": task.name, "options": found}, table(rows, ["option", "value", "acts for", "what it does"]))


def acts_for(task: Task, option: str) -> str:
    """The families of models that an option applies to, in words."""
    return ", ".join(families.titles(task.config.families, option)) or "all models"


def _short(value: object) -> str:
    return "" if value is None else f"{len(value)} steps" if isinstance(value, list) else str(value)
