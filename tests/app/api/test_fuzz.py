"""Rubbish in every place of every route, from the table of routes: each is refused in words, none is a server error."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from app.api.assets import version
from app.api.routes import routes
from datasets.exchange import importing
from datasets.views import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import make_coco_masks

# As they stand in an address; `%ED%A0%80` is half a surrogate pair, `%C2%B2` a raised 2, `%D9%A3` an Arabic 3
RUBBISH = (
    *("", "-1", "0", "1.5", "1e309", "NaN", "-Infinity", "true", "null", "9" * 25, "-" + "9" * 25, "9" * 6000, "0x10"),
    *("%00", "a%00b", "%ED%A0%80", "%FF%FE", "%", "%zz", "%C2%B2", "%D9%A3", "%F0%9F%90%B1", "%E2%80%AE", "%0d%0a"),
    *(
        "%5B%5D",
        "%7B%7D",
        "%5B1%2C2%5D",
        "%22",
        "'",
        "..",
        "..%2F..%2Fetc%2Fpasswd",
        "%2Fetc%2Fpasswd",
        "$where",
        "a.b",
    ),
    *(
        ".",
        "_id",
        "x" * 9000,
        "f" * 24,
        "0" * 24,
        "%7B%22%24gt%22%3A%22%22%7D",
        "+",
        "%20",
        "a,b,,c",
        quote("[" * 3000),
    ),
)
PART = re.compile(r"{(\w+)}")
DEEP: Any = "[" * 3000 + "]" * 3000
FILTERS = (
    {"field": "ground_truth.confidence", "op": "at_least", "values": [10**30]},
    {"field": "ground_truth.confidence", "op": "at_least", "values": ["x"]},
    {"field": "ground_truth.label", "op": "contains", "values": ["(((["]},
    {"field": "ground_truth.label", "op": "contains", "values": ["\x00"]},
    {"field": "ground_truth.label", "op": "any_of", "values": ["\x00", "a" * 20_000]},
    {"field": "ground_truth", "op": "count_at_least", "values": ["", 10**40]},
    {"field": "ground_truth", "op": "count_at_least", "values": []},
    {"field": "ground_truth", "op": "count_at_most", "values": ["red", "many"]},
    {"field": "filepath", "op": "contains", "values": ["*" * 20_000]},
    *({"field": name, "op": "exists"} for name in ("", ".", "$where", "a\x00", "a.b.c.d", "_id", "x" * 5000, "tags.0")),
    *({"field": "split", "op": op} for op in ("any_of", "at_least", "at_most", "contains", "count_at_least")),
    {"field": "tags", "op": "none_of", "values": [None]},
    {"field": "tags", "op": "any_of", "values": [True, 1.5, "x", 2**63]},
)
SPECS: tuple[Any, ...] = (
    *({"dataset": "shapes", "filters": [one]} for one in FILTERS),
    *(
        {"dataset": "shapes", "sort": name}
        for name in ("", "$x", "a\x00b", "filepath.", "_id", "ground_truth", "x" * 5000)
    ),
    *({"dataset": name} for name in ("", "\x00", "a" * 9000, "$", None, 5, [], {"$ne": ""})),
    *({"dataset": "shapes", "saved": name} for name in ("", "\x00", "x" * 9000)),
    *({"dataset": "shapes", "ids": ids} for ids in ([""], ["\x00"], ["f" * 24] * 3, [1], "x", ["zz"] * 2000)),
    *([], 5, "x", None, {"dataset": "shapes", "extra": 1}, {"dataset": "shapes", "filters": [[]]}),
)
BODIES = (
    *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"\x00", DEEP.encode(), b'{"dataset": "shapes"}', b"9" * 6000),
    *(
        json.dumps({"dataset": "shapes", "ids": ids, "tag": tag, "remove": False}).encode()
        for ids, tag in (
            *((["zz"], "t"), ([], ""), (["f" * 24], "\x00"), (["f" * 24], "a.b"), (["f" * 24], "$set"), ([5], "t")),
            *((["f" * 24], "\ud800"), (["f" * 24], "x" * 101), (["f" * 24], 5), (["\x00"], "t"), ("x", "t")),
        )
    ),
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_coco_masks(tmp_path_factory.mktemp("fuzz"), 3)


@pytest.fixture
def client(database: Workspace, source: Path) -> Iterator[TestClient]:
    importing.ingest(source, "shapes", None)
    app = Starlette(routes=routes())
    with TestClient(app, base_url="http://127.0.0.1:8501", raise_server_exceptions=False) as made:
        yield made


def known() -> dict[str, str]:
    """A value for each part of a path that leads to something."""
    row = pages.page(ViewSpec(dataset="shapes"), 1, 1).rows[0]
    label = row.labels["ground_truth"][0].id
    shown = {"dataset": "shapes", "id": row.id, "field": "ground_truth", "label_field": "ground_truth", "label": label}
    return {**shown, "version": version(), "file": "app.css", "sample": row.id, "entry": "f" * 24}


def queries() -> dict[str, str]:
    spec = quote(json.dumps({"dataset": "shapes"}))
    first = known()["id"]
    return {"spec": spec, "ids": first, "page": "1", "size": "5", "side": "256", "seed": "1", "steps": "%5B%5D"}


def asked(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that a route looks for in the query."""
    found: set[str] = set()
    for name in ("get", "getlist", "__contains__", "__getitem__"):
        plain = getattr(QueryParams, name)

        def seen(self: Any, key: Any, *more: Any, plain: Any = plain) -> Any:
            found.add(str(key))
            return plain(self, key, *more)

        monkeypatch.setattr(QueryParams, name, seen)
    client.get(f"{path}?{joined(queries())}")
    monkeypatch.undo()
    return sorted(found)


