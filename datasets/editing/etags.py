"""The version of a field's labels: equal content has an equal ETag, whoever wrote it and whenever."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


def of(items: Sequence[Mapping[str, Any]]) -> str:
    """32 hexadecimal digits for the documents of labels, in order. The order of keys in a document does not count."""
    return hashlib.blake2b(canonical(items).encode(), digest_size=16).hexdigest()


def same(one: Any, other: Any) -> bool:
    """Whether two values are stored alike; NaN, the mark of an unseen keypoint, equals itself."""
    return canonical(one) == canonical(other)


def canonical(value: Any) -> str:
    """A value as canonical text: keys sorted, bytes by their hash, times and ids as text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return f"bytes {hashlib.blake2b(value, digest_size=16).hexdigest()}"
    return f"{type(value).__name__} {value}"
