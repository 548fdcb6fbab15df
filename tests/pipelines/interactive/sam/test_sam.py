"""Networks of the SAM family with random weights: files, sizes, answers, what is kept, and what is looked at ahead."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from datasets.workspace import Workspace
from pipelines.errors import CheckpointError, DataError, WeightsMissing
from pipelines.interactive import tools
from pipelines.interactive.prompts import Point, Prompt
from pipelines.interactive.sam import kept, network, offers, session
from pipelines.interactive.sam.ahead import Ahead
from pipelines.interactive.sam.network import COARSE, Guess, Sam, Seen
from pipelines.yolo.model import quiet
from tests.helpers import make_image

MOBILE = next(one for one in offers.NETWORKS if one.name == "mobile_sam")
CLICK = Prompt((Point(0.5, 0.5),))
TWO = Prompt((Point(0.5, 0.5), Point(0.1, 0.1, False)))
BOX = Prompt(box=(0.2, 0.2, 0.5, 0.5))


class Nothing(torch.nn.Module):
    """In place of the encoder, which takes seconds: the mean colour of the image in every channel."""

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(image.mean(1, keepdim=True), 16).expand(1, 256, 64, 64)


def random_state(name: str) -> dict[str, torch.Tensor]:
    quiet()
    from ultralytics.models.sam import build

    torch.manual_seed(0)
    model = getattr(build, network.BUILDERS[name])()
    return {key: value.clone() for key, value in model.state_dict().items()}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    torch.save(random_state("mobile_sam"), folder / "mobile_sam.pt")
    return folder


@pytest.fixture(scope="module")
def loaded(weights: Path) -> Iterator[dict[str, Sam]]:
    """The network, warm, with an encoder that is quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEAL_WEIGHTS", str(weights))
        _, sam = session.warm()
    sam.model.image_encoder = Nothing()
    yield dict(session._loaded)
    session._loaded.clear()


@pytest.fixture
def here(workspace: Workspace, weights: Path, loaded: dict[str, Sam], monkeypatch: pytest.MonkeyPatch) -> Sam:
    """A workspace with weights."""
    monkeypatch.setenv("FOVEAL_WEIGHTS", str(weights))
    return session.warm()[1]


@pytest.mark.parametrize("prompt", [CLICK, TWO, BOX, Prompt(CLICK.points, BOX.box)], ids=["1", "2", "box", "both"])
def test_a_prompt_has_a_mask_of_the_size_of_the_image(here: Sam, prompt: Prompt) -> None:
    seen = here.see(np.full((30, 80, 3), 90, np.uint8))
    guess = here.guess(seen, prompt)
    assert guess.mask.shape == (COARSE, COARSE)
    assert here.grown(guess, seen.size).shape == (30, 80)


