"""What strangers try, in a real browser: hostile names on every page, and pages without the cookie."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.hostile import CAUSE, CLASSES, DATASET, OUTSIDE, RUN, SPLIT, TAG, VIEW

BUILD = (
    "from pathlib import Path; from tests import hostile; "
    "hostile.build(Workspace.current(), Workspace.current().home / 'media')"
)
WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", e => window.broken.push(`${e.violatedDirective} ${e.blockedURI}`));
"""
# Elements that a name made: of foreign addresses, scripts, handlers; open shadow roots too.
INJECTED = """() => {
  const found = [];
  const host = text => { try { return new URL(text, document.baseURI).hostname; } catch { return ""; } };
  const look = root => { for (const e of root.querySelectorAll('*')) {
    if (e.shadowRoot) look(e.shadowRoot);
    const foreign = ['src', 'href', 'action', 'data', 'poster'].some(a => host(e.getAttribute(a)) === 'OUTSIDE');
    const handler = [...e.attributes].some(a => a.name.startsWith('on'));
    const style = (e.getAttribute('style') ?? '').includes('OUTSIDE');
    const own = e.matches('img[src="x"]') || (e.tagName === 'SCRIPT' && e.textContent.includes('alert'));
    if (foreign || handler || style || own) found.push(e.outerHTML.slice(0, 200));
  } };
  look(document);
  return found;
}""".replace("OUTSIDE", OUTSIDE)
TEXT = """() => {
  const parts = [];
  const read = root => { parts.push(root.textContent ?? root.body?.textContent ?? '');
    for (const e of root.querySelectorAll('*')) if (e.shadowRoot) read(e.shadowRoot); };
  read(document.body);
  return parts.join('\\n').replace(/\\s+/g, ' ');
}"""


@pytest.fixture(scope="module")
def address(served: Callable[..., Any]) -> Any:
    return served(None, BUILD)


@pytest.fixture
def said(page: Any) -> Iterator[list[str]]:
    """Dialogs that a script opened."""
    found: list[str] = []

    def note(dialog: Any) -> None:
        found.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    page.add_init_script(WATCH)
    yield found
    assert found == []


def runs(address: Any) -> dict[str, str]:
    """Ids of runs by the state in their names."""
    found = {}
    for file in (address.home / "runs").glob("*/job.json"):
        request = json.loads(file.read_text(encoding="utf-8"))
        found[request["name"].rpartition(" ")[2]] = file.parent.name
    return found


def look(page: Any, url: str, *words: str) -> None:
    """Open a page, wait until it shows these words letter by letter, and see that they are words alone."""
    page.goto(url)
    for word in words:
        page.wait_for_function(f"word => ({TEXT})().includes(word)", arg=" ".join(word.split()), timeout=30_000)
    page.wait_for_timeout(400)
    assert page.evaluate(INJECTED) == []
    assert page.evaluate("window.broken") == []


@pytest.mark.timeout(300)
def test_hostile_names_are_words_on_every_page(address: Any, page: Any, outside: list[str], said: list[str]) -> None:
    known, dataset = runs(address), quote(DATASET, safe="")
    page.goto(address.opened)
    look(page, f"{address}/", DATASET, CLASSES[0])
    look(page, f"{address}/browse?dataset={dataset}", DATASET)
    chip = quote(json.dumps({"filters": [{"field": "tags", "op": "any_of", "values": [TAG]}]}))
    look(page, f"{address}/browse?dataset={dataset}&view={chip}", f"tags is {TAG}")
    page.get_by_role("button", name="Views").click()
    page.get_by_text(VIEW, exact=True).wait_for()
    look(page, f"{address}/browse?dataset={dataset}&view={quote(json.dumps({'saved': VIEW}))}", f"view {VIEW}")
    look(page, f"{address}/label?dataset={dataset}", DATASET, *CLASSES[:2])
    look(page, f"{address}/train?dataset={dataset}", DATASET)
    look(page, f"{address}/jobs", "History")
    look(page, f"{address}/jobs?run={known['failed']}", RUN, CAUSE)
    look(page, f"{address}/jobs?run={known['done']}", RUN, SPLIT, CLASSES[2])
    look(page, f"{address}/models", "Models")
    look(page, f"{address}/review?run={known['done']}&dataset={dataset}&split=all", CLASSES[1])
    assert outside == []


@pytest.mark.timeout(300)
def test_an_address_is_shown_as_words(address: Any, page: Any, outside: list[str], said: list[str]) -> None:
    word = quote(f"![c](http://{OUTSIDE}/a.png) <img src=x onerror=alert(1)>", safe="")
    parameters = "&".join(
        f"{name}={word}" for name in ("dataset", "view", "run", "split", "task", "page", "sample", "field", "label")
    )
    page.goto(address.opened)
    for name in ("browse", "label", "train", "fiftyone", "jobs", "review", "models", "import", ""):
        page.goto(f"{address}/{name}?{parameters}")
        page.locator("h1").first.wait_for()
        page.wait_for_timeout(400)
        assert page.evaluate(INJECTED) == []
        assert page.evaluate("window.broken") == []
    assert outside == []


@pytest.mark.timeout(300)
def test_links_from_elsewhere_work_for_one_who_has_the_cookie(address: Any, browser: Any) -> None:
    """A link on another site is a navigation from there: the cookie must come along, and does so for pages alone."""
    context = browser.new_context()
    page = context.new_page()
    mail = (
        f'<a href="{address}/jobs">jobs</a><img src="{address}/api/page"><script>fetch("{address}/api/page")</script>'
    )
    page.route("http://mail.invalid/*", lambda route: route.fulfill(body=mail, content_type="text/html"))
    page.goto("http://mail.invalid/")
    page.get_by_text("jobs").click()
    page.get_by_text("python -m app serve --address").wait_for()
    page.goto(address.opened)
    page.get_by_text("Datasets").first.wait_for()
    assert "token" not in page.url
    page.goto("http://mail.invalid/")
    page.get_by_text("jobs").click()
    page.locator("h1").get_by_text("Jobs").wait_for()
    (cookie,) = [one for one in context.cookies() if one["name"].startswith("foveal_")]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    context.close()


@pytest.mark.timeout(300)
def test_nothing_is_answered_to_another_process(address: Any) -> None:
    for path in ("/", "/_stcore/host-config", "/api/page?dataset=x", "/media/x", "/fo/", "/_stcore/stream"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}{path}", timeout=10)
        assert refused.value.code == 403
        refused.value.close()
