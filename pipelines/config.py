"""What the config of every task has in common. Imports no torch: forms, command line and docs are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from pipelines import families
from pipelines.families import Family


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

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    families: ClassVar[tuple[Family, ...]] = ()  # whose models the task trains

    seed: int = option(51, "seed of all random numbers of the run", ge=0)
    device: str = option("auto", "auto, cpu, cuda or cuda:N; auto takes a free GPU when there is one")

    @classmethod
    def acting(cls, model: str) -> tuple[str, ...]:
        """The options that act for a model, in the order of the config."""
        return families.acting(cls.families, cls.model_fields, model)

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """The default of every option, as JSON has it."""
        return cls.model_construct().model_dump(mode="json")

    @classmethod
    def merged(cls, preset: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a preset with some changed; those of the preset that the chosen model lacks are left out.

        Raises ConfigError for a change that does not act for the model.
        """
        known = tuple(cls.model_fields)
        default = cls.model_fields["model"].default if "model" in known else ""
        model = str(changes.get("model", preset.get("model", default)))
        families.check(cls.families, known, model, changes)
        here = cls.acting(model)
        return {**{name: value for name, value in preset.items() if name in here}, **changes}
