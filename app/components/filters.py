"""The controls that narrow a view: each owns one condition of the view spec; conditions without a control stay."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.components.markdown import plain
from app.components.words import by_split
from datasets.fieldnames import is_prediction
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.views import pages
from datasets.viewspec import Filter, Op, Value, ViewSpec

ANY = "any class"
_COUNT = "filter-count"
WORDS: dict[str, str] = {
    "any_of": "is", "none_of": "is not", "at_least": "≥", "at_most": "≤", "contains": "contains",
    "exists": "is there", "missing": "is missing", "count_at_least": "≥", "count_at_most": "≤",
}  # fmt: skip


@dataclass(frozen=True)
class Control:
    """A control for one condition on one field, and the values it may take (or the bounds of its number)."""

    field: str
    op: Op
    title: str
    choices: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None

    @property
    def key(self) -> str:
        """The session key of the widget."""
        return f"filter:{self.field}:{self.op}"

    def value(self, spec: ViewSpec) -> Any:
        """What the widget shows for a view."""
        found = next((one.values for one in spec.filters if (one.field, one.op) == (self.field, self.op)), ())
        if self.op == "any_of":
            return [one for one in found if one in self.choices]
        if self.bounds:
            edge = self.bounds[0] if self.op == "at_least" else self.bounds[1]
            return min(max(float(found[0]), self.bounds[0]), self.bounds[1]) if found else edge
        return str(found[0]) if found else ""

    def condition(self, value: Any) -> Filter | None:
        """The condition that the widget's value means; None when it means none."""
        if self.op == "any_of":
            return Filter(field=self.field, op=self.op, values=tuple(value)) if value else None
        if self.bounds:
            idle = value <= self.bounds[0] if self.op == "at_least" else value >= self.bounds[1]
            return None if idle else Filter(field=self.field, op=self.op, values=(value,))
        return Filter(field=self.field, op=self.op, values=(value.strip(),)) if value.strip() else None

    def draw(self, changed: Callable[[], None]) -> None:
        """Draw the widget; its value is in the session under `key`."""
        if self.op == "any_of":
            st.multiselect(plain(self.title), self.choices, key=self.key, on_change=changed, placeholder="any")
        elif self.bounds:
            step = (self.bounds[1] - self.bounds[0]) / 200 or 0.01
            st.slider(plain(self.title), *self.bounds, step=step, key=self.key, on_change=changed)
        else:
            st.text_input(plain(self.title), key=self.key, on_change=changed, placeholder="any")


def controls(dataset: str, label_field: str | None, extra: Sequence[str] = ()) -> list[Control]:
    """The controls that fit a dataset: path, split, tags, classes and confidence of a label field, further fields."""
    about, whole = store.summary(dataset, patience=PATIENCE), ViewSpec(dataset=dataset)
    found = [Control("filepath", "contains", "Path contains")]
    if splits := tuple(name for name in by_split(about.splits) if name):
        found.append(Control("split", "any_of", "Split", splits))
    if about.tags:
        found.append(Control("tags", "any_of", "Tag", tuple(about.tags)))
    if label_field:
        if classes := tuple(sorted(about.class_counts.get(label_field, ()))):
            found.append(Control(f"{label_field}.label", "any_of", f"Class in {label_field}", classes))
        if is_prediction(label_field):
            found.append(Control(f"{label_field}.confidence", "at_least", "Confidence at least", bounds=(0.0, 1.0)))
            found.append(Control(f"{label_field}.confidence", "at_most", "Confidence at most", bounds=(0.0, 1.0)))
    return found + [control for name in extra for control in _of_field(whole, name)]


def _of_field(whole: ViewSpec, name: str) -> Iterable[Control]:
    about = {one.name: one for one in all_fields(whole.dataset)}.get(name)
    if about is None:
        return
    if about.numeric:
        bounds = pages.number_range(whole, name)
        if bounds and bounds[0] < bounds[1]:
            edges = (float(bounds[0]), float(bounds[1]))
            yield Control(name, "at_least", f"{name} at least", bounds=edges)
            yield Control(name, "at_most", f"{name} at most", bounds=edges)
    elif about.kind == "string":
        values = [str(one) for one in pages.distinct(whole, name)]
        few = len(values) <= 200
        yield Control(name, "any_of", name, tuple(values)) if few else Control(name, "contains", f"{name} contains")


def all_fields(dataset: str) -> list[Any]:
    """Fields and the attributes inside them, by path."""
    found = []
    for field in [*store.schema(dataset), *store.frame_schema(dataset)]:
        found += [field, *field.attributes]
    return found


def spread(spec: ViewSpec, shown: Sequence[Control], *, force: bool) -> None:
    """Set the widgets to the view's values, when the view changed elsewhere or a widget is new."""
    for control in shown:
        if force or control.key not in st.session_state:
            st.session_state[control.key] = control.value(spec)


def gather(spec: ViewSpec, shown: Sequence[Control]) -> ViewSpec:
    """The view that the widgets express; conditions without a control are kept."""
    owned = {(control.field, control.op) for control in shown}
    kept = [one for one in spec.filters if (one.field, one.op) not in owned]
    made = [control.condition(st.session_state[control.key]) for control in shown if control.key in st.session_state]
    return spec.model_copy(update={"filters": (*kept, *(one for one in made if one))})


def counting(spec: ViewSpec, label_field: str, add: Callable[[Filter], None]) -> None:
    """Controls for "at least 3 pedestrians"; `add` is called with the condition."""
    classes = sorted(store.summary(spec.dataset, patience=PATIENCE).class_counts.get(label_field, ()))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        ops: dict[Op, str] = {"count_at_least": "at least", "count_at_most": "at most"}
        st.selectbox("How many", list(ops), format_func=ops.__getitem__, key=f"{_COUNT}-op", width=110)
        st.number_input("Number", 0, None, 1, key=f"{_COUNT}-number", width=110)
        st.selectbox("Class", [ANY, *classes], key=f"{_COUNT}-class", width=160)
        if is_prediction(label_field):
            st.number_input("Confidence", 0.0, 1.0, 0.25, 0.05, key=f"{_COUNT}-confidence", width=110)
        st.button("Add", key=f"{_COUNT}-add", on_click=lambda: add(_counted(label_field)))


def _counted(label_field: str) -> Filter:
    """The condition that the controls of `counting` express now; they may have changed since they were drawn."""
    op, number, name = (st.session_state[f"{_COUNT}-{part}"] for part in ("op", "number", "class"))
    values: list[Value] = ["" if name == ANY else name, int(number)]
    if is_prediction(label_field):
        values.append(round(float(st.session_state[f"{_COUNT}-confidence"]), 4))
    return Filter(field=label_field, op=op, values=tuple(values))


def words(one: Filter) -> str:
    """A condition in words, as the text of a chip."""
    if one.op in ("count_at_least", "count_at_most"):
        name, number, *least = one.values
        sure = f", confidence ≥ {least[0]:.2f}" if least else ""
        return f"{one.field}: {name or 'labels'} {WORDS[one.op]} {number}{sure}"
    values = ", ".join(f"{value:.3g}" if isinstance(value, float) else str(value) for value in one.values[:4])
    more = f" and {len(one.values) - 4} more" if len(one.values) > 4 else ""
    return f"{one.field} {WORDS[one.op]} {values}{more}".strip()
