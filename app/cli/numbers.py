"""Numbers on the command line, refused where they are out of their range."""

import argparse
import math


def share(text: str) -> float:
    """A number from 0 to 1."""
    found = _number(text)
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, found {text!r}")
    return found


def overlap(text: str) -> float:
    """A number above 0 and at most 1: at 0 boxes that do not touch would be a hit."""
    found = _number(text)
    if not 0 < found <= 1:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and at most 1, found {text!r}")
    return found


def port(text: str) -> int:
    """A port that a program of a user may listen on."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"expected a port, a whole number from 1 to 65535, found {text!r}")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
