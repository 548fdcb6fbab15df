"""What became of the names of images in a source: which image each was taken for, and which led to none."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, imagenames
from datasets.exchange.formats.common.finder import Found, folded
from datasets.records import first_paths

Asked = tuple[str, str]  # a name, and the first folder that it is relative to
_SHOWN = 20
_LONGEST = 1000  # letters of a name that are kept
_TRIED = 20  # names that are looked for in folders nearby
_LOOKED = 300  # folders nearby


@dataclass
class Searches:
    """`several` images by the name that fits them, `addresses` on other machines, `missing` names without an image.

    `refused` are names that must not be taken for an image, since it is that of another name; `lost` those that were.
    """

    several: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused: frozenset[tuple[Asked, Path]] = frozenset()
    lost: dict[str, Path] = field(default_factory=dict)
    _standing: set[Path] = field(default_factory=set)
    _ends: dict[Path, dict[Asked, Found]] = field(default_factory=dict)
    _by_name: dict[str, Path] = field(default_factory=dict)
    _endings: dict[str, Path] = field(default_factory=dict)
    _losers: frozenset[tuple[Asked, Path]] = frozenset()

    def absent(self, name: str, *, away: bool) -> None:
        """A name led to no image; `away`: to another machine."""
        if away:
            self.addresses.append(name[:_LONGEST])
        if len(self.missing) < _TRIED:
            self.missing.append(name[:_LONGEST])

    def refuses(self, asked: Asked, path: Path) -> bool:
        """Whether this image is that of another name."""
        if (asked, path) not in self.refused:
            return False
        self.lost[asked[0]] = path
        return True

    def found(self, asked: Asked, name: str, found: Found) -> None:
        """A name was taken for an image."""
        if found.path is None:
            return
        if found.shared is None:
            self._standing.add(found.path)
            return
        self._ends.setdefault(found.path, {})[asked] = found
        if found.ending:
            self._endings.setdefault(name, found.path)
        elif found.shared == 1 and len(imagenames.parts(asked[0])) > 1:
            self._by_name.setdefault(name, found.path)

    def disputed(self) -> bool:
        """Whether an image was taken for a name although it is that of another one."""
        self._losers = frozenset(
            (asked, path) for path, names in self._ends.items() for asked in self._lose(path, names)
        )
        return bool(self._losers)

    def again(self) -> "Searches":
        """For reading the source again without what was disputed."""
        return Searches(refused=self.refused | self._losers)

    def _lose(self, path: Path, names: dict[Asked, Found]) -> Iterator[Asked]:
        if path in self._standing:
            yield from (asked for asked, found in names.items() if not _moved(asked[0], found))
            return
        ranks = {asked: (found.shared or 0, not found.ending) for asked, found in names.items()}
        best = [asked for asked, rank in ranks.items() if rank == max(ranks.values())]
        yield from (asked for asked in names if asked not in best or len(best) > 1)

    def tell(self, root: Path, findings: Findings) -> None:
        """One finding for each kind, with its number and examples."""
        if self.several:
            name, fits = next(iter(self.several.items()))
            shown = " and ".join(str(one) for one in fits[:3]) + (f" and {len(fits) - 3:,} more" if fits[3:] else "")
            found = f"{_names(len(self.several))} that {_fit(len(self.several))} several; {name} fits {shown}"
            action = (
                "none of them is taken; write more of the path into the labels, or give each image a name of its own"
            )
            findings.warn("several_images", root, "one image for each name", found, action, **_of(self.several))
        if self.lost:
            name, path = next(iter(self.lost.items()))
            count = len(self.lost)
            found = f"{_names(count)} that only {_lead(count)} to the image of another name; {name} to {path}"
            findings.warn("other_image", root, "an image for each name", found, "left out", **_of(self.lost))
        if self._by_name:
            name, path = next(iter(self._by_name.items()))
            found = f"{_names(len(self._by_name))} with other folders; {name} is {path}"
            action = "taken, since no other image has this name"
            findings.note("found_by_name", root, "images where their names say", found, action, **_of(self._by_name))
        if self._endings:
            name, path = next(iter(self._endings.items()))
            found = f"{_names(len(self._endings))} with another ending; {name} is {path}"
            findings.note("other_ending", root, "images named as they are", found, "taken", **_of(self._endings))
        if self.addresses:
            one = self.addresses[0][:200]
            found = f"{len(self.addresses):,} on another machine, or inside the labels; {one}"
            action = "nothing is fetched; download them, and name their folder (--images DIR)"
            findings.warn("web_images", root, "image files on this machine", found, action, count=len(self.addresses))


def would_do(root: Path, names: Sequence[str]) -> Path | None:
    """A folder beside `root` that holds images of these names; only lists of names are looked at, a bounded number.

    None when there is none, or when several would do equally well.
    """
    wanted = {
        folded(parts[-1]) for name in names for way in imagenames.ways(name)[:1] if (parts := imagenames.parts(way))
    }
    hits: dict[Path, int] = {}
    for folder in islice(_nearby(root), _LOOKED):
        try:
            with os.scandir(folder) as entries:
                held = sum(folded(one.name) in wanted for one in islice(entries, 200_000) if files.is_image(one.name))
        except OSError:
            continue
        if held:
            hits[folder] = held
    best = [folder for folder, held in hits.items() if held == max(hits.values())]
    return best[0] if len(best) == 1 else None


def _nearby(root: Path) -> Iterator[Path]:
    """Folders beside a folder, and two levels below these."""
    for one in _folders(root.parent):
        if one == root:
            continue
        yield one
        for inner in _folders(one):
            yield inner
            yield from _folders(inner)


def _folders(path: Path) -> list[Path]:
    try:
        with os.scandir(path) as entries:
            some = islice(entries, 10_000)
            return sorted(Path(one.path) for one in some if not one.name.startswith(".") and one.is_dir())
    except OSError:
        return []


def _moved(name: str, found: Found) -> bool:
    """Whether an absolute name is that of the image where the whole set lay before."""
    absolute = name.startswith("/") or name[1:2] == ":"
    return absolute and found.whole and (found.shared or 0) >= 2


def _names(count: int) -> str:
    return "1 name" if count == 1 else f"{count:,} names"


def _fit(count: int) -> str:
    return "fits" if count == 1 else "fit"


def _lead(count: int) -> str:
    return "leads" if count == 1 else "lead"


def _of(found: dict[str, Path] | dict[str, tuple[Path, ...]]) -> dict[str, object]:
    paths = [
        str(one)
        for value in islice(found.values(), _SHOWN)
        for one in (value if isinstance(value, tuple) else (value,))
    ]
    return {"count": len(found), "paths": first_paths(paths)}
