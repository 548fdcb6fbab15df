"""One page of a gallery: what is shown at once, and how much there is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True)
class Page(Generic[Row_co]):
    """Some rows out of `total`."""

    total: int
    rows: tuple[Row_co, ...]
