"""The table of labels that is written beside unpacked images: the csv that Foveal reads."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field

from datasets.exchange.formats.tables.cells import cell
from datasets.exchange.unpacking.writing import Writer


@dataclass
class LabelTable:
    """Rows of labels by column name, as text, and the classes in their order."""

    rows: list[Mapping[str, str]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)

    def add(self, row: Mapping[str, str]) -> None:
        """One row more."""
        self.rows.append(row)

    def write(self, writer: Writer) -> None:
        """`labels.csv`, and `classes.txt` where classes are known; nothing where no row says more than its image."""
        header = list(dict.fromkeys(name for row in self.rows for name in row))
        if not any(value for row in self.rows for name, value in row.items() if name not in ("image", "split")):
            return
        with (writer.root / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
            made = csv.writer(stream)
            made.writerow(header)
            made.writerows([cell(row.get(name, "")) for name in header] for row in self.rows)
        names = list(dict.fromkeys(name for name in self.classes if name.strip() and "\n" not in name))
        if names:
            (writer.root / "classes.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
