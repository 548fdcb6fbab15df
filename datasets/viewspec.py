"""The view spec: which samples of a dataset, in which order. Plain, frozen JSON that travels in addresses and jobs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Value = bool | int | float | str
Op = Literal[
    "any_of", "none_of", "at_least", "at_most", "contains", "exists", "missing", "count_at_least", "count_at_most"
]


class Filter(BaseModel):
    """One condition on one field.

    `field` is `split`, `tags`, `filepath`, any sample field, or a label field with its attribute: `ground_truth.label`,
    `pred_r1.confidence`. Conditions on the same label field must hold for one and the same label. Fields of the frames
    of videos are named `frames.<field>`, `frames.ground_truth.label`: one and the same frame must satisfy all of these.
    `count_at_least` and `count_at_most` are about the number of labels in a whole label field; their values are a class
    ("" for any) and a number, for predictions also the confidence from which they count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    op: Op
    values: tuple[Value, ...] = ()


class ViewSpec(BaseModel):
    """A dataset, or the part of it that a person is looking at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    saved: str | None = Field(default=None, description="name of a saved view that the filters narrow further")
    filters: tuple[Filter, ...] = ()
    ids: tuple[str, ...] | None = Field(default=None, description="only these samples")
    sort: str | None = Field(
        default=None, description="a numeric or text field of the sample; None keeps the order of import"
    )
    descending: bool = False

    def narrowed(self, *filters: Filter) -> "ViewSpec":
        """The same view with further conditions."""
        return self.model_copy(update={"filters": (*self.filters, *filters)})

    def of_splits(self, *splits: str) -> "ViewSpec":
        """The same view, only these splits."""
        return self.narrowed(Filter(field="split", op="any_of", values=splits))
