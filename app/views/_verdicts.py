"""Verdicts on the Review page: given, undone, opened as a view. They are stored at once, in the dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app import address, navigation
from app.components.asking import person
from app.components.markdown import md
from app.components.patches import GivenVerdict
from app.views._reviewed import Scored
from datasets.editing import verdicts
from datasets.editing.verdicts import Verdict
from datasets.errors import DatasetsError


@dataclass(frozen=True)
class Desk:
    """The verdicts on one dataset, and where new ones go. `current` is by id of the label, or of the sample."""

    chosen: Scored
    classes: Sequence[str]
    current: Mapping[str, Verdict]

    @classmethod
    def of(cls, chosen: Scored, classes: Sequence[str]) -> "Desk":
        """The desk of a scored run."""
        return cls(chosen, classes, _current(chosen.dataset))

    def of_item(self, item: str) -> Mapping[str, str | None] | None:
        """The verdict on a label or sample, as a card shows it."""
        found = self.current.get(item)
        return {"verdict": found.verdict, "label": found.label} if found else None

    def give(self, given: GivenVerdict) -> None:
        """Store a verdict, or undo the last one on the same item. An error is shown."""
        try:
            self._give(given)
        except DatasetsError as error:
            st.toast(md("**The verdict was not stored.** {}", error), icon=":material/error:")

    def _give(self, given: GivenVerdict) -> None:
        if given.verdict == "undo":
            earlier = _current(self.chosen.dataset).get(given.item)
            if earlier:
                verdicts.undo(self.chosen.dataset, earlier.id, who=person().who)
            return
        field = self.chosen.field if given.side == "prediction" else self.chosen.label_field
        choice = next(one for one in verdicts.CHOICES if one == given.verdict)
        label_id = None if given.side == "sample" else given.item
        verdicts.give(
            self.chosen.dataset,
            given.sample,
            field,
            label_id,
            choice,
            label=given.label if given.label in self.classes else None,
            run=self.chosen.run,
            label_field=self.chosen.label_field,
            who=person().who,
        )


def as_view(chosen: Scored) -> None:
    """A link to the samples with a verdict, as a view."""
    count = len({one.sample_id for one in verdicts.given(chosen.dataset)})
    if count:
        query = address.query(verdicts.view(chosen.dataset))
        help_ = "the samples with a verdict, in Browse"
        navigation.link(f"Open verdicts as a view ({count})", "browse", icon=":material/gavel:", help=help_, **query)


def _current(dataset: str) -> dict[str, Verdict]:
    """The newest valid verdict, by id of the label or sample."""
    return {one.label_id or one.sample_id: one for one in reversed(verdicts.given(dataset))}
