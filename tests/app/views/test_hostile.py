"""Hostile names on the pages, by Streamlit's own test harness: nothing in them means anything to the browser."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from datasets.workspace import Workspace
from pipelines.jobs import ledger
from tests.app.views.test_learning import opened
from tests.hostile import DATASET, OUTSIDE, TAG, VIEW, build

TAGS = r"<img src=x|<img src=\"http|<script|<b onclick|<svg|<iframe"  # of the names; our own HTML has none of these
MARKS = re.compile(rf"(?<!\\)(!\[|\]\(|{TAGS}|:red\[|:blue\[|:material/home|`c`)|https?://canary")
MARKDOWN = {"label", "body", "help", "text"}  # the fields of Streamlit's messages that are markdown


@pytest.fixture
def runs(database: Workspace, tmp_path: Path) -> Iterator[list[str]]:
    yield build(database, tmp_path / "media")
    with ledger.opened(database) as db:
        for job in ledger.every(db):
            ledger.remove(db, job.run)
    shutil.rmtree(database.runs, ignore_errors=True)


def words(test: AppTest) -> Iterator[tuple[str, str]]:
    """All texts of the page that a browser reads as markdown or HTML."""

    def walk(node: Any) -> Iterator[Any]:
        yield node
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    for node in walk(test._tree):
        proto = getattr(node, "proto", None)
        for field, value in proto.ListFields() if isinstance(proto, Message) else ():
            if field.name in MARKDOWN and isinstance(value, str):
                yield f"{type(proto).__name__}.{field.name}", value


def test_no_page_sends_a_name_as_markdown(runs: list[str]) -> None:
    done, failed = runs
    view = json.dumps({"saved": VIEW})
    chip = json.dumps({"filters": [{"field": "tags", "op": "any_of", "values": [TAG]}]})
    word = f"![c](http://{OUTSIDE}/c.png)"
    mine = {"dataset": DATASET}
    asked: list[tuple[str, dict[str, str]]] = [("datasets", {}), ("train", mine), ("jobs", {}), ("models", {})]
    asked += [("browse", {**mine, "view": one}) for one in (view, chip)] + [("browse", {"dataset": word})]
    asked += [("jobs", {"run": run}) for run in (done, failed, word)] + [("review", {**mine, "run": done})]
    shown = [(page, *one) for page, query in asked for one in words(opened(page, **query))]
    assert [one for one in shown if (re.search(TAGS, one[2]) if one[1] == "Html.body" else MARKS.search(one[2]))] == []
    assert any(OUTSIDE in one[2] for one in shown)
