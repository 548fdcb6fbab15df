"""The whole database as bytes and back: every collection with its documents and indexes, for backups.

Documents are BSON as the server sends them, in parts of bounded size. When a workspace moves, its old path is replaced
in all texts (paths of media, masks and thumbnails, saved views); binary values stay as they are.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import bson
from bson import json_util
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import PyMongoError

from datasets import faults
from datasets.errors import DatabaseError, FormatError
from datasets.storage import database
from datasets.workspace import ROOT

PART = 16 << 20  # bytes
LARGEST = 17 << 20  # bytes of a document: the server's 16 MB and its own additions
TRIES = 3
_RAW = CodecOptions(document_class=RawBSONDocument)
_PLAIN = CodecOptions(document_class=dict, tz_aware=False)
_CONFIG = "config"
Move = Callable[[str], str]


def size() -> int:
    """The approximate number of bytes that `dump` writes."""
    return int(database.connect().command("dbStats")["dataSize"])


def is_empty() -> bool:
    """Whether the database holds nothing but what FiftyOne writes when it first connects."""
    held = database.connect()
    return not any(held[name].find_one({}, {"_id": 1}) for name in names() if name != _CONFIG)


def dump(begin: Callable[[], None], take: Callable[[str, bytes], None]) -> bool:
    """Pass every collection to `take(name, bytes)` in parts. Returns whether the dump is consistent (of one moment).

    Nobody waits: when something was written meanwhile, it starts over. After three tries the writers of our own server
    wait for the fourth; those of another server continue, and then collections may differ by some seconds.
    """
    for _ in range(TRIES):
        begin()
        before = _written()
        _dump(take)
        if before is not None and _written() == before:
            return True
    if not database.status().ours:
        return False
    with _writers_waiting():
        begin()
        _dump(take)
    return True


def load(name: str, source: IO[bytes], move: Move | None) -> int:
    """Insert the documents of one part into a collection. Returns how many. Raises FormatError for invalid BSON."""
    count, some, held = 0, [], 0
    into = database.connect()[_checked(name)]
    if name == _CONFIG:  # a single document; that of the backup takes precedence
        into.delete_many({})
    for raw in _documents(source):
        some.append(_moved(raw, move, name))
        held += len(raw)
        if len(some) >= 1000 or held > PART:
            into.insert_many(some, ordered=True)
            count, some, held = count + len(some), [], 0
    if some:
        into.insert_many(some, ordered=True)
    return count + len(some)


def index(text: bytes) -> None:
    """Create the collections and indexes that `indexes` returned."""
    held, there = database.connect(), set(names())
    for name, found in json.loads(text).items():
        if _checked(name) not in there:  # an empty collection without indexes is one too
            held.create_collection(name)
        for one in found:
            options = {key: value for key, value in json_util.loads(json.dumps(one)).items() if key in _OPTIONS}
            held[_checked(name)].create_index([(key, kind) for key, kind in one["key"]], **options)


def indexes() -> bytes:
    """The indexes of every collection, as JSON."""
    held = database.connect()
    found = {name: [_index(one) for one in held[name].list_indexes() if one["name"] != "_id_"] for name in names()}
    return str(json_util.dumps(found)).encode()


def names() -> list[str]:
    """The names of all collections that belong in a backup."""
    listed = database.connect().list_collection_names()
    return sorted(name for name in listed if not name.startswith("system."))


def clear() -> None:
    """Drop every collection: for a database that was empty before a failed restore."""
    for name in names():
        database.connect().drop_collection(name)


def outside(home: Path) -> tuple[int, int]:
    """How many samples there are, and how many of them have their media outside the workspace."""
    held, all_, away = database.connect(), 0, 0
    inside = {"filepath": {"$regex": f"^{re.escape(str(home))}/"}}
    for name in names():
        if name.startswith("samples."):
            count = held[name].count_documents({})
            all_, away = all_ + count, away + count - held[name].count_documents(inside)
    return all_, away


def mover(old: str, new: str) -> Move | None:
    """A function that replaces an old path by a new one in texts that name a path below it; None if both are equal."""
    if old == new:
        return None
    pattern = re.compile(rf"(?:(?<![\w./-])|(?<=://)){re.escape(old)}(?=/|$|[\"'\s])")
    return lambda text: pattern.sub(lambda _: new, text) if old in text else text


_OPTIONS = ("name", "unique", "sparse", "expireAfterSeconds", "partialFilterExpression", "collation")


def _index(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": list(one["key"].items()), **{key: one[key] for key in _OPTIONS if key in one}}


def _dump(take: Callable[[str, bytes], None]) -> None:
    take("indexes.json", indexes())
    for name in names():
        for number, part in enumerate(_parts(name)):
            take(f"{name}/{number:06}.bson", part)


def _parts(name: str) -> Iterator[bytes]:
    part, held = [], 0
    found = database.connect()[name].with_options(codec_options=_RAW).find({}, sort=[("_id", 1)], batch_size=1000)
    for document in found:
        part.append(document.raw)
        held += len(document.raw)
        if held >= PART:
            yield b"".join(part)
            part, held = [], 0
    if part:
        yield b"".join(part)


def _documents(source: IO[bytes]) -> Iterator[bytes]:
    while head := source.read(4):
        length = int.from_bytes(head, "little") if len(head) == 4 else 0
        rest = source.read(length - 4) if 5 <= length <= LARGEST else b""
        if len(rest) != length - 4 or rest[-1:] != b"\0":
            raise FormatError("expected documents as BSON, found something else; take another copy of the backup")
        yield head + rest


def _moved(raw: bytes, move: Move | None, name: str) -> Any:
    """The document to insert; decoded only if a path in it may have to be replaced."""
    if move is None or name.endswith(".chunks"):
        return RawBSONDocument(raw)
    try:
        return _deep(bson.decode(raw, codec_options=_PLAIN), move)
    except bson.errors.BSONError as wrong:
        raise FormatError(f"expected documents as BSON, found something else ({wrong}); take another copy") from wrong


def _deep(value: Any, move: Move) -> Any:
    if isinstance(value, str):
        return move(value)
    if isinstance(value, dict):
        return {key: _deep(one, move) for key, one in value.items()}
    return [_deep(one, move) for one in value] if isinstance(value, list) else value


def _checked(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}", name) or name.startswith("system."):
        raise FormatError(f"expected the name of a collection, found {name[:200]!r}; take another copy of the backup")
    return name


def _written() -> tuple[int, ...] | None:
    """A number that grows with every document written on this server; None if it is not available."""
    try:
        told = database.connect().command("serverStatus", metrics=1)["metrics"]["document"]
        return int(told["inserted"]), int(told["updated"]), int(told["deleted"])
    except (PyMongoError, KeyError):
        return None


@contextmanager
def _writers_waiting() -> Iterator[None]:
    """Block writes meanwhile. A child process holds the lock, so that it is released even if this process is killed."""
    command = [sys.executable, "-m", "datasets.storage.dumping"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        if child.stdout.readline() != b"locked\n":
            raise DatabaseError(
                "expected the database to hold still for a backup, found that it does not; try again later"
            )
        try:
            yield
        finally:
            child.stdin.close()
            child.wait()


def _hold() -> None:
    server = database.connect().client.admin
    with faults.in_words():
        server.command("fsync", lock=True)
    try:
        print("locked", flush=True)  # noqa: T201  what the parent waits for
        sys.stdin.read()
    finally:
        _let_go(server)


def _let_go(server: Any) -> None:
    """Unlock, retrying as often as needed: a server that stays locked accepts no more writes."""
    while database.status().running:
        try:
            server.command("fsyncUnlock")
            return
        except PyMongoError:  # busy
            time.sleep(0.5)


if __name__ == "__main__":
    _hold()
