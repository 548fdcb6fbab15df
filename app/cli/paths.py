"""Paths on the command line, refused where they are empty: an unset variable would else name the folder one is in."""

import argparse
from pathlib import Path


def given(text: str) -> Path:
    """A path of at least one letter."""
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a path, found none; `.` names the folder that you are in")
    return Path(text)
