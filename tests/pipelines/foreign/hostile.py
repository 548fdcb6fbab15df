"""Files of weights that attack whoever opens them: made while tests run, and they leave a mark when they succeed."""

import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch


class Runs:
    """An object that makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def evaluated(mark: Path) -> str:
    """Text that makes a file when Python evaluates it, and is an activation besides."""
    return f"__import__('os').mkdir({str(mark)!r}) or torch.nn.SiLU()"


def yolo(path: Path, *, kind: str = "DetectionModel", layout: str = "yolov8n.yaml", **changes: Any) -> Path:
    """A genuine untrained model of Ultralytics, with some parts of its `model.yaml` changed afterwards."""
    from pipelines.yolo.model import quiet

    quiet()
    from ultralytics.nn import tasks

    model = getattr(tasks, kind)(layout, nc=2, verbose=False)
    model.names = {0: "red", 1: "green"}
    model.yaml.update(changes)
    torch.save({"model": model, "train_args": {"imgsz": 64, "model": layout}}, path)
    return path


def archive(path: Path, table: bytes, parts: Mapping[str, bytes] | None = None, how: int = zipfile.ZIP_STORED) -> Path:
    """A zip archive as `torch.save` writes it, with a table of contents and bytes of tensors of one's own."""
    with zipfile.ZipFile(path, "w", how) as made:
        made.writestr("archive/data.pkl", table)
        made.writestr("archive/byteorder", "little")
        for key, data in (parts or {}).items():
            made.writestr(f"archive/data/{key}", data)
        made.writestr("archive/version", "3\n")
    return path


def tensor(numbers: int, size: tuple[int, ...], stride: tuple[int, ...], name: str = "weight") -> bytes:
    """A table with one tensor: `numbers` are announced for its bytes, which lie under the key 0."""

    class Stored:
        def __reduce__(self) -> Any:
            return torch._utils._rebuild_tensor_v2, (Place(), 0, size, stride, False, {})

    class Place:
        pass

    class Pickler(pickle.Pickler):
        def persistent_id(self, found: Any) -> Any:
            return ("storage", torch.FloatStorage, "0", "cpu", numbers) if isinstance(found, Place) else None

    stream = io.BytesIO()
    Pickler(stream, protocol=2).dump({name: Stored()})
    return stream.getvalue()


def nested(depth: int, step: bytes = b"\x85") -> bytes:
    """A value inside as many tuples (or, by another step, lists); as the key of a dictionary it is hashed deeply."""
    return b"\x80\x02}N" + step * depth + b"Ns."


def called(name: str, arguments: bytes) -> bytes:
    """A table that calls a function of a module, `module name`, with arguments that are pickled already."""
    module, _, function = name.partition(" ")
    return b"\x80\x02}X\x01\x00\x00\x00w" + f"c{module}\n{function}\n".encode() + arguments + b"\x85Rs."


def safetensors(path: Path, header: Mapping[str, Any] | bytes, data: bytes = b"", length: int | None = None) -> Path:
    """A file of safetensors whose header says what one wants it to say."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)
    return path


def _saved(path: Path, content: Any) -> Path:
    torch.save(content, path)
    return path


def _beside(path: Path, mark: Path) -> Path:
    from pipelines.yolo.model import quiet

    quiet()
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel("yolov8n.yaml", nc=2, verbose=False)
    return _saved(path, {"model": model, "train_args": {"imgsz": 64, "data": Runs(mark)}})


ATTACKS: Mapping[str, Callable[[Path, Path], Path]] = {
    "code in place of a model": lambda path, mark: _saved(path, {"model": Runs(mark)}),
    "code beside a model": _beside,
    "code as an activation": lambda path, mark: yolo(path, activation=evaluated(mark)),
    "a layer that opens an address": lambda path, _: yolo(
        path, backbone=[[-1, 1, "TorchVision", [512, "resnet18", "DEFAULT", True, 2]]]
    ),
    "a layer that is no layer": lambda path, _: yolo(path, backbone=[[-1, 1, "LOGGER", []]]),
    "a word that names what is inside": lambda path, _: yolo(path, backbone=[[-1, 1, "Conv", ["layers"]]]),
    "more classes than memory": lambda path, _: yolo(path, nc=10**12),
    "more layers than time": lambda path, _: yolo(path, backbone=[[-1, 10**9, "Conv", [64, 3, 2]]]),
    "an image that grows": lambda path, _: yolo(path, backbone=[[-1, 1, "nn.Upsample", ["None", 6000, "nearest"]]] * 4),
}
