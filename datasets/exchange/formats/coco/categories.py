"""The classes of one COCO json: as a list with ids, as bare names, by name in each annotation, or made up."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.coco import values
from datasets.exchange.formats.coco.values import short
from datasets.exchange.formats.common import classnames
from datasets.exchange.formats.common.parsing import class_name

_SPOKEN = ("category_name", "category", "label", "class_name", "class")


@dataclass
class Categories:
    """Takes what a file says of its classes; `names` by id are known once it is `settled`."""

    path: Path
    findings: Findings
    names: dict[Any, str] = field(default_factory=dict)
    _listed: list[str] = field(default_factory=list)  # names of a list that has no ids
    _spoken: dict[Any, str] = field(default_factory=dict)  # names that annotations hold, by id
    _by_name: dict[str, Any] = field(default_factory=dict)

    def take_name(self, name: str) -> None:
        """An entry of the list that is a name alone."""
        self._listed.append(name)

    def take(self, number: int | str, entry: dict[str, Any]) -> None:
        """An entry of the list with its id."""
        where = f"{self.path.name}: category {short(number)}"
        given = entry.get("name")
        try:
            name = class_name(given)
        except ValueError as wrong:
            name = _made_up(number)
            action = f"it is called {name}; rename the class"
            self.findings.note("made_up_names", where, "the name of a class", str(wrong), action)
        known = self.names.setdefault(number, name)
        if known != name:
            found = f"both {known!r} and {given!r}"
            self.findings.warn("duplicate_id", where, "an id of its own per category", found, "the first is kept")

    def named_by(self, annotation: dict[str, Any]) -> object:
        """What an annotation says its category is: the id, or the name where it has none."""
        spoken = next((one for key in _SPOKEN if isinstance(one := annotation.get(key), str)), None)
        category = annotation.get("category_id", spoken)
        if spoken is not None and isinstance(category, int | str):
            self._spoken.setdefault(category, spoken)
        return category

    def settle(self, used: Iterable[object]) -> None:
        """The file is read: without a list classes get names from what was `used`; a name of two ids is told."""
        if not self.names:
            self._make_up({number for one in used if (number := values.identity(one)) is not None})
        for number, name in self.names.items():
            if self._by_name.setdefault(name, number) != number:
                found = f"{name!r} for {short(self._by_name[name])} and {short(number)}"
                self.findings.warn("names_twice", self.path, "a name for each id", found, "their labels are one class")

    def find(self, value: object) -> Any:
        """The id of the list that a category_id says by its value; None for none."""
        if isinstance(value, int | str) and value in self.names:
            return value
        found = values.identity(value)
        return found if found is None or found in self.names else values.Ids(self.names).find(found)

    def find_name(self, value: object) -> Any:
        """The id of the class of this name; None for none."""
        found = values.identity(value)
        return self._by_name.get(found) if isinstance(found, str) else None

    def _make_up(self, numbers: set[Any]) -> None:
        if self._listed:
            first = 0 if 0 in numbers else 1
            self.names = {first + at: name for at, name in enumerate(self._listed)}
            found = f"{len(self._listed):,} names without ids, as {self._listed[0]!r}"
            action = f"they are counted from {first}: {first} is {self._listed[0]!r}; check the classes"
            self.findings.warn("no_category_ids", self.path, "categories with an id and a name", found, action)
            return
        for number in sorted(numbers, key=lambda one: (isinstance(one, str), one)):
            try:
                self.names[number] = class_name(self._spoken.get(number, _made_up(number)))
            except ValueError:
                self.names[number] = _made_up(number)
        if numbers:
            listed = ", ".join(list(self.names.values())[:5])
            said = "the names in its annotations are used" if self._spoken else "names made of their ids are used"
            found = f"none, but annotations of {len(numbers):,} categories"
            action = f"{said} ({listed}); rename the classes, or add the list"
            self.findings.warn("no_categories", self.path, "a list `categories` that names the classes", found, action)


def _made_up(number: int | str) -> str:
    return classnames.numbered(number) if isinstance(number, int) and abs(number) < 1 << 63 else f"class_{number}"[:100]
