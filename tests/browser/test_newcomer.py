"""A newcomer's minute: from an empty home to ten labelled images and a training that runs, in the browser alone."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.helpers import make_shapes

IMAGES, LABELED = 12, 10
TINY = {"Epochs": 1, "Image size": 64, "Batch": 4}
PATIENCE = 120_000  # ms: the first dataset waits for FiftyOne's import


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    files = []
    for number in range(IMAGES):
        files.append(tmp_path / f"{number:02}.png")
        make_shapes(number, 160)[0].save(files[-1])
    return files


@pytest.mark.timeout(900)
def test_ten_images_are_labelled_and_a_training_runs(
    served: Callable[..., Any], page: Any, photos: list[Path], outside: list[str], tmp_path: Path
) -> None:
    address = served(None, "None")
    took = Clock(page, tmp_path)
    begin(page, address, photos)
    took("dataset")
    assert [row["name"][:2] for row in rows(page, address)] == [f"{number:02}" for number in range(IMAGES)]
    draw(page)
    took("labels")
    assert states(page, address) == {"done": LABELED, "unlabeled": IMAGES - LABELED}
    page.get_by_test_id("stMain").get_by_role("link", name="Train").click()
    split(page)
    took("splits")
    train(page)
    took("training")
    assert labels(page, address) == [1] * LABELED + [0] * (IMAGES - LABELED)
    assert outside == []
    print(took)


class Clock:
    """Seconds of each step, with a picture of how it ended."""

    def __init__(self, page: Any, folder: Path) -> None:
        self.page, self.folder, self.began, self.steps = page, folder, time.monotonic(), dict[str, float]()

    def __call__(self, name: str) -> None:
        self.steps[name] = round(time.monotonic() - self.began - sum(self.steps.values()), 1)
        self.page.screenshot(path=self.folder / f"{name}.png")

    def __str__(self) -> str:
        return f"seconds: {self.steps}, together {sum(self.steps.values()):.1f}; pictures in {self.folder}"


def begin(page: Any, address: Any, photos: list[Path]) -> None:
    """Choose images, name two classes, and arrive in the labeler."""
    page.goto(address.opened)
    page.get_by_role("button", name="New dataset").first.click()
    page.get_by_test_id("files").set_input_files(photos)
    page.get_by_role("textbox", name="Classes").fill("square, disc")
    button = page.get_by_role("button", name="Create and label")
    expect(button).to_be_enabled()
    button.click()
    page.wait_for_url(re.compile(r"/label\?dataset=my-images&field=ground_truth"), timeout=PATIENCE)
    page.locator(".labeler canvas").first.wait_for()


def draw(page: Any) -> None:
    """A box and its class on each of ten images; each is called done, which opens the next."""
    done = page.locator(".labeler").get_by_text(re.compile(r"\d+ of 12 done")).first
    expect(done).to_have_text("0 of 12 done")
    box = page.locator(".labeler canvas").last.bounding_box()
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.4
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 5)
    for number in range(LABELED):
        page.keyboard.press("b")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y + 90, steps=4)
        page.mouse.up()
        page.keyboard.press(str(1 + number % 2))
        page.keyboard.press("Control+Enter")
        expect(done).to_have_text(f"{number + 1} of 12 done")


def split(page: Any) -> None:
    """Train has no splits yet: it offers them, for what is labelled."""
    page.get_by_text("Split first").wait_for()
    page.get_by_role("button", name=f"Split {LABELED} samples").click()
    page.get_by_role("button", name="Split again").wait_for()


def train(page: Any) -> None:
    """Choose a tiny training, start it, and see that it is done."""
    for label, value in TINY.items():
        field = page.get_by_label(re.compile(f"^{label}")).first
        field.fill(str(value))
        field.press("Enter")
        page.get_by_text(f"{label.lower().replace(' ', '_')}:", exact=False).first.wait_for()
    page.get_by_text("training is possible").click()
    page.get_by_text(re.compile("2 of 12 that nobody labeled")).wait_for()
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_enabled(timeout=60_000)
    button.click()
    page.wait_for_url(re.compile("run="))
    page.get_by_text(re.compile("ended .* took")).wait_for(timeout=400_000)
    expect(page.get_by_text("failed", exact=False)).to_have_count(0)


def states(page: Any, address: Any) -> Any:
    spec = json.dumps({"dataset": "my-images"})
    found = page.request.get(f"{address}/api/queue/my-images/ground_truth", params={"spec": spec}).json()["counts"]
    return {name: count for name, count in found.items() if count}


def rows(page: Any, address: Any) -> Any:
    return page.request.get(f"{address}/api/page", params={"spec": json.dumps({"dataset": "my-images"})}).json()["rows"]


def labels(page: Any, address: Any) -> list[int]:
    """How many labels each image has."""
    return [len(row["labels"].get("ground_truth", [])) for row in rows(page, address)]
