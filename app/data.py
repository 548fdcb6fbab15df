"""Thin adapters to the rooms below, imported late so that a page paints before the vendors load."""

from pathlib import Path


def start_database() -> str:
    """Start or find the database server. Returns its address."""
    from datasets import database

    return database.ensure()


def wake_supervisor() -> None:
    """Let queued jobs go on."""


def media_folders() -> frozenset[Path]:
    """Folders that hold files of known datasets."""
    return frozenset()
