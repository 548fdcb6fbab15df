"""Text from outside in Streamlit's markdown: names, paths and messages are shown literally, whatever they contain.

Almost all that Streamlit shows is markdown: texts, labels, help, options of some widgets. `plain` is the only way for a
value into it; `md` fills values into our own text. Both give `Markdown`, which is never escaped twice.
"""

import re
import unicodedata
from collections.abc import Iterable
from string import Formatter
from typing import Any

# An empty span separates what Streamlit would combine even if it is escaped, such as addresses, emoji and arrows.
APART = ":color[]"
BACKSLASH = "\\"
PIECES = re.compile(
    r"""
    (?P<inside>(?<=[^\W_])_+(?=[^\W_]))            # underscores inside a word mean nothing
  | (?P<list>^(?:[-+=](?=\s|[-+=]|$)|\d+(?=[.)](?:\s|$))))  # a list or a line, where the text begins
  | (?P<colon>:(?=\S|$))                           # :red[..], :material/..:, :smile:, https://
  | (?P<joined>[-<>~](?=[-=>])|@|www(?=\.))          # arrows, mail, addresses
  | (?P<sign>[\\`*_{}\[\]<>&#$~|!^])
    """,
    re.VERBOSE | re.IGNORECASE,
)
BIDIRECTIONAL = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")  # reorder the text after them


class Markdown(str):
    """Text that Streamlit may read as markdown: ours, with all values in it escaped."""

    __slots__ = ()


def plain(value: object) -> Markdown:
    """A value that is shown literally; line breaks and other white space become single spaces."""
    if isinstance(value, Markdown):
        return value
    text = " ".join(_visible(str(value)).split())
    return Markdown(PIECES.sub(_escaped, text))


def md(text: str, *values: object) -> Markdown:
    """Our own markdown with values in its braces, as in `str.format`; they are formatted, then escaped."""
    return Markdown(_Filling().vformat(text, values, {}))


def joined(parts: Iterable[object], between: str) -> Markdown:
    """Several values or texts, with a text of ours between them."""
    return Markdown(between.join(map(plain, parts)))


def link(words: object, address: str) -> Markdown:
    """A link to a web address; plain words if the address is not one."""
    if not re.fullmatch(r"https?://[\w.:-]+(/[\w./~%?=&+,@-]*)?", address, re.ASCII):
        return plain(words)
    return Markdown(f"[{plain(words)}](<{address}>)")


def document(text: str) -> Markdown:
    """A card of a run: its headings, lists, tables and `marked` words are rendered; all else is shown literally."""
    return Markdown("\n".join(map(_line, text.splitlines())))


def _line(line: str) -> str:
    if re.fullmatch(r"\|(-+\|)+", line):
        return line
    if line.startswith("| ") and line.endswith(" |"):
        return f"| {' | '.join(map(_marked, line[2:-2].split(' | ')))} |"
    found = re.match(r"#{1,4} |- ", line)
    mark = found[0] if found else ""
    return mark + _marked(line[len(mark) :])


def _marked(text: str) -> Markdown:
    parts = re.split(r"`([^`]+)`", text)
    return joined((md("**{}**", part) if place % 2 else _kept(part) for place, part in enumerate(parts)), "")


def _kept(text: str) -> Markdown:
    """A part of a line, with its leading and trailing spaces."""
    return md("{}".join(" " * one for one in (text.startswith(" "), text.endswith(" "))), text)


class _Filling(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return plain(value) if isinstance(value, Markdown) else plain(super().format_field(value, format_spec))


def _visible(text: str) -> str:
    text = text.translate(BIDIRECTIONAL)
    return "".join(" " if c.isspace() else "\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


def _escaped(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "inside":
            return text
        case "list" | "joined" | "colon":
            return f"{'' if text[0].isalnum() else BACKSLASH}{text}{APART}"
    return f"{BACKSLASH}{text}"