def filled(path: str, values: dict[str, str]) -> str:
    return PART.sub(lambda part: values[part[1]], path)


def joined(query: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in query.items())


def check(client: TestClient, address: str, **more: Any) -> None:
    answer = client.request(more.pop("method", "GET"), address, **more)
    assert answer.status_code < 500, (address[:300], answer.text[:600])
    if answer.status_code >= 400 and answer.headers["content-type"].startswith("application/json"):
        said = answer.json()
        assert said["error"] and set(said) == {"error", "expected", "found", "action"}, (address[:300], said)
    elif answer.status_code >= 400:
        assert (
            answer.text == "Not Found" and answer.status_code == 404
        )  # the router's: no route of ours has such a path


READ = [route.path for route in routes() if "GET" in (route.methods or ())]


@pytest.mark.parametrize("path", READ)
def test_rubbish_in_a_path_is_refused(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = known()
    for name in PART.findall(path):
        for rubbish in RUBBISH:
            given = {**values, name: rubbish if len(rubbish) < 4000 else rubbish[:3000]}
            check(client, f"{filled(path, given)}?{joined(queries())}")


@pytest.mark.parametrize("path", READ)
def test_rubbish_in_a_query_is_refused(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values, whole = known(), queries()
    here = filled(path, values)
    for name in asked(client, here, monkeypatch):
        rest = joined({other: value for other, value in whole.items() if other != name})
        for rubbish in RUBBISH:
            check(client, f"{here}?{rest}&{name}={rubbish}")
        check(client, f"{here}?{rest}&{name}={whole.get(name, '1')}&{name}=%00&{name}[]=2")
        check(client, f"{here}?{rest}")


def test_odd_views_are_refused(client: TestClient) -> None:
    for spec in SPECS:
        check(client, f"/api/page?page=1&size=5&spec={quote(json.dumps(spec))}")
    for text in (DEEP, '{"dataset": "shapes", "filters": ' + "[" * 500 + "]" * 500 + "}", '{"dataset": "\\ud800"}'):
        check(client, f"/api/page?page=1&size=5&spec={quote(text)}")
    for page in ("1", "2147483647", "9" * 18):
        check(client, f"/api/page?{joined({**queries(), 'page': page, 'size': page})}")


def test_odd_steps_are_refused(client: TestClient) -> None:
    steps: list[Any] = [
        5,
        "x",
        [5],
        [[]],
        [{}],
        [{"name": "\x00"}],
        [{"name": "HorizontalFlip", "p": 10**40}],
        {"a": 1},
    ]
    steps += [[{"name": "HorizontalFlip", "p": "x"}], [{"name": "Blur", "options": {"blur_limit": 10**9}}], None]
    for one in steps:
        check(client, f"/api/augmented/shapes?{joined({**queries(), 'steps': quote(json.dumps(one))})}")
    check(client, f"/api/augmented/shapes?{joined({**queries(), 'steps': '[' * 3000 + ']' * 3000})}")


def test_odd_bodies_are_refused(client: TestClient) -> None:
    for body in BODIES:
        check(client, "/api/tags", method="POST", content=body)


@pytest.mark.slow
def test_much_rubbish_at_once(client: TestClient) -> None:
    dice, names = random.Random(8), [*queries(), "field", "run", "label", "only", "hide", "least", "style", "by", "v"]
    for _ in range(1500):
        values = {**known(), **{name: dice.choice(RUBBISH)[:2000] for name in known() if dice.random() < 0.3}}
        path = filled(dice.choice(READ), values)
        query = {name: dice.choice(RUBBISH) for name in dice.sample(names, 4)}
        check(client, f"{path}?{joined({**queries(), **query})}")
