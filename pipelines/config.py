"""What the config of every task has in common. Imports no torch: forms, command line and docs are made from it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def option(default: Any, text: str, *, unit: str = "", advanced: bool = True, **bounds: Any) -> Any:
    """A config field: its default, what it does, its unit and bounds (`ge`, `le`, `gt`, `lt`).

    Options that are not `advanced` are shown first on the form; the others are folded.
    """
    return Field(default, description=text, json_schema_extra={"unit": unit, "advanced": advanced}, **bounds)


class TaskConfig(BaseModel):
    """Base of the one config of a task. Unknown options are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = option(51, "seed of everything random in the run", ge=0)
    device: str = option("auto", "auto, cpu, cuda or cuda:N; auto takes a free GPU when there is one")
