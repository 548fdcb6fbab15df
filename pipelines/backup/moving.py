"""Paths below a home that lies elsewhere now, put right in the files of a restored workspace."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import BackupError

Move = Callable[[str], str]
TEXTS = frozenset({".json", ".yaml", ".yml", ".md"})
LARGEST_TEXT = 64 << 20  # bytes
# Where MLflow keeps addresses of files, by table.
PLACES = (("experiments", "artifact_location"), ("runs", "artifact_uri"))


def moved(path: Path, move: Move) -> None:
    """Put the paths in one file right: tables and texts; others, such as logs and weights, stay as they are."""
    if path.suffix == ".parquet":
        _table(path, move)
    elif path.suffix in TEXTS and path.stat().st_size <= LARGEST_TEXT:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        if (new := move(text)) != text:
            path.write_text(new, encoding="utf-8", errors="surrogateescape")


def tracking(path: Path, move: Move | None) -> None:
    """Put the addresses in MLflow's file right. Raises BackupError for a file that holds no tables of its."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma trusted_schema = off")
        try:
            if db.execute("pragma quick_check").fetchone()[0] != "ok":
                raise BackupError("expected MLflow's tables, found them broken; take another copy of the backup")
            for table, column in PLACES if move else ():
                rows = db.execute(f"select rowid, {column} from {table}").fetchall()  # noqa: S608
                changed = [(_address(value, move), row) for row, value in rows if isinstance(value, str)]  # type: ignore[arg-type]
                db.executemany(f"update {table} set {column} = ? where rowid = ?", changed)  # noqa: S608
        except sqlite3.Error as wrong:
            raise BackupError(
                f"expected MLflow's tables, found a file that is none ({wrong}); take another backup"
            ) from wrong
        db.commit()


def _address(value: str, move: Move) -> str:
    head, mark, place = value.partition("://")
    return f"{head}{mark}{move(place)}" if mark else move(value)


def _table(path: Path, move: Move) -> None:
    try:
        table = pq.read_table(path)
    except (OSError, ValueError, pa.ArrowException):  # half a table: whoever reads it says so
        return
    changed = False
    for at, about in enumerate(table.schema):
        if "string" in str(about.type):
            before = table.column(at).to_pylist()
            after = _plain(before, move)
            if after != before:
                table, changed = table.set_column(at, about, pa.array(after, about.type)), True
    if changed:
        part = path.with_suffix(".moving")
        pq.write_table(table, part)
        part.replace(path)


def _plain(value: Any, move: Move) -> Any:
    if isinstance(value, str):
        return move(value)
    if isinstance(value, dict):
        return {key: _plain(one, move) for key, one in value.items()}
    return [_plain(one, move) for one in value] if isinstance(value, list) else value
