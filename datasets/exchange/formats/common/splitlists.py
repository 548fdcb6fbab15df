"""The split of images by lists of names in a source: `ImageSets/Main/train.txt`, `splits/val.txt`, `test.lst`.

A line is a path, a name or a stem, with or without a second column (`000001 -1`, `cat/1.jpg 3`), or a pattern
(`train/*.jpg`); lines that begin with `#` are remarks. A list holds for the images below its folder (for `ImageSets`
and its like below the folder around it). Lists of a split go first, then those of one class (`cat_train.txt`), then
`trainval.txt`: what it names and no other list does is for training, or for validation where there is a list of train.
"""

import fnmatch
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, opened, splits, splittables, tree
from datasets.exchange.formats.common.parsing import MOST_SMALL, json_of, read_text
from datasets.exchange.formats.common.partners import plain, shared_start
from datasets.records import SPLITS, first_paths

# Folders of lists: what they hold is for the folder around them.
HOLDERS = frozenset(
    {
        "imagesets", "imageset", "image_sets", "imagesplits", "image_splits", "main", "layout", "segmentation",
        "action", "splits", "split", "lists", "list", "sets", "meta", "labels", "annotations", "ann", "anno",
        "index", "indices", "ids", "files", "cfg", "config", "data_split", "data_splits",
    }
)  # fmt: skip
_SUFFIXES = (".txt", ".lst", ".list", ".json", ".csv", ".tsv")
_MOST_LISTS, _DEEPEST = 300, 5
_SAMPLED = 50  # lines that decide whether a text is a list of images
_NUMBER = re.compile(r"(?<!\d)\d{1,2}$")


@dataclass
class Names:
    """What lists may name below `root`: each path with the number of its image, found by stem."""

    root: Path
    paths: Sequence[tuple[int, Path]]

    @cached_property
    def _stems(self) -> dict[str, list[int]]:
        made: dict[str, list[int]] = defaultdict(list)
        for at, (_, path) in enumerate(self.paths):
            made[plain(path.stem)].append(at)
        return made

    def of_line(self, line: str, scope: Path) -> list[int]:
        """The images below `scope` that a line names: itself, else what stands before its first blank, comma or tab."""
        for text in dict.fromkeys((line, re.split(r"[\s,;]", line, maxsplit=1)[0])):
            found = self._named(text.strip("\"'"), scope)
            if found:
                return list(dict.fromkeys(self.paths[at][0] for at in found))
        return []

    def holds(self, stem: str) -> bool:
        """Whether something has this stem."""
        return plain(stem) in self._stems

    def _named(self, text: str, scope: Path) -> list[int]:
        path = PurePosixPath(text.replace("\\", "/"))
        if not path.name:
            return []
        if "*" in text:
            pattern = plain("*/" + str(path).lstrip("./"))
            return [
                at for at, (_, one) in enumerate(self.paths)
                if _inside(one, scope) and fnmatch.fnmatchcase(plain(one.as_posix()), pattern)
            ]  # fmt: skip
        stem = path.stem if files.is_image(path.name) else path.name
        found = [at for at in self._stems.get(plain(stem), ()) if _inside(self.paths[at][1], scope)]
        if len(found) < 2:
            return found
        wanted = tuple(map(plain, path.parent.parts[::-1]))
        shared = {at: shared_start(wanted, _folders(self.paths[at][1])) for at in found}
        return [at for at, worth in shared.items() if worth == max(shared.values())]


@dataclass
class _List:
    """One list of images: its `split` (None for a group), how much it counts (0 most), and what it names."""

    path: Path
    split: str | None
    rank: int
    scope: Path
    named: list[int]
    unknown: list[str]


def _folders(path: Path) -> tuple[str, ...]:
    """The last folders of a path, the innermost first."""
    return tuple(map(plain, path.parts[-2:-6:-1]))


