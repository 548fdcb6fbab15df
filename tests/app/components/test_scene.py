"""What is on an image, in words, as the browser says it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.api.assets import FOLDER

PLURALS = {
    "car": "cars", "person": "people", "Person": "People", "pedestrian": "pedestrians", "bus": "buses",
    "bench": "benches", "box": "boxes", "glass": "glasses", "knife": "knives", "sheep": "sheep", "mouse": "mice",
    "berry": "berries", "toy": "toys", "traffic light": "traffic lights", "hot dog": "hot dogs", "skis": "skis",
    "scissors": "scissors", "Platelets": "Platelets", "RBC": "RBCs", "SignSymbol": "SignSymbols", "woman": "women",
    "fireman": "firemen", "human": "humans", "nucleus": "nuclei", "wine_glass": "wine_glasses",
    "toothbrush": "toothbrushes", "potato": "potatoes", "photo": "photos", "": "",
}  # fmt: skip


def told(expression: str) -> Any:
    """What an expression of the module means, as JSON."""
    module = json.dumps((FOLDER / "scene.js").as_uri())
    script = f"const m = await import({module}); console.log(JSON.stringify({expression}));"
    node = [Path(sys.executable).with_name("node"), "--input-type=module", "-e", script]
    return json.loads(subprocess.run(node, capture_output=True, text=True, check=True, timeout=60).stdout)


def test_common_words_have_their_plurals() -> None:
    assert told(f"{json.dumps(list(PLURALS))}.map(m.plural)") == list(PLURALS.values())


def test_a_scene_is_told_by_counts_the_most_frequent_first() -> None:
    names = ["car"] * 5 + ["person"] * 1204 + ["traffic_light"]
    items = [{"label": {"label": name, "box": [0, 0, 1, 1]}} for name in names]
    whole = [{"label": {"label": "outdoor", "box": None}}]
    assert told(f"m.scene({json.dumps(items + whole)})") == "1,204 people, 5 cars, 1 traffic light"
    assert told("m.scene([])") == ""
