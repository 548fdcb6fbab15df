"""Numbers as people type them."""

from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from app.cli.numbers import overlap, port, share


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (share, ("0", "1", "0.25", "1e-3"), ("-0.1", "1.1", "nan", "inf", "", "half", "0,5")),
        (overlap, ("1", "0.5"), ("0", "-1", "1.01", "nan", "x")),
        (port, ("1", "8501", "65535"), ("0", "65536", "-1", "80.5", "", "http")),
    ],
)
def test_a_number_is_taken_inside_its_range_alone(
    read: Callable[[str], float], good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    assert [read(text) for text in good] == [float(text) for text in good]
    for text in bad:
        with pytest.raises(ArgumentTypeError, match="expected a"):
            read(text)
