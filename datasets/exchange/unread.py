"""Pictures of kinds that are not read (`images/suffixes.UNREAD`): counted, with the way out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from datasets.images.suffixes import UNREAD, is_unread
from datasets.records import Finding, first_paths


def unread(paths: Iterable[Path]) -> Iterator[Finding]:
    """A finding for each kind of pictures among these files that is left out."""
    kinds: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in paths:
        if is_unread(path):
            kinds[UNREAD[path.suffix.lower()]].append(path)
    for (what, action), found in kinds.items():
        endings = ", ".join(sorted({path.suffix.lower() for path in found}))
        yield Finding(
            "warning", "unread_picture", str(found[0]), "images of a kind that is read",
            f"{len(found):,} {what} ({endings})", f"they are left out; {action}", len(found),
            first_paths(found),
        )  # fmt: skip
