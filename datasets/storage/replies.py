"""The server's replies to a query, undecoded, for `columns`: the fastest way from the database to arrays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bson import CodecOptions, Int64
from bson.raw_bson import RawBSONDocument

from datasets.storage import collection, layout
from datasets.storage.bsonwalk import reply

BATCH = 20_000  # documents asked for at a time; the server sends at most 16 MB


def raw_batches(
    name: str, projection: Mapping[str, Any], match: Mapping[str, Any] | None = None, ids: Sequence[str] | None = None
) -> Iterator[bytes]:
    """Undecoded documents in the order of their ids, at most 16 MB at a time, for `columns`; of sorted `ids` alone."""
    wanted = collection.samples(name)
    parts = [None] if ids is None else [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    for some in parts:
        chosen = {**(match or {}), **({} if some is None else {"_id": {"$in": layout.object_ids(some)}})}
        yield from _raw(wanted, {"find": wanted.name, "filter": chosen, "projection": projection, "sort": {"_id": 1}})


def view_batches(view: Any, projection: Mapping[str, Any]) -> Iterator[bytes]:
    """The same from FiftyOne's dataset or view, whose own stages may filter samples and labels; in its order."""
    layout.check_version()
    wanted = view._dataset._sample_collection
    steps = [*view._pipeline(), {"$project": dict(projection)}]
    yield from _raw(wanted, {"aggregate": wanted.name, "pipeline": steps, "allowDiskUse": True})


def _raw(of: Any, command: dict[str, Any]) -> Iterator[bytes]:
    """The server's replies to a query, as the BSON arrays of documents in them.

    pymongo's own raw cursor decodes each reply and joins its documents again, which costs as much as reading them.
    """
    database, plain = of.database, CodecOptions(document_class=RawBSONDocument)
    size = {"cursor": {"batchSize": BATCH}} if "aggregate" in command else {"batchSize": BATCH}
    with database.client.start_session() as session:
        raw = database.command({**command, **size}, codec_options=plain, session=session).raw
        rest, array = reply(raw)
        try:
            while array:
                yield array
                if not rest:
                    return
                more = {"getMore": Int64(rest), "collection": of.name, "batchSize": BATCH}
                rest, array = reply(database.command(more, codec_options=plain, session=session).raw)
        finally:
            if rest:
                database.command({"killCursors": of.name, "cursors": [Int64(rest)]}, session=session)
