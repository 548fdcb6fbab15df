"""Pickles are read as plain data: nothing in them is imported or called."""

import io
import pickle
from collections import OrderedDict
from pathlib import Path, PosixPath
from typing import Any

import numpy as np
import pytest

from pipelines.foreign import pickles
from pipelines.foreign.pickles import Record, Refused
from tests.pipelines.foreign.hostile import Runs, called, nested


def read(data: bytes) -> Any:
    return pickles.read(io.BytesIO(data), lambda _: None, {})


def test_plain_values_are_those_that_were_written() -> None:
    plain = {
        "words": ["a", "ü", b"\x00\xff"], "numbers": (1, -1, 2**40, 1.5, True, None), 3: {"set": {1, 2}},
        "ordered": OrderedDict(a=[[]], b=()),
    }  # fmt: skip
    assert read(pickle.dumps(plain, protocol=2)) == plain


def test_numbers_of_numpy_are_numbers() -> None:
    given = [np.float64(0.25), np.float32(0.5), np.int64(7), np.bool_(True)]
    assert read(pickle.dumps(given, protocol=2)) == [0.25, 0.5, 7, True]


def test_objects_of_classes_become_records_by_name() -> None:
    found = read(pickle.dumps({"where": PosixPath("/a/b")}, protocol=2))["where"]
    assert isinstance(found, Record)
    assert (found.kind, found.given) == ("PosixPath", ("/", "a", "b"))


@pytest.mark.parametrize(
    "name", ["os system", "builtins eval", "builtins exec", "builtins bytearray", "__builtin__ apply", "posix system",
             "torch load", "torch.hub load", "subprocess Popen", "importlib import_module", "functools partial",
             "operator attrgetter", "torch.serialization load", "runpy run_path", "numpy.lib.npyio load"],
)  # fmt: skip
def test_names_that_no_network_needs_are_refused_before_anything_is_called(name: str) -> None:
    with pytest.raises(Refused, match=f"asks for '{name.replace(' ', '.').replace('__builtin__', '.*')}'"):
        read(called(name, b"X\x04\x00\x00\x00true"))


def test_a_class_of_a_network_is_not_made_whatever_it_is_given(tmp_path: Path) -> None:
    found = read(called("ultralytics.nn.modules.block TorchVision", b"X\x08\x00\x00\x00resnet18"))
    assert found["w"].given == ("resnet18",)


def test_code_of_a_pickle_is_not_run(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="mkdir"):
        read(pickle.dumps({"a": Runs(tmp_path / "ran")}, protocol=2))
    assert not (tmp_path / "ran").exists()


def test_deep_nesting_costs_nothing() -> None:
    with pytest.raises(Refused, match="neither word nor number"):
        read(nested(300_000))
    assert read(b"\x80\x02N" + b"\x85" * 300_000 + b".")


def test_values_that_are_copied_again_and_again_are_refused() -> None:
    call = b"c_codecs\nencode\nh\x00\x85R"  # takes the text from the memo and hands it on
    with pytest.raises(Refused, match="again and again"):
        read(b"\x80\x02X\x40\x42\x0f\x00" + b"a" * 1_000_000 + b"q\x00" + call * 100 + b".")


@pytest.mark.parametrize("broken", [b"", b"\x80\x02", b"\x80\x02]", b"\x80\x02h\x01.", b"\x80\x02s.", b"\x80\x02R."])
def test_broken_pickles_are_errors(broken: bytes) -> None:
    with pytest.raises((Refused, ValueError, KeyError, IndexError, EOFError)):
        read(broken)


def test_steps_that_torch_does_not_write_are_refused() -> None:
    with pytest.raises(Refused, match="its step FRAME is none"):
        read(pickle.dumps({"a": 1}, protocol=4))
