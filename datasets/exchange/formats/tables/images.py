"""The image that a row of a table names."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from datasets.exchange.formats.common import files, splits, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.tables import names
from datasets.exchange.formats.tables.table import Table, is_no, is_yes


class Images:
    """Images that the rows of one table name: by path, by file name or without extension."""

    def __init__(self, table: Table, bounds: Bounds) -> None:
        self.table, self.bounds = table, bounds
        folder = table.path.parent
        below = "" if folder == bounds.root else folder.name  # how a person calls the whole source is no split
        self.of_table = splits.split_in(table.path.stem) or files.split_of(below)
        self._near = lru_cache(maxsize=None)(self._folders)

    def name(self, cells: Sequence[str]) -> str:
        """The name of the image of a row, behind its folder where a column holds that."""
        name = cells[self.table.image]
        folder = cells[self.table.folder] if self.table.folder is not None else ""
        return f"{folder.rstrip('/')}/{name}" if folder and "/" not in name else name

    def split(self, cells: Sequence[str]) -> str | None:
        """The split of a row: as its column says, else that of the table by its name or folder."""
        return self.said(cells) or self.of_table

    def said(self, cells: Sequence[str]) -> str | None:
        """The split that the column of splits says: by a word, or by yes and no (`is_valid`)."""
        if self.table.split is None:
            return None
        text, flag = cells[self.table.split], names.FLAGS.get(self.table.plain[self.table.split])
        if flag:
            return flag[0] if is_yes(text) else flag[1] if is_no(text) else None
        return files.split_of(text)

    def has_any(self, most: int) -> bool:
        """Whether an image of the first rows is there; nothing is told."""
        return any(self.is_there(self.name(cells), self.split(cells)) for _, cells in self.table.rows[:most])

    def find(self, name: str, split: str | None = None) -> Path | None:
        """The image of a name: in a folder of its split, else where `Bounds.image` finds it, which tells of None."""
        return self.bounds.image(name, self._near(split), self.table.path)

    def is_there(self, name: str, split: str | None = None) -> bool:
        """Whether the image of a name exists; nothing is told."""
        found = self.bounds.seek(name, self._near(split), self.table.path) if name else None
        return found is not None and files.is_file(found)

    def _folders(self, split: str | None) -> list[Path]:
        """The folder of the table, behind those named like the split: beside the table, or in folders beside it."""
        tops = dict.fromkeys([self.table.path.parent, self.bounds.root])
        beside = [folder for top in tops for folder in tree.listing(top).folders] if split else []
        named = [folder for folder in beside if files.split_of(folder.name) == split]
        if not named:
            inner = [one for folder in beside[:100] for one in tree.listing(folder).folders]
            named = [folder for folder in inner if files.split_of(folder.name) == split]
        return [*named, self.table.path.parent]
