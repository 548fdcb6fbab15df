"""Text from outside in our own HTML: the only way for a value into it, as text or inside a quoted attribute."""

from collections.abc import Iterable
from html import escape
from string import Formatter
from typing import Any


class Markup(str):
    """HTML of ours, with all values in it escaped."""

    __slots__ = ()


def markup(text: str, *values: object) -> Markup:
    """Our own HTML with values in its braces, as in `str.format`; they are formatted, then escaped."""
    return Markup(_Filling().vformat(text, values, {}))


def together(parts: Iterable[Markup], between: str = "") -> Markup:
    """Parts of a page, one after the other."""
    return Markup(escape(between).join(parts))


class _Filling(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Markup):
            return value
        return escape(str(super().format_field(value, format_spec)).replace("\x00", "\ufffd"))
