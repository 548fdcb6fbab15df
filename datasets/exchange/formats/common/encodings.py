"""The bytes of a text file as text: by a byte order mark, as UTF-8, as an xml declares, or as Windows writes it.

UTF-8 comes first, also where an xml declares otherwise: text of another encoding is hardly ever valid UTF-8. What is
none of these is read as text of East Asia where it looks like that, else as Windows-1252, the code page of Western
Europe, and whoever reads the file tells so.
"""

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# What writers mean by a name is often the larger set that holds it (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
_READ = re.compile(
    r"utf-?8|utf-16(-[lb]e)?|gb18030|big5(hkscs)?|cp(874|932|949|950|125\d|437|850|852|866)|euc_jp|iso2022_jp"
    r"|iso8859-\d+|koi8-[ru]|mac-roman"
)
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x7f]")
_OTHER = re.compile(r"[^\s,;:\[\]{}\"'<>]*[^\x00-\x7f][^\s,;:\[\]{}\"'<>]*")
_HIGH = re.compile(rb"[\x80-\xff]+")
_PAIRS = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
_EASTERN = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff60]+")
_SURELY = 24  # bytes that are Korean letters, and not by chance
LOCAL = "cp1252"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and the Python name of its encoding; `sure` unless the encoding was neither marked, declared nor UTF-8."""

    text: str
    encoding: str
    sure: bool = True

    @property
    def example(self) -> str:
        """The first word with a letter that is not ASCII, and its line, in words."""
        found = _OTHER.search(self.text)
        if found is None:
            return "letters of it"
        return f"{found.group()[:40]!r} in line {self.text.count(chr(10), 0, found.start()) + 1}"


def decode(data: bytes) -> Decoded:
    """The text in `data`. Raises ValueError, in words, when it is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(_plain(_decoded(data[len(mark) :], encoding)), encoding)
    declared = declaration(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not declared:
            return _wide(data) if b"\0" in data else _local(data, error)
    else:
        if "\0" in text:
            return _wide(data)
        if not declared.startswith("iso2022"):  # the only one of those read whose bytes are all ASCII
            return Decoded(text, "utf-8")
    return Decoded(_plain(_decoded(data, declared)), declared)


def declaration(data: bytes) -> str:
    """The encoding that an xml declares, empty for none or UTF-8. Raises ValueError for one that is not read."""
    found = _DECLARED.match(data[:400]) if b"<?xml" in data[:64] else None
    if found is None:
        return ""
    said = found[1].decode("ascii")
    try:
        name = codecs.lookup(said).name
    except LookupError:
        name = ""
    meant = _MEANT.get(name, name)
    if not _READ.fullmatch(meant):
        raise ValueError(f"the encoding {said!r}, which is not read")
    return "" if meant == "utf-8" else meant


def _local(data: bytes, error: UnicodeDecodeError) -> Decoded:
    eastern = _eastern(data)
    if eastern:
        return Decoded(_plain(_decoded(data, eastern)), eastern, sure=False)
    try:
        text = data.decode(LOCAL)
    except UnicodeDecodeError:
        raise ValueError(f"bytes of another encoding ({error.reason} at byte {error.start:,})") from error
    if _CONTROL.search(text):
        raise ValueError("bytes that are no text")
    return Decoded(text, LOCAL, sure=False)


def _eastern(data: bytes) -> str | None:
    """The encoding of Chinese, Korean or Japanese that bytes look like; None for none.

    Letters above ASCII stand alone in words of Western Europe, and in words of two bytes a letter in these. Those of
    Cyrillic and Greek are hardly ever below 0xC0, as every third byte of GB 2312 is.
    """
    found = _HIGH.findall(data)
    high = b"".join(found)
    if len(high) >= 4 and all(_PAIRS.fullmatch(one) for one in found) and sum(b < 0xC0 for b in high) * 10 >= len(high):
        korean = len(high) >= _SURELY and all(0xB0 <= lead <= 0xC8 for lead in high[::2])
        return "cp949" if korean else "gb18030"
    try:
        words = _EASTERN.findall(text := data.decode("cp932"))
    except UnicodeDecodeError:
        return None
    letters = sum(map(len, words))
    return "cp932" if 2 * letters >= 3 * len(words) > 0 and letters == sum(one > "\x7f" for one in text) else None


def _wide(data: bytes) -> Decoded:
    """UTF-16 without a mark: of plain text every other byte is 0."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 == 0 and max(even, odd) * 10 >= len(data) * 4 and min(even, odd) * 20 <= max(even, odd):
        encoding = "utf-16-be" if even > odd else "utf-16-le"
        return Decoded(_plain(_decoded(data, encoding)), encoding, sure=False)
    raise ValueError("a NUL byte")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"bytes that are not {encoding.upper()} ({error.reason} at byte {error.start:,})") from error


def _plain(text: str) -> str:
    if "\0" in text:
        raise ValueError("a NUL byte")
    return text
