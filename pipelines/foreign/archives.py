"""What `torch.save` writes, as plain data and tensors: zip archives, and the stream that came before them.

Each tensor must lie in the bytes that the file really has: no size in it is believed.
"""

import io
import math
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch

from pipelines.errors import CheckpointError
from pipelines.foreign import pickles
from pipelines.foreign.pickles import Refused

MAGIC = 0x1950A86A20F9469CFC6C  # of torch's files before zip archives
PICKLE = 128 << 20  # bytes of the part that says what is in a file; Ultralytics' largest have less than one million
STORAGES: Mapping[str, torch.dtype] = {
    "Double": torch.float64, "Float": torch.float32, "Half": torch.float16, "BFloat16": torch.bfloat16,
    "Long": torch.int64, "Int": torch.int32, "Short": torch.int16, "Char": torch.int8, "Byte": torch.uint8,
    "Bool": torch.bool,
}  # fmt: skip
DTYPES = {str(dtype) for dtype in STORAGES.values()}
BROKEN = (
    OSError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, struct.error,
    OverflowError, RecursionError, MemoryError, zipfile.BadZipFile, NotImplementedError,
)  # fmt: skip


def read(path: Path, expected: str = "a file of weights") -> Any:
    """What a file of `torch.save` holds. Raises CheckpointError when it holds, or asks for, anything else."""
    try:
        with path.open("rb") as file:
            return _zipped(file) if zipfile.is_zipfile(file) else _streamed(file)
    except Refused as error:
        raise CheckpointError(f"{path}: expected {expected}, found that {error}") from error
    except BROKEN as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{path}: expected {expected}, found one that is broken: {reason[:200]}") from error


def _zipped(file: BinaryIO) -> Any:
    with zipfile.ZipFile(file) as archive:
        root = _root(archive)

        def make(dtype: torch.dtype, key: str, count: int) -> torch.Tensor:
            data = bytearray(archive.read(f"{root}/data/{key}"))
            if len(data) != count * dtype.itemsize:
                raise Refused(f"{count:,} numbers are announced, and {len(data):,} bytes are there")
            return torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)

        return pickles.read(io.BytesIO(archive.read(f"{root}/data.pkl")), _Parts(make).get, CALLS)


def _root(archive: zipfile.ZipFile) -> str:
    """The folder inside an archive that is one of `torch.save`. Raises Refused."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    size = archive.fp.seek(0, 2) if archive.fp else 0
    if len(entries) != len(archive.infolist()):
        raise Refused("two parts of it have one name")
    tables = [name for name in entries if name.endswith("/data.pkl") and name.count("/") == 1]
    root = tables[0].partition("/")[0] if len(tables) == 1 else ""
    if not root:
        raise Refused("it is no archive of `torch.save`")
    if f"{root}/constants.pkl" in entries:
        raise Refused("it is a program of TorchScript; save the model's state instead")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
        raise Refused("it is compressed, which `torch.save` does not do: what it unpacks to may be of any size")
    if sum(entry.file_size for entry in entries.values()) > size:
        raise Refused("its parts are larger than the whole file")
    if f"{root}/byteorder" in entries and archive.read(f"{root}/byteorder") != b"little":
        raise Refused("its numbers have another byte order")
    if entries[tables[0]].file_size > PICKLE:
        raise Refused(f"its table of contents has more than {PICKLE:,} bytes")
    return root


def _streamed(file: BinaryIO) -> Any:
    left = file.seek(0, 2)
    file.seek(0)
    if pickles.read(file, _storage, {}) != MAGIC:
        raise Refused("it is no file of `torch.save`")
    pickles.read(file, _storage, {})
    if not pickles.read(file, _storage, {}).get("little_endian"):
        raise Refused("its numbers have another byte order")

    def make(dtype: torch.dtype, _key: str, count: int) -> torch.Tensor:
        nonlocal left
        left -= count * dtype.itemsize
        if left < 0:
            raise Refused(f"{count:,} numbers are announced, more than the whole file has")
        return torch.empty(count, dtype=dtype)

    parts = _Parts(make)
    found = pickles.read(file, parts.get, CALLS)
    for key in pickles.read(file, _storage, {}):
        part = parts.made[key]
        (count,) = struct.unpack("<q", file.read(8))
        data = file.read(part.nbytes)
        if count != len(part) or len(data) != part.nbytes:
            raise Refused("the bytes of a tensor are missing")
        if count:
            part.copy_(torch.frombuffer(bytearray(data), dtype=part.dtype))
    return found


class _Parts:
    """The bytes of tensors by key; `make(dtype, key, count)` reads those that are asked for first."""

    def __init__(self, make: Callable[[torch.dtype, str, int], torch.Tensor]) -> None:
        self.make = make
        self.made: dict[str, torch.Tensor] = {}

    def get(self, given: Any) -> torch.Tensor:
        """What a persistent id stands for, a flat tensor."""
        dtype, key, count = _storage(given)
        if key not in self.made:
            self.made[key] = self.make(dtype, key, count)
        if self.made[key].dtype != dtype or len(self.made[key]) != count:
            raise Refused("two tensors share their bytes and differ in type")
        return self.made[key]


def _storage(given: Any) -> tuple[torch.dtype, str, int]:
    """Type, key and count of numbers in a persistent id of torch: ("storage", type, key, device, count)."""
    word, kind, key, _device, count, *view = given
    name = getattr(kind, "name", "").removeprefix("torch.").removesuffix("Storage")
    if word != "storage" or name not in STORAGES or any(part is not None for part in view):
        raise Refused("numbers in it have an unknown type")
    if type(count) is not int or count < 0 or not isinstance(key, str) or "/" in key:
        raise Refused("numbers in it have no place")
    return STORAGES[name], key, count


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> torch.Tensor:
    """A tensor within its bytes: one that repeats them, so that it needs more when it is copied, is refused."""
    numbers = (offset, *size, *stride)
    if not isinstance(storage, torch.Tensor) or any(type(number) is not int or number < 0 for number in numbers):
        raise Refused("a tensor in it has no shape")
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if 0 not in size and (last >= len(storage) or math.prod(size) > len(storage)):
        raise Refused(f"a tensor of {math.prod(size):,} numbers is announced, and {len(storage):,} are there")
    return torch.as_strided(storage, size, stride, offset)


def _parameter(data: Any, *_: Any) -> Any:
    return data


CALLS: pickles.Calls = {
    "torch._utils._rebuild_tensor_v2": _tensor, "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    **{f"torch.{name}Storage": _parameter for name in STORAGES},
    **dict.fromkeys(DTYPES, _parameter),
}  # fmt: skip
