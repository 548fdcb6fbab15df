"""From an empty home to labelled images: dropped, pasted and chosen in a real browser; what is wrong is said."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

READY = "[data-testid=stApp][data-test-script-state=notRunning]"
PASTE = """
([zone, bytes, name]) => {
  const file = new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name, { type: "image/png" });
  const clipboardData = new DataTransfer();
  clipboardData.items.add(file);
  zone.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, composed: true, cancelable: true }));
}
"""


def picture(number: int, size: tuple[int, int] = (96, 72)) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).resize(size).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def empty(served: Callable[..., Any]) -> Any:
    """An app on a home that holds nothing."""
    return served(None, "None")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images, one that is none under their name, a text, and a folder with two more in a folder."""
    top = tmp_path / "photos"
    (top / "more" / "deep").mkdir(parents=True)
    for number in range(3):
        (top / f"{number}.png").write_bytes(picture(number))
    (top / "more" / "3.png").write_bytes(picture(3))
    (top / "more" / "deep" / "4.png").write_bytes(picture(4))
    (top / "broken.jpg").write_text("not an image")
    (top / "notes.txt").write_text("remember")
    return top


def drop(page: Any, *paths: Path) -> None:
    """Drop files and folders, as the desktop does."""
    box = page.locator(".zone").bounding_box()
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        place = {"x": box["x"] + 40, "y": box["y"] + 20}
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
        if kind == "dragOver":
            expect(page.locator(".zone.over")).to_be_visible()
    session.detach()


def open_new(page: Any, address: Any, name: str) -> None:
    page.goto(address.opened)
    page.get_by_role("button", name="New dataset").first.click()
    page.locator(".zone").wait_for()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("textbox", name="Name").press("Enter")


def create(page: Any) -> None:
    button = page.get_by_role("button", name="Create and label")
    expect(button).to_be_enabled()
    button.click()


def state(page: Any) -> Any:
    return page.locator(".foveal-drop .told")


@pytest.fixture
def samples(page: Any, empty: Any) -> Iterator[Callable[[str], list[str]]]:
    """The names of the images of a dataset, as the grid gets them."""

    def names(dataset: str) -> list[str]:
        spec = json.dumps({"dataset": dataset})
        answer = page.request.get(f"{empty}/api/page", params={"spec": spec, "size": "200"})
        return [re.sub(r"-\w{8}\.", ".", row["name"]) for row in answer.json()["rows"]]

    yield names


@pytest.mark.timeout(300)
def test_a_folder_is_dropped_and_what_is_wrong_is_said(
    page: Any, empty: Any, folder: Path, outside: list[str], samples: Callable[[str], list[str]]
) -> None:
    open_new(page, empty, "dropped")
    expect(page.get_by_role("button", name="Create and label")).to_be_disabled()
    drop(page, folder)
    expect(state(page)).to_contain_text("6 images")
    page.get_by_text("1 file left out: no images").wait_for()
    page.get_by_role("textbox", name="Classes").fill("cat, dog")
    create(page)
    expect(state(page)).to_contain_text("5 added · 1 refused", timeout=60_000)
    expect(page.locator(".wrong li.refused")).to_contain_text("broken.jpg")
    expect(page.locator(".wrong li.refused")).to_contain_text("save it again as JPEG or PNG")
    assert sorted(samples("dropped")) == ["0.png", "1.png", "2.png", "3.png", "4.png"]
    page.get_by_role("dialog").get_by_role("button", name="Browse").click()
    page.locator(".tile.loaded").nth(4).wait_for()
    assert outside == []


@pytest.mark.timeout(300)
def test_pasted_and_chosen_images_go_straight_to_labeling_and_none_is_added_twice(
    page: Any, empty: Any, tmp_path: Path, samples: Callable[[str], list[str]]
) -> None:
    open_new(page, empty, "pasted")
    zone = page.locator(".zone").element_handle()
    page.evaluate(PASTE, [zone, base64.b64encode(picture(20)).decode(), "image.png"])
    expect(state(page)).to_contain_text("1 image")
    file = tmp_path / "chosen.png"
    file.write_bytes(picture(21))
    page.get_by_test_id("files").set_input_files(file)
    expect(state(page)).to_contain_text("2 images")
    create(page)
    page.wait_for_url(re.compile(r"/(label|browse)\?dataset=pasted"))
    found = sorted(name.split()[0].removesuffix(".png") for name in samples("pasted"))
    assert found == ["chosen", "pasted"]

    page.goto(f"{empty}/browse?dataset=pasted")
    page.get_by_role("button", name="Add images").click()
    page.locator(".zone").wait_for()
    (tmp_path / "again.png").write_bytes(picture(21))
    (tmp_path / "new.png").write_bytes(picture(22))
    drop(page, tmp_path / "again.png", tmp_path / "new.png")
    expect(state(page)).to_contain_text("1 added · 1 there already")
    page.get_by_role("button", name="Done").click()
    page.locator(".tile.loaded").nth(2).wait_for()
    assert len(samples("pasted")) == 3


@pytest.mark.timeout(300)
def test_a_cut_network_loses_nothing_and_what_was_cancelled_goes_on(
    page: Any, empty: Any, tmp_path: Path, samples: Callable[[str], list[str]]
) -> None:
    files = [tmp_path / f"{number:02}.png" for number in range(12)]
    for number, file in enumerate(files):
        file.write_bytes(picture(30 + number))
    calls: list[str] = []

    def flaky(route: Any) -> None:
        calls.append(route.request.url)
        if len(calls) in (3, 5):
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(re.compile("/api/upload/"), flaky)
    open_new(page, empty, "flaky")
    page.get_by_test_id("files").set_input_files(files)
    create(page)
    expect(state(page)).to_contain_text("10 added · 2 not sent", timeout=60_000)
    expect(page.locator(".wrong li.failed")).to_have_count(2)
    page.get_by_role("button", name="Send 2 again").click()
    page.wait_for_url(re.compile(r"/(label|browse)\?dataset=flaky"))
    assert sorted(samples("flaky")) == [file.name for file in files] and len(calls) == 14