def by_lists(names: Names, findings: Findings) -> tuple[dict[int, str], dict[int, str]]:
    """The splits, and the groups, that the lists of a source give its images, by their numbers.

    Lists of no split (`fold_1.txt`) that part the images among them make groups.
    """
    known = list(_of_one_try(list(_lists(names, findings)), findings))
    chosen: dict[int, str] = {}
    twice: dict[int, str] = {}
    for rank in (0, 1):
        fresh: dict[int, str] = {}
        for split in SPLITS:
            for number in (n for one in known if (one.rank, one.split) == (rank, split) for n in one.named):
                if fresh.setdefault(number, split) != split:
                    twice.setdefault(number, split)
        chosen = {**fresh, **chosen}
    _tell_twice(names, twice, chosen, findings)
    _take_trainval([one for one in known if one.rank == 2], chosen, names, findings)
    _tell_unknown(known, findings)
    groups = {n: one.path.stem for one in _groups(known) for n in one.named}
    return chosen, groups


def _lists(names: Names, findings: Findings) -> Iterator[_List]:
    made = 0
    for path in (one for suffix in _SUFFIXES for one in tree.with_suffix(names.root, suffix)):
        if names.holds(path.name.rpartition(".")[0]):
            continue
        if made < _MOST_LISTS and _may_list(path, names.root) and not opened.was(path):
            for one in _read(path, names, findings):
                made += 1
                yield one


def _may_list(path: Path, root: Path) -> bool:
    """Whether the name of a file, or of its folder, is that of a list of images."""
    folders = [part.lower() for part in path.relative_to(root).parts[:-1]]
    if len(folders) >= _DEEPEST:
        return False
    if path.suffix.lower() == ".json":
        return path.stem.lower().startswith("split")
    if path.suffix.lower() in (".csv", ".tsv"):
        return splittables.may_be(path)
    return (
        splittables.may_be(path) or bool(HOLDERS.intersection(folders[-1:])) or splits.split_in(path.stem) is not None
    )


def _read(path: Path, names: Names, findings: Findings) -> Iterator[_List]:
    try:
        with opened.trying():
            held = _held(path)
    except FormatError:
        return
    for word, lines in held.items():
        yield from _listed(path, word, lines, names, findings)


def _held(path: Path) -> dict[str, list[str]]:
    """What a file says by the words of splits: lists in json, a table, or a list by its own name."""
    if path.suffix.lower() == ".json":
        return _of_json(path)
    table = splittables.read(path) if splittables.may_be(path) else {}
    return table or ({} if path.suffix.lower() in (".csv", ".tsv") else {path.stem: _lines(path)})