def test_what_is_beside_the_image_is_cut_off(here: Sam) -> None:
    """A wide image fills the upper part of what the network looks at: the lower part of a coarse mask is not in it."""
    coarse = np.full((COARSE, COARSE), -1, np.float32)
    coarse[: COARSE // 4] = 1
    mask = here.grown(Guess(coarse, 1.0), (200, 100))
    assert mask[:49].all() and not mask[52:].any()


def test_further_clicks_refine_the_mask_before(here: Sam) -> None:
    seen = here.see(np.full((40, 40, 3), 90, np.uint8))
    before = here.guess(seen, CLICK)
    assert not np.allclose(here.guess(seen, TWO, before).mask, here.guess(seen, TWO).mask)


def test_an_image_is_looked_at_once(
    here: Sam, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, copy = make_image(tmp_path / "a.png"), tmp_path / "b.png"
    copy.write_bytes(image.read_bytes())
    looked: list[int] = []
    see = Sam.see
    monkeypatch.setattr(Sam, "see", lambda self, pixels: looked.append(1) or see(self, pixels))
    first = session.answer(image, CLICK)
    session._seen._kept.clear()  # as after a restart
    session._guesses._kept.clear()
    again = session.answer(copy, CLICK)  # the same content in another file
    assert looked == [1] and first.box == again.box and first.score == again.score
    make_image(image, seed=1)
    session.answer(image, CLICK)
    assert looked == [1, 1]
    assert len(list((workspace.thumbnails / "sam").rglob("*.npz"))) == 2


def test_a_file_of_other_weights_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    torch.save({"image_encoder.neck.0.weight": torch.zeros(3)}, tmp_path / "mobile_sam.pt")
    with pytest.raises(
        CheckpointError, match=r"expected the weights of MobileSAM, .* is mobile_sam\.pt the right file"
    ):
        Sam.load(MOBILE, tmp_path / "mobile_sam.pt", "cpu")


def test_weights_of_the_second_generation_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAM 2.1 with random weights: three maps, of which the finer two sharpen the mask."""
    second = next(one for one in offers.NETWORKS if one.name == "sam2.1_t")
    sam = Sam(second, random_state("sam2.1_t"), "cpu")
    maps = {
        "backbone_fpn": [torch.zeros(1, channels, side, side) for channels, side in ((32, 256), (64, 128), (256, 64))]
    }
    monkeypatch.setattr(sam.model, "forward_image", lambda inputs: maps)
    seen = sam.see(np.full((30, 80, 3), 90, np.uint8))
    assert [one.shape for one in seen.maps] == [(256, 64, 64), (64, 128, 128), (32, 256, 256)]
    for prompt in (CLICK, BOX, TWO):
        assert sam.grown(sam.guess(seen, prompt), seen.size).shape == (30, 80)
    assert sam.inner((80, 30)) == (1024, 1024)


def test_without_weights_the_tool_says_what_to_do(workspace: Workspace, tmp_path: Path) -> None:
    found = {one.name: one for one in tools.tools()}
    assert not found["sam"].ready and str(workspace.weights) in found["sam"].hint
    assert {one["file"] for one in found["sam"].weights} == {"sam2.1_t.pt", "mobile_sam.pt"}
    with pytest.raises(WeightsMissing, match=r"found none; put sam2\.1_t\.pt .*41 MB, Apache-2\.0"):
        tools.answer("sam", make_image(tmp_path / "a.png"), CLICK)
    assert tools.prepare("me", [tmp_path / "a.png"]) == 0


def test_with_weights_it_comes_first(here: Sam) -> None:
    assert [one.name for one in tools.tools()] == ["sam", "grabcut", "scissors"]
    assert tools.tools()[0].title == "MobileSAM"


def test_a_broken_image_is_told(here: Sam, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match="expected an image that can be read"):
        session.answer(tmp_path / "a.png", CLICK)


def test_what_was_kept_comes_back(workspace: Workspace) -> None:
    seen = Seen((80, 30), (np.ones((2, 3, 3), np.float16), np.zeros((1, 2, 2), np.float16)))
    target = kept.place("a" * 64, "b" * 32)
    assert kept.read(target) is None
    kept.write(target, seen)
    found = kept.read(target)
    assert found is not None and found.size == seen.size
    assert all((one == other).all() for one, other in zip(found.maps, seen.maps, strict=True))
    target.write_bytes(target.read_bytes()[:100])
    assert kept.read(target) is None


def test_what_was_not_used_for_longest_goes_first(workspace: Workspace) -> None:
    seen = Seen((8, 8), (np.zeros((10, 10, 10), np.float16),))
    places = [kept.place("a" * 64, f"{number:032x}") for number in range(6)]
    for number, place in enumerate(places):
        kept.write(place, seen)
        os.utime(place, (1000 + number, 1000 + number))
    kept.read(places[0])
    kept.write(kept.place("a" * 64, "f" * 32), seen, most=5 * places[0].stat().st_size)
    assert [place.exists() for place in places] == [True, False, False, False, True, True]


def test_the_newest_request_is_looked_at_first() -> None:
    gate, seen = threading.Event(), list[str]()

    def look(path: Path) -> None:
        gate.wait(5)
        seen.append(path.name)
        if path.name == "bad":
            raise DataError("expected an image, found none")

    ahead = Ahead(look, idle=0.2)
    ahead.ask("one", [Path("a"), Path("b"), Path("c")])
    while ahead._resting:
        time.sleep(0.005)
    ahead.ask("two", [Path("x")])
    assert ahead.ask("one", [Path("bad"), Path("d")]) == 3  # b and c are no longer wanted
    gate.set()
    assert ahead.join(5)
    assert seen == ["a", "bad", "d", "x"]
    ahead.ask("one", [Path("again")])
    assert ahead.join(5) and seen[-1] == "again"
