"""The loop in a real browser: open, filter, select, train, review, click a confusion cell, see images."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from datasets.samples.prepare import Sizes

SMALL = Sizes(images=42, frames=4, digits=20)
TINY = {"Epochs": 1, "Image size": 64, "Batch": 4}
TINY_MASKS = {"Epochs": 1, "Batch": 4, "Image size": 160, "Crop size": 64}


def journey(page: Any, address: Any, options: dict[str, int], patience: float) -> None:
    """From the home page to the images behind a cell of the confusion matrix. `patience` in seconds."""
    page.goto(address.opened)
    page.get_by_text("street", exact=True).first.wait_for()
    page.goto(f"{address}/browse?dataset=street")
    page.locator(".tile.loaded").first.wait_for()
    filter_by_split(page, "test")
    select_two(page)
    run = train(page, address, options, patience)
    page.goto(f"{address}/review?run={run}&dataset=street&split=all")
    open_a_cell(page)


def filter_by_split(page: Any, split: str) -> None:
    """Narrow the view; the header counts what is left of it, and the address names the filter."""
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Split").first.click()
    page.get_by_role("option", name=split).click()
    expect(page.locator(".fv-subtitle").first).to_contain_text(re.compile(r"\d+ of \d+"))
    left = re.search(r"(\d+) of \d+", page.locator(".fv-subtitle").first.inner_text())
    assert left
    page.locator(".pager").get_by_text(f"of {left[1]}", exact=False).wait_for()  # a selection made before it is cleared
    page.locator("h1").click()  # closes the filters
    page.get_by_label("Split").first.wait_for(state="hidden")
    assert split in page.url


def select_two(page: Any) -> None:
    page.locator(".tile.loaded").first.wait_for()
    page.locator(".tiles").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.get_by_text(re.compile("2 selected")).first.wait_for()


def train(page: Any, address: str, options: dict[str, int], patience: float, task: str = "detection") -> str:
    """Change options, press the button and wait until the run is done. Returns the id of the run."""
    page.goto(f"{address}/train?dataset=street&task={task}")
    for label, value in options.items():
        field = page.get_by_label(re.compile(f"^{label}")).first
        field.fill(str(value))
        field.press("Enter")
        page.get_by_text(f"{label.lower().replace(' ', '_')}:", exact=False).first.wait_for()
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_enabled(timeout=60_000)  # once the data were checked
    button.click()
    page.wait_for_url(re.compile("run="))
    page.get_by_role("link", name="Review").last.wait_for(timeout=patience * 1000)
    page.get_by_text("done", exact=False).first.wait_for(timeout=patience * 1000)
    run = re.search(r"run=(\w+)", page.url)
    assert run
    return run[1]


def preview_augmentation(page: Any, address: str, task: str) -> None:
    """Open the editor on the Train page, add a step, see sixteen changed samples."""
    page.goto(f"{address}/train?dataset=street&task={task}")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=60_000)
    page.get_by_role("button", name="Edit and preview").click()
    page.locator(".tile .sheet > img").nth(15).wait_for()
    before = page.locator(".tile .sheet > img").first.get_attribute("src")
    page.get_by_role("dialog").get_by_role("combobox").first.click()
    page.keyboard.type("Invert")
    page.get_by_role("option", name="InvertImg").click()
    push_to_the_end(page.get_by_role("slider", name="Chance"))
    expect(page.locator(".tile .sheet > img").first).not_to_have_attribute("src", str(before))
    page.keyboard.press("Escape")
    page.get_by_text("InvertImg 100 %", exact=False).first.wait_for()


def push_to_the_end(slider: Any) -> None:
    """Press End until the slider is there: one that is drawn anew under the key misses it."""
    for _ in range(3):
        slider.press("End")
        with suppress(AssertionError):
            expect(slider).to_have_value("1", timeout=3_000)
            return
    expect(slider).to_have_value("1")


def open_a_cell(page: Any) -> None:
    """Click a cell of the confusion matrix; what is behind it opens as a gallery of its own."""
    page.locator("[data-cell]").first.click()
    page.locator("[data-testid=stButtonGroup] button", has_text="→").wait_for()
    until_seen(page.locator(".cards img, .cards image").first)


def open_a_pair(page: Any) -> None:
    """Click the most confused pair of classes; its images come with maps of mistakes."""
    page.locator(".st-key-confused-pairs button").first.click()
    page.locator("[data-testid=stButtonGroup] button", has_text="→").wait_for()
    until_seen(page.locator(".card .thumb.errors img.masks").first)


def until_seen(picture: Any) -> None:
    """Wait until a picture is loaded. It is looked up each time: cards that are drawn anew are other elements."""
    shown = "i => i.complete !== false && (i.naturalWidth ?? i.getBoundingClientRect().width) > 20"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(Error):
            picture.scroll_into_view_if_needed(timeout=5_000)
            if picture.evaluate(shown, timeout=5_000):
                return
        picture.page.wait_for_timeout(200)
    raise AssertionError(f"expected a loaded picture at {picture}, found {picture.count()}, none of which is loaded")


@pytest.mark.timeout(600)
def test_the_loop_in_the_browser(served: Callable[[Sizes], Any], page: Any, outside: list[str]) -> None:
    journey(page, served(SMALL), TINY, patience=300)
    assert outside == []


@pytest.mark.timeout(600)
def test_semantic_masks_in_the_browser(served: Callable[[Sizes], Any], page: Any, outside: list[str]) -> None:
    address = served(SMALL)
    page.goto(address.opened)
    preview_augmentation(page, address, "segmentation")
    run = train(page, address, TINY_MASKS, patience=300, task="segmentation")
    page.goto(f"{address}/review?run={run}&dataset=street&split=all")
    open_a_pair(page)
    assert outside == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_loop_in_the_browser_on_the_whole_street(
    served: Callable[[Sizes], Any], page: Any, outside: list[str]
) -> None:
    journey(page, served(Sizes()), {}, patience=3000)
    assert outside == []
