"""Masks inside documents: what FiftyOne packs comes back, what unpacks to more than any image has is refused."""

import io
import tracemalloc
import zlib

import numpy as np
import pytest

from datasets.errors import EvaluationError
from datasets.images import masks


@pytest.mark.parametrize("kind", [bool, np.uint8, np.uint16, np.int64])
def test_a_packed_mask_comes_back(kind: type) -> None:
    mask = (np.arange(12).reshape(3, 4) % 3).astype(kind)
    assert np.array_equal(masks.unpack(masks.pack(mask)), mask)


def test_a_small_document_does_not_become_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEAL_MEGAPIXELS", "1")
    bomb = zlib.compress(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(EvaluationError, match="at most 2,000,000 bytes"):
        masks.unpack(bomb)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def lying() -> bytes:
    with io.BytesIO() as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": (1 << 40,)})
        return zlib.compress(stream.getvalue())


@pytest.mark.parametrize("packed", [b"", b"no zlib", zlib.compress(b"no array"), zlib.compress(b"")[:-1], lying()])
def test_what_is_no_mask_is_said(packed: bytes) -> None:
    with pytest.raises(EvaluationError, match="remove the label"):
        masks.unpack(packed)
