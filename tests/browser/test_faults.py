"""What fails inside a dialog, a callback or a fragment is told in words, in its place."""

from collections.abc import Callable
from typing import Any

from datasets.samples.prepare import Sizes

TINY = Sizes(images=6, frames=2, digits=12, workers=1)


def test_an_error_inside_a_dialog_is_words(served: Callable[[Sizes], Any], page: Any) -> None:
    page.goto(served(TINY).opened)
    card = page.locator(".st-key-card-digits")
    card.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Rename").or_(page.get_by_text("Rename", exact=True)).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New name").fill("photos")
    dialog.get_by_label("New name").press("Enter")
    dialog.get_by_role("button", name="Rename").click()
    shown = dialog.get_by_role("alert")
    shown.wait_for()
    assert "photos" in shown.inner_text()
    assert "This did not work" in shown.inner_text()
    assert "Traceback" not in page.content()
