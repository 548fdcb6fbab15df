"""The image that a cell of a table names."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.tables.table import Table


class Images:
    """Images that the rows of one table name: by path, by file name or without extension."""

    def __init__(self, table: Table, bounds: Bounds) -> None:
        self.table, self.bounds = table, bounds
        self.near = [table.path.parent]
        self._index: dict[str, list[Path]] | None = None
        self._of_split = lru_cache(maxsize=None)(self._folders)

    def name(self, cells: Sequence[str]) -> str:
        """The name of the image of a row, behind its folder where a column holds that."""
        name = cells[self.table.image]
        folder = cells[self.table.folder] if self.table.folder is not None else ""
        return f"{folder.rstrip('/')}/{name}" if folder and "/" not in name else name

    def find(self, name: str, split: str | None = None) -> Path | None:
        """The image file of a name, or None: in a folder of its split, else wherever the source has just one."""
        if not name:
            return None
        for folder in self._of_split(split) if split else ():
            here = files.find_image(folder / name) or files.find_stem((folder / name).parent, Path(name).name)
            if here is not None and self.bounds.holds(here):
                return here
        found = self.bounds.image(name, self.near)
        if found is None or files.is_file(found):
            return found
        return self._by_end(name)

    def _by_end(self, name: str) -> Path | None:  # until the finder of `bounds` does it
        if self._index is None:
            self._index = {}
            for path in files.images_below(self.bounds.root):
                for key in {path.name.lower(), path.stem.lower()}:
                    self._index.setdefault(key, []).append(path)
        parts = Path(name.replace("\\", "/")).parts
        some = self._index.get(parts[-1].lower(), ())
        for count in range(len(parts), 0, -1):
            end = [part.lower() for part in parts[-count:]]
            fit = [one for one in some for last in (one.name, one.stem)
                   if [*(part.lower() for part in one.parts[-count:-1]), last.lower()] == end]  # fmt: skip
            if fit:
                return fit[0] if len(fit) == 1 else None
        return None

    def _folders(self, split: str) -> list[Path]:
        """Folders beside the table, and in folders beside it, that are named like a split."""
        tops = [self.table.path.parent, self.bounds.root]
        one = [folder for top in dict.fromkeys(tops) for folder in _folders_in(top)]
        named = [folder for folder in one if files.split_of(folder.name) == split]
        return named or [
            inner for folder in one[:100] for inner in _folders_in(folder) if files.split_of(inner.name) == split
        ]


def _folders_in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
