"""The Import page in a real browser: what a source holds, how sure it is, findings that open to their images."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.helpers import make_image

PATIENCE = 60_000  # ms: the first preview waits for imports
FOLDER = "Folder or file on this machine"


@pytest.fixture(scope="module")
def address(served: Callable[..., Any]) -> Any:
    return served(None, "None")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """YOLO labels of four images; four rows of the third are broken."""
    top = tmp_path / "source"
    for number in range(4):
        make_image(top / "images" / f"{number}.png", seed=number)
        (top / "labels").mkdir(exist_ok=True)
        (top / "labels" / f"{number}.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    (top / "labels" / "2.txt").write_text("0 0.5 0.5 0.2 0.2\n" + "1 0.2 x 0.1 0.1\n" * 4)
    (top / "data.yaml").write_text("train: images\nnames: [bolt, nut]\n")
    return top


def ask(page: Any, address: Any, path: Path) -> None:
    page.goto(address.opened)
    page.goto(f"{address}/import")
    page.get_by_role("textbox", name=FOLDER).fill(str(path))
    page.get_by_role("textbox", name=FOLDER).press("Enter")


def test_a_finding_opens_to_its_images(page: Any, address: Any, source: Path) -> None:
    ask(page, address, source)
    expect(page.get_by_text("Recognised because")).to_be_visible(timeout=PATIENCE)
    line = page.get_by_test_id("stExpander").filter(has_text="4 ×")
    expect(line).to_contain_text("2.txt")
    assert line.locator("img").count() == 0  # nothing is drawn before a person asks
    line.locator("summary").click()
    expect(line.locator("img[alt='2.png']")).to_be_visible()
    expect(line).to_contain_text("the row is left out")
    assert line.locator("figure").count() == 1


def test_another_format_is_chosen_in_place(page: Any, address: Any, source: Path) -> None:
    ask(page, address, source)
    expect(page.get_by_text("Ultralytics YOLO", exact=True).first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Folder of images").click()
    expect(page.get_by_text("The format was chosen by hand.")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".fv-figures")).to_contain_text("Folder of images")


def test_images_that_lie_elsewhere_are_named(page: Any, address: Any, tmp_path: Path) -> None:
    make_image(tmp_path / "photos" / "one.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "boxes.csv").write_text("image,label,x1,y1,x2,y2\none.png,bolt,1,1,9,9\n")
    ask(page, address, tmp_path / "labels" / "boxes.csv")
    page.get_by_text("The images lie elsewhere").click(timeout=PATIENCE)
    page.get_by_role("textbox", name="Folder with the images").fill(str(tmp_path / "photos"))
    page.get_by_role("textbox", name="Folder with the images").press("Enter")
    expect(page.locator("img[alt='one.png']")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Import 1 samples")).to_be_enabled()


def test_a_large_folder_shows_what_is_known_and_can_be_stopped(page: Any, address: Any, tmp_path: Path) -> None:
    first = make_image(tmp_path / "many" / "images" / "0.png", (8, 8))
    for number in range(1, 6000):
        (first.parent / f"{number}.png").hardlink_to(first)
    labels = tmp_path / "many" / "labels"
    labels.mkdir()
    for number in range(6000):
        (labels / f"{number}.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    (tmp_path / "many" / "data.yaml").write_text("train: images\nnames: [bolt]\n")
    ask(page, address, tmp_path / "many")
    expect(page.get_by_text("looking at images")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".fv-figures")).to_contain_text("6,000")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Reading was cancelled.")).to_be_visible(timeout=PATIENCE)
