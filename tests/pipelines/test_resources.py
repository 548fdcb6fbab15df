import pytest

from pipelines import resources


def test_a_sample_is_in_percent() -> None:
    found = resources.sample()
    assert set(found) == {"cpu", "ram", "gpu", "gpu_ram"}
    assert 0 < (found["ram"] or 0) <= 100


def test_slots_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEAL_DEVICES", "cuda:0, cuda:1,cpu")
    assert resources.devices() == ["cuda:0", "cuda:1", "cpu"]


@pytest.mark.parametrize(
    ("wish", "slots", "fitting"),
    [
        ("auto", ["cuda:0", "cuda:1", "cpu"], ["cuda:0", "cuda:1"]),
        ("auto", ["cpu"], ["cpu"]),
        ("cpu", ["cuda:0", "cpu"], ["cpu"]),
        ("cuda", ["cuda:0", "cpu"], ["cuda:0"]),
        ("cuda:1", ["cuda:0", "cuda:1", "cpu"], ["cuda:1"]),
        ("cuda", ["cpu"], []),
    ],
)
def test_which_slots_a_wish_fits(wish: str, slots: list[str], fitting: list[str]) -> None:
    assert resources.fitting(wish, slots) == fitting


@pytest.mark.parametrize(
    ("slot", "wish", "visible"),
    [("cpu", "auto", ""), ("cuda:2", "auto", "2"), ("cuda:2", "cuda", "2"), ("cuda:2", "cuda:2", "0,1,2")],
)
def test_a_job_sees_its_own_device(slot: str, wish: str, visible: str) -> None:
    assert resources.environment(slot, wish)["CUDA_VISIBLE_DEVICES"] == visible
