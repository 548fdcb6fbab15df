"""The scripts of the pages: their own tests, run by node, and what their text must hold to."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.api.assets import FOLDER

HERE = Path(__file__).parent
TEXTS = sorted(file for file in FOLDER.iterdir() if file.suffix in {".js", ".css", ".svg", ".json"})
WIDTH = 120
INNER = r"(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*"
TYPE = re.compile(rf"@(?:type|param|returns|typedef|property|template|satisfies)\s*\{{({INNER})\}}")
LOOSE = re.compile(r"\b(?:any|Function|Object)\b|\*|^\?$")


def test_the_scripts_pass_their_own_tests() -> None:
    node = [str(Path(sys.executable).with_name("node")), "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"]
    tests = sorted(map(str, HERE.glob("*.test.mjs")))
    found = subprocess.run(
        [*node, "--test", "--test-isolation=none", "--test-reporter=spec", *tests],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    passed = re.search(r"pass (\d+)", found.stdout)
    assert found.returncode == 0, found.stdout + found.stderr
    assert passed
    assert int(passed[1]) >= len(tests)


@pytest.mark.parametrize("file", [file for file in TEXTS if file.suffix == ".js"], ids=lambda file: file.name)
def test_types_say_what_a_value_is(file: Path) -> None:
    """No `any`, also by its other names; and nothing that keeps the type checker from looking."""
    text = re.sub(r"\n\s*\* ?", " ", file.read_text(encoding="utf-8"))
    assert [found for found in TYPE.findall(text) if LOOSE.search(found)] == []
    assert not re.search(r"@ts-(?:ignore|nocheck|expect-error)", text)


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.name)
def test_lines_are_short(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > WIDTH] == []
