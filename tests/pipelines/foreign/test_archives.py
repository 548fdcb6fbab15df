"""What `torch.save` writes is read as torch reads it, and no size in it is believed."""

import tracemalloc
import warnings
import zipfile
from pathlib import Path

import pytest
import torch

from pipelines.errors import CheckpointError
from pipelines.foreign import archives
from tests.pipelines.foreign.hostile import Runs, archive, tensor

DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.uint8, torch.bool)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "stream"])
def test_tensors_are_those_that_torch_reads(zipped: bool, tmp_path: Path) -> None:
    shared = torch.arange(24.0).reshape(4, 6)
    given = {
        **{str(dtype): torch.tensor([[0, 1], [1, 0]]).to(dtype) for dtype in DTYPES},
        "part": shared[1:3, ::2], "turned": shared.T, "empty": torch.empty(0, 3), "scalar": torch.tensor(3.5),
        "parameter": torch.nn.Parameter(torch.ones(2)), "nested": {"deep": [shared, (shared[0], 1)]},
    }  # fmt: skip
    torch.save(given, tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
    found = archives.read(tmp_path / "a.pt")
    theirs = torch.load(tmp_path / "a.pt", weights_only=True)
    for name in set(given) - {"nested"}:
        assert found[name].dtype == theirs[name].dtype
        assert torch.equal(found[name], theirs[name].detach())
    assert torch.equal(found["nested"]["deep"][1][0], shared[0])


def test_numbers_that_are_announced_must_be_there(tmp_path: Path) -> None:
    few = b"\0" * 16
    lies = [(10**12, (10**12,), (1,)), (4, (2, 3), (3, 1)), (4, (10**6, 4), (0, 1)), (5, (5,), (1,))]
    for numbers, size, stride in lies:
        with pytest.raises(CheckpointError, match="announced"):
            archives.read(archive(tmp_path / "a.pt", tensor(numbers, size, stride), {"0": few}))
    with pytest.raises(CheckpointError, match="no shape"):
        archives.read(archive(tmp_path / "a.pt", tensor(4, (4,), (-1,)), {"0": few}))
    assert archives.read(archive(tmp_path / "a.pt", tensor(4, (2, 2), (2, 1)), {"0": few}))["weight"].shape == (2, 2)


def test_an_old_stream_that_announces_more_than_it_has_takes_no_memory(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(258)}, tmp_path / "a.pt", _use_new_zipfile_serialization=False)
    data = (tmp_path / "a.pt").read_bytes()
    assert data.count(b"M\x02\x01") >= 1  # 258 as a number of a pickle
    (tmp_path / "b.pt").write_bytes(data.replace(b"M\x02\x01", b"J\xff\xff\xff\x7f"))
    with pytest.raises(CheckpointError, match="more than the whole file has"):
        archives.read(tmp_path / "b.pt")
    (tmp_path / "c.pt").write_bytes(data[:-8])
    with pytest.raises(CheckpointError, match="bytes of a tensor are missing"):
        archives.read(tmp_path / "c.pt")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "a.pt", tensor(1 << 24, (1 << 24,), (1,)), {"0": b"\0" * (1 << 26)}, zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 1 << 17
    tracemalloc.start()
    with pytest.raises(CheckpointError, match="it is compressed"):
        archives.read(bomb)
    assert tracemalloc.get_traced_memory()[1] < 1 << 22
    tracemalloc.stop()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_that_say_two_things_are_refused(tmp_path: Path) -> None:
    archive(tmp_path / "a.pt", tensor(1, (1,), (1,)), {"0": b"\0" * 4})
    with zipfile.ZipFile(tmp_path / "a.pt", "a") as made:
        made.writestr("archive/data.pkl", tensor(1, (1,), (1,), "other"))
    with pytest.raises(CheckpointError, match="two parts of it have one name"):
        archives.read(tmp_path / "a.pt")


def test_a_program_is_no_file_of_weights(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch gives up on them
        torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="program of TorchScript"):
        archives.read(tmp_path / "a.pt")


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "stream"])
def test_code_is_not_run_in_either_form(zipped: bool, tmp_path: Path) -> None:
    torch.save({"a": Runs(tmp_path / "ran")}, tmp_path / "a.pt", _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=r"a\.pt: expected a file of weights, found that it asks for '.*mkdir'"):
        archives.read(tmp_path / "a.pt")
    assert not (tmp_path / "ran").exists()


def test_files_of_any_other_kind_are_errors(tmp_path: Path) -> None:
    others = [b"", b"no pickle", b"PK\x03\x04", b"\x80\x02K\x01.", b"\x89PNG\r\n\x1a\n" + b"\0" * 64]
    for number, data in enumerate(others):
        file = tmp_path / f"{number}.pt"
        file.write_bytes(data)
        with pytest.raises(CheckpointError, match=f"{number}.pt: expected a file of weights, found"):
            archives.read(file)
