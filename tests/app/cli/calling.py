"""A verb of the command line, called as a person calls it."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main


class Caller:
    """Runs a verb with --json and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.code = 0
        self.err = ""

    def __call__(self, *words: str | Path) -> Any:
        self.code = main([*map(str, words), "--json"])
        out, self.err = self.capsys.readouterr()
        return json.loads(out) if out else None

    def text(self, *words: str | Path) -> str:
        """The same as people get it: standard output; what went to standard error is kept in `err`."""
        self.code = main([*map(str, words)])
        out, self.err = self.capsys.readouterr()
        return str(out)
