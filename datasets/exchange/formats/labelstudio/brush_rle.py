"""Label Studio's runs of brush masks: bits of an RGBA picture, row by row, whose alpha says what is inside.

32 bits: how many values follow; 5: bits of a value, less one; four times 4: bits of the lengths of runs, less one.
Then runs: one bit (1: a value that repeats, 0: values one by one), two bits (which of the four lengths), the length
less one, value or values. As `rle-pack` of thi.ng/umbrella and `label_studio_converter/brush.py` have it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
_WORD, _SIZES = 8, (3, 4, 8, 16)


def decoded(rle: Sequence[int], size: tuple[int, int]) -> Mask:
    """The mask (h, w) of an image of `size` (width, height), 1 inside. Raises ValueError for runs that do not fit."""
    width, height = size
    wanted = width * height * 4
    try:
        bits = _Bits(bytes(rle))
        count, word = bits.read(32), bits.read(5) + 1
        sizes = [bits.read(4) + 1 for _ in range(4)]
        if count != wanted:
            raise ValueError(f"runs of {count:,} values, where {width} x {height} pixels of four were expected")
        made, at = np.zeros(count, np.uint8), 0
        while at < count:
            same, length = bits.read(1), bits.read(sizes[bits.read(2)]) + 1
            values: Any = bits.read(word) if same else [bits.read(word) for _ in range(length)]
            made[at : at + length] = values if same else values[: count - at]
            at += length
    except (TypeError, IndexError, OverflowError) as wrong:
        raise ValueError("runs that are no bytes, or end early") from wrong
    return np.asarray(made.reshape(height, width, 4)[:, :, 3] != 0, np.uint8)


def encoded(mask: NDArray[Any]) -> list[int]:
    """The runs of a mask (h, w); nonzero pixels are inside."""
    flat = mask.reshape(-1) != 0
    starts = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1])
    lengths = np.diff(np.concatenate([starts, [flat.size]])) * 4
    parts = [f"{flat.size * 4:032b}{_WORD - 1:05b}", *(f"{size - 1:04b}" for size in _SIZES)]
    for length, inside in zip(lengths.tolist(), flat[starts].tolist(), strict=True):
        value = f"{255 * inside:08b}"
        parts += [f"1{which:02b}{part - 1:0{_SIZES[which]}b}{value}" for which, part in _pieces(length)]
    text = "".join(parts)
    text += "0" * (8 - len(text) % 8)
    return list(int(text, 2).to_bytes(len(text) // 8, "big"))


def _pieces(length: int) -> Iterator[tuple[int, int]]:
    """A run as runs that fit: which length of the four, and how many."""
    while length > 0:
        part = min(length, 1 << _SIZES[-1])
        yield next(number for number, size in enumerate(_SIZES) if part <= 1 << size), part
        length -= part


class _Bits:
    """Bits that are read one after another."""

    def __init__(self, data: bytes) -> None:
        self.text, self.at = f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}" if data else "", 0

    def read(self, count: int) -> int:
        """The next bits as a number."""
        found, self.at = self.text[self.at : self.at + count], self.at + count
        if self.at > len(self.text):
            raise IndexError("no more bits")
        return int(found, 2)
