"""What formats that are only read answer when they are asked to write."""

from typing import NoReturn

from datasets.errors import FormatError


def refuse(title: str) -> NoReturn:
    """Raise FormatError that says so."""
    raise FormatError(f"{title} is only read; export in another format")
