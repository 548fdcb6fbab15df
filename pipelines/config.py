"""What the config of every task has in common. Imports no torch: forms, command line and docs are made from it."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def option(default: Any, text: str, *, unit: str = "", advanced: bool = True, **bounds: Any) -> Any:
    """A config field: its default, what it does, its unit and bounds (`ge`, `le`, `gt`, `lt`).

    Options that are not `advanced` are shown first on the form; the others are folded.
    """
    return Field(default, description=text, json_schema_extra={"unit": unit, "advanced": advanced}, **bounds)


@dataclass(frozen=True)
class Offer:
    """Pretrained weights of a model: who offers them (`url`; empty for nobody), and how they are found here.

    `file` is the name under which a download is stored; `names` are further patterns, as of a shell, of file names
    that count as this model's weights. `sha256` is the whole checksum of the file, or how it begins.
    """

    model: str
    file: str
    url: str
    names: tuple[str, ...] = ()
    sha256: str = ""


class TaskConfig(BaseModel):
    """Base of the one config of a task. Unknown options are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = option(51, "seed of everything random in the run", ge=0)
    device: str = option("auto", "auto, cpu, cuda or cuda:N; auto takes a free GPU when there is one")
