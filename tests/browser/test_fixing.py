"""The loop closes: from a false positive in Review to the corrected label to the next training, in four clicks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.labeled import COUNT, DATASET, SCORED, Desk

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def address(served: Callable[..., Any]) -> Any:
    return served(None, SCORED)


def a_false_positive(page: Any, address: Any) -> Any:
    """Its card on the Review page."""
    page.goto(address.opened)
    page.locator("h1").first.wait_for()
    page.goto(f"{address}/review?dataset={DATASET}&split=all")
    page.locator("[data-testid=stButtonGroup] button", has_text="False positives").click()
    card = page.locator(".card", has_text="nothing \u2192 bus").first
    card.wait_for()
    return card


def test_from_a_false_positive_to_the_next_training_in_four_clicks(page: Any, address: Any) -> None:
    card, desk = a_false_positive(page, address), Desk(page, address)
    card.get_by_label("Fix: correct the labels of this image").click()  # 1
    page.wait_for_url(re.compile("/label"))
    desk.ready()
    sample = desk.sample
    assert [one["label"] for one in desk.stored(sample)] == ["car"]
    page.locator(".proposals li").first.get_by_label("Accept").click()  # 2
    desk.saved()
    assert sorted(one["label"] for one in desk.stored(sample)) == ["bus", "car"]
    page.get_by_role("link", name="Train").last.click()  # 3
    page.wait_for_url(re.compile("/train"))
    assert "ids" not in page.url  # on the whole dataset, not on what was fixed alone
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_enabled(timeout=60_000)
    button.click()  # 4
    page.wait_for_url(re.compile("run="))


def test_a_key_fixes_too_and_the_queue_is_what_the_gallery_lists(page: Any, address: Any) -> None:
    card, desk = a_false_positive(page, address), Desk(page, address)
    card.focus()
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/label"))
    desk.ready()
    assert desk.ask("screen.session.queue.total") == COUNT  # every image has one of them, the last has two


def test_an_image_of_browse_is_labelled_by_its_key(page: Any, address: Any) -> None:
    desk = Desk(page, address)
    page.goto(address.opened)
    page.locator("h1").first.wait_for()
    page.goto(f"{address}/browse?dataset={DATASET}")
    page.locator(".tile.loaded").nth(2).click()
    page.locator(".viewer[open]").wait_for()
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/label"))
    desk.ready()
    assert desk.sample in page.url
