"""The table of embeddings."""

from pathlib import Path

import numpy as np
import pytest

from datasets.handover import embeddings


def test_vectors_come_back_and_unreadable_images_are_left_out(tmp_path: Path) -> None:
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    embeddings.write(tmp_path / "e.parquet", ["a", "b", "c", "d"], [vectors[0], None, vectors[1], vectors[2]])
    found = embeddings.read(tmp_path / "e.parquet")
    assert list(found) == ["a", "c", "d"]
    assert np.stack(list(found.values())) == pytest.approx(vectors)


@pytest.mark.parametrize("ids", [[], ["a", "b"]])
def test_nothing_readable_is_no_vector(ids: list[str], tmp_path: Path) -> None:
    embeddings.write(tmp_path / "e.parquet", ids, [None] * len(ids))
    assert embeddings.read(tmp_path / "e.parquet") == {}
