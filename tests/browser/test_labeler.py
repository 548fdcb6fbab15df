"""The Label page with real mouse and keyboard: draw, undo, next, conflict, no network, reload, a killed app."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from tests.browser.labeled import BUILD, DATASET, FIELD, PREDICTED, ROOT, WHOLE, Desk, ids, is_up
from tests.helpers import ROOT as CHECKOUT

pytestmark = pytest.mark.timeout(300)
BUS = (0.5, 0.55, 0.3, 0.3)


@pytest.fixture(scope="module")
def address(served: Callable[..., Any]) -> Any:
    return served(None, BUILD)


@pytest.fixture
def desk(address: Any, page: Any) -> Desk:
    page.goto(address.opened)
    page.locator("h1").first.wait_for()
    return Desk(page, address)


def classes(labels: list[dict[str, Any]]) -> list[str]:
    return sorted(one["label"] for one in labels)


def test_a_drawn_box_is_saved_and_what_we_do_not_know_survives(desk: Desk, outside: list[str]) -> None:
    sample = ids(desk.page)[0]
    desk.open(sample)
    runs = desk.page.evaluate("performance.getEntriesByType('resource').length")
    desk.draw(BUS, "2")
    desk.saved()
    (car, bus) = sorted(desk.stored(sample), key=lambda one: one["label"], reverse=True)
    assert bus["box"] == pytest.approx(BUS, abs=0.02)
    assert car["attributes"] == {"seen_by": "nobody we know"}
    assert [one["action"] for one in desk.journal(sample)] == ["add"]
    assert runs > 0
    assert outside == []


def test_undo_goes_back_across_images(desk: Desk) -> None:
    first, second, *_ = ids(desk.page)[1:]
    desk.open(first)
    desk.draw(BUS, "2")
    desk.page.keyboard.press("d")
    desk.ready(second)
    desk.draw(BUS, "2")
    desk.saved()
    assert classes(desk.stored(second)) == ["bus", "car"]
    desk.page.keyboard.press("Control+z")
    desk.page.keyboard.press("Control+z")
    desk.ready(first)
    expect(desk.page.locator(".labels li[role=option]")).to_have_count(1)
    desk.saved()
    assert [classes(desk.stored(one)) for one in (first, second)] == [["car"], ["car"]]
    desk.page.keyboard.press("Control+Shift+z")
    expect(desk.page.locator(".labels li[role=option]")).to_have_count(2)
    desk.saved()
    assert classes(desk.stored(first)) == ["bus", "car"]


def test_done_goes_on_to_what_is_still_to_be_done(desk: Desk) -> None:
    last = ids(desk.page)[-1]  # has no labels
    desk.open(last)
    expect(desk.page.locator(".bar .chip.state")).to_have_text("unlabeled")
    desk.draw(BUS, "2")
    expect(desk.page.locator(".bar .chip.state")).to_have_text("draft")
    desk.page.keyboard.press("Control+Enter")
    desk.page.wait_for_function(f"() => ({ROOT}).screen.session.row.id !== {json.dumps(last)}")
    desk.saved()
    assert classes(desk.stored(last)) == ["bus"]
    assert desk.state(last) == "done"


def test_the_class_of_an_image_is_given_by_its_key(desk: Desk) -> None:
    sample = ids(desk.page)[3]
    desk.open(sample, WHOLE)
    desk.page.get_by_label("on to the next image after a class").uncheck()
    desk.page.keyboard.press("3")
    desk.saved()
    assert classes(desk.stored(sample, WHOLE)) == ["sun"]
    desk.page.keyboard.press("4")
    desk.saved()
    assert classes(desk.stored(sample, WHOLE)) == ["rain"]
    desk.page.keyboard.press("Control+z")
    desk.saved()
    assert classes(desk.stored(sample, WHOLE)) == ["sun"]


def test_proposals_are_accepted_without_their_confidence_and_with_their_run(desk: Desk) -> None:
    sample = ids(desk.page)[4]
    desk.open(sample, reference=PREDICTED)
    desk.page.get_by_role("tab", name="Proposals").click()
    expect(desk.page.locator(".proposals li")).to_have_count(1)  # the car is labelled already
    desk.page.keyboard.press("y")
    expect(desk.page.locator(".proposals li")).to_have_count(0)
    desk.saved()
    (bus,) = [one for one in desk.stored(sample) if one["label"] == "bus"]
    assert "confidence" not in bus
    assert bus["attributes"] == {"from_run": "r1"}


def test_two_who_change_the_same_labels_see_both_versions(desk: Desk, address: Any, browser: Any) -> None:
    sample = ids(desk.page)[5]
    other = browser.new_page(viewport={"width": 1200, "height": 800})
    other.goto(address.opened)
    other.locator("h1").first.wait_for()
    theirs = Desk(other, address)
    desk.open(sample)
    theirs.page.goto(f"{address}/label?dataset={DATASET}&field={FIELD}&sample={sample}")
    theirs.ready(sample)
    other.get_by_role("button", name="Take over").click()
    other.locator(".banner").wait_for(state="hidden")
    theirs.draw((0.05, 0.6, 0.2, 0.2), "2")
    theirs.saved()
    desk.draw(BUS, "1")
    dialog = desk.page.locator("dialog.conflict")
    dialog.wait_for()
    expect(dialog.locator(".pairs li")).to_have_count(2)
    assert len(desk.stored(sample)) == 2  # nothing is written before a person has chosen
    dialog.get_by_role("button", name="Merge").click()
    desk.saved()
    assert classes(desk.stored(sample)) == ["bus", "car", "car"]
    other.close()


def test_without_network_work_goes_on_and_is_sent_later(desk: Desk) -> None:
    sample = ids(desk.page)[6]
    desk.open(sample)
    desk.page.context.set_offline(True)
    desk.draw(BUS, "2")
    desk.draw((0.05, 0.6, 0.2, 0.2), "2")
    expect(desk.page.locator(".saving")).to_have_text("offline, 2 changes kept here")
    desk.page.wait_for_timeout(10_000)
    desk.draw((0.3, 0.05, 0.2, 0.1), "1")
    assert len(desk.labels) == 4
    desk.page.context.set_offline(False)
    desk.saved()
    assert classes(desk.stored(sample)) == ["bus", "bus", "car", "car"]
    assert [one["action"] for one in desk.journal(sample)] == ["add"] * 3


def test_a_reload_in_the_middle_sends_what_was_left(desk: Desk) -> None:
    sample = ids(desk.page)[7]
    desk.open(sample)
    desk.page.route(
        "**/api/labels/**", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
    )
    desk.draw(BUS, "2")
    expect(desk.page.locator(".saving")).to_have_text("offline, 1 change kept here")
    desk.page.unroute("**/api/labels/**")
    desk.page.reload()
    desk.ready(sample)
    desk.saved()
    assert classes(desk.stored(sample)) == ["bus", "car"]
    expect(desk.page.locator(".labels li[role=option]")).to_have_count(2)
    assert [one["action"] for one in desk.journal(sample)] == ["add"]


def test_an_answer_that_was_lost_does_nothing_twice(desk: Desk) -> None:
    sample = ids(desk.page)[8]
    desk.open(sample)
    lost: list[int] = []

    def cut(route: Any) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)  # the server saved it, the browser is never told
            route.abort()
        else:
            route.continue_()

    desk.page.route("**/api/labels/**", cut)
    desk.draw(BUS, "2")
    desk.saved()
    assert lost == [200]
    assert classes(desk.stored(sample)) == ["bus", "car"]
    assert [one["action"] for one in desk.journal(sample)] == ["add"]


def test_fifty_saves_and_the_next_image_are_quick(desk: Desk) -> None:
    """Generous bounds: this machine may be busy. What was measured is printed."""
    desk.open(ids(desk.page)[9])
    first = desk.labels[0]["id"]
    for turn in range(50):
        desk.ask(f"screen.editor.setAttribute([{json.dumps(first)}], 'turn', {turn})")
        desk.page.wait_for_function("() => true")
        desk.saved()
    times = sorted(desk.ask("outbox.times"))
    assert len(times) >= 50
    assert statistics.median(times) < 600
    desk.page.wait_for_timeout(500)
    desk.page.keyboard.press("d")
    desk.ready()
    desk.page.wait_for_timeout(300)
    opened = desk.page.evaluate("performance.getEntriesByName('foveal:open').at(-1).duration")
    saved, worst = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"\nsave: median {saved:.0f} ms, p95 {worst:.0f} ms; next image: {opened:.0f} ms")
    assert opened < 500


def test_the_sheet_of_keys_opens_and_closes(desk: Desk) -> None:
    desk.open()
    desk.page.keyboard.press("?")
    sheet = desk.page.locator("dialog.keysheet")
    sheet.wait_for()
    expect(sheet).to_contain_text("undo, across images")
    expect(sheet).to_contain_text("Box")
    desk.page.keyboard.press("?")
    sheet.wait_for(state="hidden")


def test_an_app_that_is_killed_loses_nothing_that_was_drawn(desk: Desk, address: Any) -> None:
    """Killed with changes on their way, and started again on the same port: they arrive, once."""
    sample = ids(desk.page)[10]
    desk.open(sample)
    desk.page.route("**/api/labels/**", lambda route: _kill(route, address))
    desk.draw(BUS, "2")
    desk.draw((0.05, 0.6, 0.2, 0.2), "2")
    address.app.wait(20)
    desk.page.unroute("**/api/labels/**")
    expect(desk.page.locator(".saving")).to_contain_text("kept here")
    again = restarted(address)
    try:
        desk.saved(60)
        assert classes(desk.stored(sample)) == ["bus", "bus", "car"]
        assert [one["action"] for one in desk.journal(sample)] == ["add"] * 2
    finally:
        again.terminate()
        again.wait(20)


def _kill(route: Any, address: Any) -> None:
    """Let the server have a change, and kill it before it can tell."""
    if route.request.method != "POST":
        route.fallback()
        return
    with suppress(Error):
        route.fetch()
    address.app.kill()
    route.abort()


def restarted(address: Any) -> "subprocess.Popen[bytes]":
    """The app on the same home and port."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("FIFTYONE_", "FOVEAL_"))}
    env |= {"FOVEAL_HOME": str(address.home), "FOVEAL_IDLE": "5"}
    port = address.rpartition(":")[2]
    app = subprocess.Popen([sys.executable, "-m", "app", "serve", "--port", port], cwd=CHECKOUT, env=env)
    deadline = time.monotonic() + 120
    while not is_up(address) and time.monotonic() < deadline:
        time.sleep(0.3)
    return app