def _lines(path: Path) -> list[str]:
    lines = map(str.strip, read_text(path, MOST_SMALL).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _listed(path: Path, word: str, lines: Sequence[str], names: Names, findings: Findings) -> Iterator[_List]:
    split, scope = splits.split_in(word), _scope(path, names.root)
    step = max(1, len(lines) // _SAMPLED)
    sample = [names.of_line(line, scope) for line in lines[::step]]
    if sum(map(bool, sample)) * 2 < len(sample) or not sample:
        if sample and splits.split_of(word) and sum(map(bool, sample)) == 0 and _look_like_names(lines[::step]):
            opened.note(path)
            findings.warn(
                "unused_list", path, "names of images of this source",
                f"{len(lines):,} lines such as {lines[0][:60]!r} that name none", "its split is not used",
                paths=(str(path),),
            )  # fmt: skip
        return
    opened.note(path)
    if names_ := splittables.beside(path):
        opened.note(names_)
    found = [(line, names.of_line(line, scope)) for line in lines]
    numbers = list(dict.fromkeys(n for _, some in found for n in some))
    rank = 2 if splits.is_trainval(word) else 0 if split and splits.split_of(word) else 1
    yield _List(path, split, rank, scope, numbers, [line for line, some in found if not some])


def _of_json(path: Path) -> dict[str, list[str]]:
    """Lists of names by split, as `{"train": ["a.jpg", ["b.jpg", 3]]}`."""
    found = json_of(read_text(path, MOST_SMALL), path)
    if not isinstance(found, dict) or not all(isinstance(value, list) for value in found.values()):
        return {}
    first = {key: [one[0] if isinstance(one, list) and one else one for one in value] for key, value in found.items()}
    return {key: value for key, value in first.items() if value and all(isinstance(one, str) for one in value)}


def _scope(path: Path, root: Path) -> Path:
    scope = path.parent
    while scope != root and scope.name.lower() in HOLDERS:
        scope = scope.parent
    return scope


def _of_one_try(found: list[_List], findings: Findings) -> Iterator[_List]:
    """All lists; but of numbered ones that contradict each other (`train1` to `train10`) those of the first number."""
    families: dict[tuple[Path, str], list[_List]] = defaultdict(list)
    for one in found:
        numbered = _NUMBER.search(one.path.stem)
        if numbered and one.split:
            families[one.path.parent, str(one.path.suffix)].append(one)
        else:
            yield one
    for (folder, _), some in families.items():
        numbers = sorted({_number(one) for one in some})
        several = len(numbers) > 1 and _contradict(some)
        if several:
            kept = f"the lists with the number {numbers[0]} are used; the others are left out"
            findings.note("several_ways", folder, "one way to split", f"{len(numbers)} numbered ones", kept)
        yield from (one for one in some if not several or _number(one) == numbers[0])


def _number(one: _List) -> int:
    found = _NUMBER.search(one.path.stem)
    return int(found.group()) if found else 0


def _contradict(some: Sequence[_List]) -> bool:
    seen: dict[int, str | None] = {}
    return any(seen.setdefault(n, one.split) != one.split for one in some for n in one.named)


def _take_trainval(lists: Sequence[_List], chosen: dict[int, str], names: Names, findings: Findings) -> None:
    for one in lists:
        own = {chosen[n] for n, path in names.paths if n in chosen and _inside(path, one.scope)}
        split = "val" if "train" in own and "val" not in own else "train"
        rest = [n for n in one.named if n not in chosen]
        chosen.update(dict.fromkeys(rest, split))
        if rest:
            findings.note(
                "trainval", one.path, "a list for each split", f"{len(rest):,} images in {one.path.name} alone",
                f"they are in {split}; put some aside for validation if there are none yet" if split == "train"
                else "what is not in the list of train is in val",
            )  # fmt: skip


def _groups(known: Sequence[_List]) -> list[_List]:
    """Lists of no split, if there are several and none names all that the others do."""
    found = [one for one in known if one.split is None]
    every = {n for one in found for n in one.named}
    return found if len(found) > 1 and all(len(one.named) < len(every) for one in found) else []


def _tell_twice(names: Names, twice: dict[int, str], chosen: dict[int, str], findings: Findings) -> None:
    if not twice:
        return
    number, split = next(iter(twice.items()))
    images, found = dict(reversed(names.paths)), f"it in those of {chosen[number]} and {split}"
    findings.warn(
        "in_two_splits", images[number], "each image in the list of one split", found,
        "the first of train, val and test counts", count=len(twice),
        paths=first_paths(images[n] for n in twice),
    )  # fmt: skip


def _tell_unknown(known: Sequence[_List], findings: Findings) -> None:
    for one in known:
        if one.unknown and one.rank != 1:
            findings.warn(
                "listed_only", one.path, "names of images of this source", f"{one.unknown[0][:80]!r}, which none has",
                "the line is left out", count=len(one.unknown), paths=(str(one.path),),
            )  # fmt: skip


def _look_like_names(lines: Sequence[str]) -> bool:
    """Whether lines may be names of images: of a few words, not prose or rows of numbers."""
    return all(len(line.split()) < 4 and len(line) < 300 and not line.endswith(":") for line in lines)


def _inside(image: Path, scope: Path) -> bool:
    return str(image).startswith(f"{scope}{os.sep}")
