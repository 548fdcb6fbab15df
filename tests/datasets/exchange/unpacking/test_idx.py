"""MNIST's idx files: each image with its own label and split."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from datasets.errors import FormatError
from datasets.exchange.importing import ingest, preview
from datasets.storage import collection, labels


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEAL_HOME", str(tmp_path / "home"))


def idx(array):
    return struct.pack(">4B", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def made(folder, pack=lambda data: data, ending="", names=("train", "t10k"), kind=3):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    truth = {}
    for name, count in zip(names, (5, 3), strict=True):
        images = random.integers(0, 256, (count, 7, 9) if kind == 3 else (count, 7, 9, 3), np.uint8)
        numbers = random.integers(0, 10, count).astype(np.uint8)
        (folder / f"{name}-images-idx{kind}-ubyte{ending}").write_bytes(pack(idx(images)))
        (folder / f"{name}-labels-idx1-ubyte{ending}").write_bytes(pack(idx(numbers)))
        truth[name] = images, numbers
    return truth


def content(folder):
    return sorted((one["split"], labels.from_document(one["ground_truth"])[0].label,
                   np.asarray(Image.open(one["filepath"])).tolist()) for one in collection.stream(folder))  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", [3, 4])
def test_what_is_stored_is_what_the_files_hold(packed, kind, tmp_path, database):
    pack, ending = (gzip.compress, ".gz") if packed else ((lambda data: data), "")
    truth = made(tmp_path / "MNIST" / "raw", pack, ending, kind=kind)
    if packed:  # torchvision leaves both
        made(tmp_path / "MNIST" / "raw", kind=kind)
    found = preview(tmp_path / "MNIST")
    assert found.splits == {"train": 5, "test": 3}
    ingest(found, "made", splits=None)
    assert content("made") == sorted(
        (split, str(number), image.tolist())
        for split, name in (("train", "train"), ("test", "t10k"))
        for image, number in zip(*truth[name], strict=True)
    )


def test_one_file_takes_its_labels_along(tmp_path):
    truth = made(tmp_path / "raw")
    found = preview(tmp_path / "raw" / "t10k-images-idx3-ubyte")
    assert found.splits == {"test": 3}
    assert [one.classification.label for one in found.records] == [str(one) for one in truth["t10k"][1]]


def test_letters_of_emnist_stand_upright(tmp_path):
    truth = made(tmp_path / "raw", names=("emnist-letters-train", "emnist-letters-test"))
    (tmp_path / "raw" / "emnist-letters-mapping.txt").write_text("".join(f"{n} {n + 65} {n + 97}\n" for n in range(10)))
    found = preview(tmp_path / "raw")
    images, numbers = truth["emnist-letters-train"]
    train = [one for one in found.records if one.split == "train"]
    assert [one.classification.label for one in train] == [chr(65 + one) for one in numbers]
    assert np.array_equal(np.asarray(Image.open(train[0].path)), images[0].T)
    assert "turned_images" in {one.code for one in found.findings}


def test_labels_of_another_set_are_refused(tmp_path):
    made(tmp_path / "raw")
    (tmp_path / "raw" / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(4, np.uint8)))
    with pytest.raises(FormatError, match="a label for each of the 5 images"):
        preview(tmp_path / "raw")


def test_images_without_labels_are_told(tmp_path):
    made(tmp_path / "raw")
    (tmp_path / "raw" / "t10k-labels-idx1-ubyte").unlink()
    found = preview(tmp_path / "raw")
    assert found.labels == 5 and found.count == 8 and "no_labels" in {one.code for one in found.findings}


@pytest.mark.parametrize("cut", [1, 100])
def test_a_file_that_is_cut_off_is_refused(cut, tmp_path):
    made(tmp_path / "raw")
    path = tmp_path / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(FormatError, match="broken or not complete"):
        preview(tmp_path / "raw")
