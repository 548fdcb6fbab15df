"""Seeded, stratified splits without overlap, independent of the order of the listing. Pure except `same_content`.

Greedy iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, "On the stratification of multi-label data"):
the rarest class is assigned first, and each sample goes to the split that lacks that class most.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets.errors import SplitError
from datasets.images.regular import open_regular
from datasets.records import SPLITS, Finding

Fractions = tuple[float, float, float]
DEFAULT_FRACTIONS: Fractions = (0.7, 0.15, 0.15)
DEFAULT_SEED = 51


@dataclass(frozen=True, slots=True)
class Item:
    """One sample to be split: a stable key (its relative path), its classes, and the group that stays together.

    One that is `fixed` stays in that split, and its group with it.
    """

    key: str
    classes: tuple[str, ...] = ()
    group: str = ""
    fixed: str = ""


def split(items: Sequence[Item], fractions: Fractions = DEFAULT_FRACTIONS, seed: int = DEFAULT_SEED) -> list[str]:
    """A split for each item. Items of one group (an empty one is no group) share theirs; fixed ones count as they lie.

    Raises SplitError unless there are three shares of at least 0 that add up to 1.
    """
    _check(fractions)
    groups = _groups(items, seed)
    chosen = _Balance(groups, fractions).assign()
    where = {index: name for group, name in zip(groups, chosen, strict=True) for index in group.members}
    return [where[index] for index in range(len(items))]


def filled(items: Sequence[Item], chosen: Sequence[str], needed: Sequence[str] = ("train", "val")) -> list[str]:
    """The same splits, but that each needed one holds something, as long as there are enough groups to give.

    What is moved comes from the largest split: the group whose classes are the least missed there.
    """
    where = list(chosen)
    for name in needed:
        if name not in where and (members := _spared(items, where, needed)):
            for index in members:
                where[index] = name
    return where


def own_split(named: Mapping[str, int], where: Path, fractions: Fractions, seed: int) -> Finding:
    """A note that a split is ours; `named` counts the samples of each split that the source names, "" for none."""
    drawn = "/".join(f"{100 * share:.3g}" for share in fractions)
    action = f"{drawn} for train/val/test was drawn by Foveal with seed {seed}"
    theirs = ", ".join(f"{name} {count:,}" for name, count in named.items() if name)
    found = f"{theirs}, which you asked to replace" if theirs else "none named"
    return Finding("note", "own_split", str(where), "the splits of the source", found, action)


def same_content(paths: Sequence[Path]) -> list[str]:
    """A group name for each file that has exact copies among the others, else "".

    Only files of equal size are opened, and only those with the same bytes in the middle are read to the end. A file
    that is gone has no copies.
    """
    groups = [_size(path) for path in paths]
    for digest in (_middle, _whole):
        shared = Counter(groups)
        groups = [
            f"{group}-{digest(path)}" if group and shared[group] > 1 else ""
            for path, group in zip(paths, groups, strict=True)
        ]
    copies = Counter(groups)
    return [group if copies[group] > 1 else "" for group in groups]


@dataclass(frozen=True, slots=True)
class _Group:
    members: tuple[int, ...]
    classes: Counter[str]
    fixed: str = ""


def _spared(items: Sequence[Item], where: Sequence[str], needed: Sequence[str]) -> tuple[int, ...]:
    """A group of the largest split, if that keeps another; empty if no split can give."""
    groups = _groups(items, 0)
    sizes = Counter(where[group.members[0]] for group in groups)
    for giver, count in sizes.most_common():
        own = [group for group in groups if where[group.members[0]] == giver]
        free = [group for group in own if not group.fixed]
        if free and (count > 1 or giver not in needed):
            held = Counter(name for group in own for name in group.classes)
            spared = max(free, key=lambda one: min((held[name] for name in one.classes), default=len(own)))
            return spared.members
    return ()


def _check(fractions: Fractions) -> None:
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        given = ", ".join(f"{share:g}" for share in fractions)
        raise SplitError(
            f"expected shares of train, val and test that add up to 1, such as 0.7,0.15,0.15; found {given}"
        )


def _groups(items: Sequence[Item], seed: int) -> list[_Group]:
    """Groups in an order that the seed and the keys decide."""
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        members[("group", item.group) if item.group else ("key", item.key)].append(index)
    made = [
        _Group(
            tuple(found),
            Counter(name for index in found for name in set(items[index].classes)),
            next((items[index].fixed for index in found if items[index].fixed), ""),
        )
        for found in members.values()
    ]
    return sorted(made, key=lambda group: _rank(min(items[index].key for index in group.members), seed))


def _rank(key: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}/{key}".encode(errors="surrogateescape"), digest_size=16).digest()


class _Balance:
    """How much each split still lacks, in samples and in samples of each class."""

    def __init__(self, groups: Sequence[_Group], fractions: Fractions) -> None:
        self.groups = groups
        self.open = [name for name, share in zip(SPLITS, fractions, strict=True) if share > 0]
        self.shares = {name: share for name, share in zip(SPLITS, fractions, strict=True) if share > 0}
        total = sum(len(group.members) for group in groups)
        self.missing = {name: share * total for name, share in self.shares.items()}
        counts = sum((group.classes for group in groups), Counter[str]())
        self.rarest_first = sorted(counts, key=lambda name: (counts[name], name))
        self.missing_of = {
            name: {kind: share * count for kind, count in counts.items()} for name, share in self.shares.items()
        }

    def assign(self) -> list[str]:
        """A split for each group."""
        chosen = {index: group.fixed for index, group in enumerate(self.groups) if group.fixed}
        for index, name in chosen.items():
            self._take(self.groups[index], name)
        holders: dict[str, list[int]] = defaultdict(list)
        for index, group in enumerate(self.groups):
            for name in group.classes:
                holders[name].append(index)
        for name in self.rarest_first:
            for index in holders[name]:
                if index not in chosen:
                    chosen[index] = self._place(self.groups[index], name)
        for index, group in enumerate(self.groups):
            if index not in chosen:
                chosen[index] = self._place(group, None)
        return [chosen[index] for index in range(len(self.groups))]

    def _place(self, group: _Group, name: str | None) -> str:
        def need(where: str) -> tuple[float, float]:
            of_class = self.missing_of[where][name] if name else 0.0
            return round(of_class, 9), round(self.missing[where], 9)

        best = max(self.open, key=need)
        self._take(group, best)
        return best

    def _take(self, group: _Group, where: str) -> None:
        if where in self.missing:
            self.missing[where] -= len(group.members)
            for kind, count in group.classes.items():
                self.missing_of[where][kind] -= count


def _size(path: Path) -> str:
    try:
        return str(path.stat().st_size)
    except OSError:
        return ""


def _middle(path: Path) -> str:
    with open_regular(path) as stream:
        stream.seek(max(0, path.stat().st_size // 2 - 2048))
        return hashlib.blake2b(stream.read(4096), digest_size=16).hexdigest()


def _whole(path: Path) -> str:
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
