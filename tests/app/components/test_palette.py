"""Class colours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.api.assets import FOLDER
from app.components import palette
from datasets.exchange import importing
from datasets.labeling import schemas
from datasets.workspace import Workspace
from tests.helpers import make_class_folders


# test vectors of draft-eastlake-fnv, appendix C
@pytest.mark.parametrize(("text", "value"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_the_hash_is_fnv1a(text: str, value: int) -> None:
    assert palette.hash32(text) == value


def test_classes_of_a_dataset_get_different_colours() -> None:
    names = [f"class {number}" for number in range(20)]
    assert len(set(palette.colouring(names).values())) == 20


def test_colours_do_not_depend_on_the_order_of_the_classes() -> None:
    names = ["car", "bus", "person", "dog"]
    assert palette.colouring(names) == palette.colouring(names[::-1])


@pytest.mark.parametrize("names", [["car", "bus", "Ärger", "𝒳", "\uffee"], [f"c{n}" for n in range(40)]])
def test_the_browser_chooses_the_same_colours(names: list[str]) -> None:
    fake = f"globalThis.fetch = async () => ({{json: async () => ({(FOLDER / 'palette.json').read_text()})}});"
    ask = f"const {{colouring}} = await import({json.dumps((FOLDER / 'palette.js').as_uri())});"
    tell = f"const n = {json.dumps(names)}; console.log(JSON.stringify(n.map(colouring(n))));"
    script = [Path(sys.executable).with_name("node"), "--input-type=module", "-e", fake + ask + tell]
    found = subprocess.run(script, capture_output=True, text=True, check=True, timeout=60)
    chosen = palette.colouring(names)
    assert json.loads(found.stdout) == [chosen[name] for name in names]


def test_a_chosen_colour_wins_wherever_the_dataset_is_drawn(database: Workspace, tmp_path: Path) -> None:
    importing.ingest(make_class_folders(tmp_path / "source", 6), "tiny")
    before = palette.of_dataset("tiny")
    held = schemas.read("tiny", "ground_truth")
    name = held.schema.names[0]
    chosen = {name: {"colour": "#123456"}}
    classes = tuple(one.model_copy(update=chosen.get(one.name, {})) for one in held.schema.classes)
    schemas.write("tiny", "ground_truth", held.schema.model_copy(update={"classes": classes}), if_match=held.etag)
    assert palette.chosen("tiny") == {name: "#123456"}
    assert palette.of_dataset("tiny") == {**before, name: "#123456"}
    assert palette.colour_of("tiny")(name) == (0x12, 0x34, 0x56)
