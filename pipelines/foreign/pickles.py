"""Pickles as plain data. No name in them is imported, nothing in them is called: a class becomes a `Record`.

A pickle is a program for a small stack machine, and Python's own machine calls whatever the program names. This one
knows the few names that build tensors and plain values; of the rest it keeps those of networks by name alone, and
refuses all others. It uses no recursion, so deep nesting costs nothing.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from pickletools import OpcodeInfo, genops
from typing import Any, BinaryIO

from pipelines.errors import CheckpointError

MOST = 5_000_000  # steps of one program; Ultralytics' largest files need some hundred thousand
HANDED = 50_000_000  # items and characters that are handed to calls; each may be a copy
KEYS = (str, int, float, bool, type(None))
# Objects of these packages are kept as records: what files of networks hold beside tensors.
PACKAGES = (
    "ultralytics.", "torch.nn.modules.", "torch.nn.parameter.", "torchvision.transforms.", "pathlib", "numpy.dtype",
    "torch.torch_version.", "torch.device",
)  # fmt: skip
NUMBERS = {"f8": "d", "f4": "f", "i8": "q", "i4": "i", "i2": "h", "i1": "b", "u1": "B", "b1": "?"}


class Record:
    """An object of a class that was not imported: the class's name, what it was made from, and its state."""

    def __init__(self, name: str, given: Sequence[Any] = ()) -> None:
        self.name, self.given = name, tuple(given)
        self.state: Mapping[str, Any] = {}

    @property
    def kind(self) -> str:
        """The name of the class, without its module."""
        return self.name.rpartition(".")[2]


class _Name:
    def __init__(self, name: str) -> None:
        self.name = name


class _Mark:
    pass


class Refused(CheckpointError):
    """A pickle asks for something that no weights file needs."""


Calls = Mapping[str, Callable[..., Any]]


def read(file: BinaryIO, storage: Callable[[Any], Any], calls: Calls) -> Any:
    """The value of the pickle at the place where a file stands, which then stands behind it.

    `storage(id)` gives what stands for the bytes of a tensor; `calls` are functions by the name in the pickle.
    Raises Refused for names and steps that no weights file needs, and what a broken pickle raises.
    """
    machine = _Machine(storage, calls)
    for steps, (step, given, _) in enumerate(genops(file)):
        if steps > MOST:
            raise Refused(f"it is built in more than {MOST:,} steps")
        machine.do(step, given)
    return machine.stack.pop()


class _Machine:
    """The stack, the memo, and a method for every step that `torch.save` writes (protocol 2)."""

    def __init__(self, storage: Callable[[Any], Any], calls: Calls) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.storage, self.calls = storage, {**CALLS, **calls}
        self.handed = 0

    def do(self, step: OpcodeInfo, given: Any) -> None:
        """One step."""
        name, stack = step.name, self.stack
        if name in PUSHED:
            stack.append(given)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name]())
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memo[given] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memo[given])
        elif name in TUPLES:
            count = TUPLES[name]
            stack[-count:] = [tuple(stack[-count:])]
        elif name in ("PROTO", "STOP"):
            pass
        elif (method := getattr(self, f"_{name.lower()}", None)) is None:
            raise Refused(f"its step {name} is none that `torch.save` writes")
        else:
            method(given) if name == "GLOBAL" else method()

    def _global(self, given: str) -> None:
        name = OLD.get(found := given.replace(" ", "."), found)
        if name not in self.calls and not name.startswith(PACKAGES):
            raise Refused(f"it asks for {name[:100]!r}, which no network needs; the file may run code of others")
        self.stack.append(_Name(name))

    def _reduce(self) -> None:
        given, asked = self.stack.pop(), self.stack.pop()
        if not isinstance(asked, _Name) or not isinstance(given, tuple):
            raise Refused("it calls something that is no name")
        self.handed += sum(len(one) for one in given if isinstance(one, str | bytes | list | tuple | dict))
        if self.handed > HANDED:
            raise Refused(f"it copies more than {HANDED:,} things again and again")
        call = self.calls.get(asked.name)
        self.stack.append(call(*given) if call else Record(asked.name, given))

    _newobj = _reduce

    def _build(self) -> None:
        state = self.stack.pop()
        if isinstance(target := self.stack[-1], Record):
            target.state = state if isinstance(state, Mapping) else {}
        elif not isinstance(target, dict):  # of a dict it is what torch remembers about versions of layers
            raise Refused("it gives a state to something that has none")

    def _binpersid(self) -> None:
        self.stack.append(self.storage(self.stack.pop()))

    def _tuple(self) -> None:
        self.stack.append(tuple(self._since_mark()))

    def _append(self) -> None:
        item = self.stack.pop()
        self._top(list).append(item)

    def _appends(self) -> None:
        items = self._since_mark()
        self._top(list).extend(items)

    def _setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set([key, value])

    def _setitems(self) -> None:
        self._set(self._since_mark())

    def _set(self, items: list[Any]) -> None:
        target = self._top(dict)
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, KEYS):
                raise Refused(f"a key in it is neither word nor number but {type(key).__name__}")
            target[key] = value

    def _top(self, kind: type) -> Any:
        if type(self.stack[-1]) is not kind:
            raise Refused(f"it fills a {type(self.stack[-1]).__name__} as if it were a {kind.__name__}")
        return self.stack[-1]

    def _since_mark(self) -> list[Any]:
        place = len(self.stack) - 1
        while not isinstance(self.stack[place], _Mark):
            place -= 1
            if place < 0:
                raise Refused("a list in it has no beginning")
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items


def _ordered(items: Sequence[Any] = ()) -> dict[Any, Any]:
    if not all(isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], KEYS) for item in items):
        raise Refused("a dictionary in it has other keys than words")
    return dict(items)


def _set_of(items: Sequence[Any] = ()) -> set[Any]:
    if not all(isinstance(item, KEYS) for item in items):
        raise Refused("a set in it has other than words and numbers")
    return set(items)


def _number(dtype: Any, data: Any) -> Any:
    """A scalar of numpy, by the letters of its type."""
    letters = str(dtype.given[0]) if isinstance(dtype, Record) and dtype.given else ""
    form = NUMBERS.get(letters.lstrip("<=|"))
    data = data.encode("latin1") if isinstance(data, str) else data
    if form is None or not isinstance(data, bytes) or len(data) != struct.calcsize(form):
        raise Refused("a number in it has an unknown type")
    return struct.unpack(f"<{form}", data)[0]


def _encoded(text: Any, _encoding: Any = "latin1") -> bytes:
    return str(text).encode("latin1")


def _attribute(of: Any, name: Any) -> Record:
    """Old files name a function of a layer so; what it is does not matter, as nothing is called."""
    return Record(f"{of.name if isinstance(of, Record | _Name) else '?'}.{name}")


PUSHED = {"BINUNICODE", "SHORT_BINSTRING", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"}
CONSTANTS: Mapping[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False, "EMPTY_TUPLE": tuple, "EMPTY_LIST": list,
    "EMPTY_DICT": dict, "EMPTY_SET": set, "MARK": _Mark,
}  # fmt: skip
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
OLD = {"__builtin__.set": "builtins.set", "__builtin__.getattr": "builtins.getattr"}
CALLS: Calls = {
    "collections.OrderedDict": _ordered, "builtins.set": _set_of, "builtins.getattr": _attribute,
    "_codecs.encode": _encoded, "numpy.core.multiarray.scalar": _number, "numpy._core.multiarray.scalar": _number,
    "torch.Size": tuple,
}  # fmt: skip
