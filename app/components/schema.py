"""The dialog "Classes and attributes": what a label field allows, and changes of its classes over the whole dataset."""

from urllib.parse import quote

import streamlit as st

from app.components import schema_changes, schema_rules
from app.components.markdown import md
from app.components.palette import of_dataset
from app.components.schema_saving import saved
from datasets.fieldnames import is_prediction
from datasets.labeling import schemas
from datasets.labelschema import Schema, SchemaClass
from datasets.speed.latest import PATIENCE
from datasets.storage import store
from datasets.storage.label_schemas import Held
from datasets.views import legends

TABS = ("Classes", "Attributes", "Rules", "History")


def fields(dataset: str) -> list[str]:
    """The label fields whose schema people set: all but predictions."""
    return [one for one in legends.label_fields(store.summary(dataset, patience=PATIENCE)) if not is_prediction(one)]


@st.dialog("Classes and attributes", width="large")
def dialog(dataset: str, field: str | None = None) -> None:
    """Edit the schema of a label field; without one the first of the dataset, which can be changed in the dialog."""
    known = fields(dataset)
    if not known:
        st.info("This dataset has no field of labels yet. Open the labeler to make one.", icon=":material/info:")
        return
    if len(known) > 1:
        at = known.index(field) if field in known else 0
        field = st.selectbox("Label field", known, index=at, key=f"schema-field:{dataset}")
    field = field or known[0]
    schema_changes.wait(dataset, field)
    held = schemas.read(dataset, field)
    if not held.stored:
        st.caption("Taken from the labels so far. It is stored with the dataset once you change anything.")
    tab = st.segmented_control("Show", TABS, default=TABS[0], required=True, label_visibility="collapsed",
                               key=f"schema-tab:{dataset}:{field}")  # fmt: skip
    if tab == "Classes":
        _classes(dataset, field, held)
    elif tab == "Attributes":
        schema_rules.attributes(dataset, field, held)
    elif tab == "Rules":
        schema_rules.rules(dataset, field, held)
    else:
        schema_changes.history(dataset, field)


def _classes(dataset: str, field: str, held: Held) -> None:
    """The list of classes, and beside it what can be done with those that are chosen."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chosen = _listed(dataset, field, held)
        _add(dataset, field)
    with right:
        if len(chosen) == 1:
            _details(dataset, field, held, next(one for one in held.schema.classes if one.name == chosen[0]))
        if chosen:
            schema_changes.change(dataset, field, held, chosen)
        else:
            st.caption("Choose a class to change its colour or hotkey, or to rename, split or delete it with all its "
                       "labels; choose several to merge them.")  # fmt: skip


def _listed(dataset: str, field: str, held: Held) -> list[str]:
    """The table of classes. Returns the names of those that are chosen."""
    counts = store.summary(dataset, patience=PATIENCE).class_counts.get(field, {})
    colours = of_dataset(dataset, held.schema.names)
    rows = [
        {"colour": _swatch(one.colour or colours[one.name]), "class": one.name, "hotkey": one.hotkey or "",
         **({"value": one.value} if held.kind.whole_mask else {"labels": counts.get(one.name, 0)})}
        for one in held.schema.classes
    ]  # fmt: skip
    strange = {name: count for name, count in counts.items() if name and name not in held.schema.names}
    if not rows:
        st.info("No class yet: add the first one below.", icon=":material/info:")
        return []
    column = st.column_config
    columns = {
        "colour": column.ImageColumn("", width=30), "class": column.TextColumn("Class"),
        "hotkey": column.TextColumn("Hotkey", width=60), "value": column.NumberColumn("Value", width=60),
        "labels": column.NumberColumn("Labels", format="localized", width=80),
    }  # fmt: skip
    shown = {name: one for name, one in columns.items() if name in rows[0]}
    tall = min(37 + 35 * len(rows), 387)
    event = st.dataframe(rows, column_config=shown, hide_index=True, on_select="rerun", selection_mode="multi-row",
                         height=tall, key=f"classes:{dataset}:{field}:{held.etag}")  # fmt: skip
    if strange:
        listed = ", ".join(f"{name} ({count:,})" for name, count in list(strange.items())[:5])
        st.warning(md("Labels have classes that are not listed here: {}. Add them, or rename the labels.", listed))
    return [str(rows[number]["class"]) for number in event["selection"]["rows"] if number < len(rows)]


def _add(dataset: str, field: str) -> None:
    with st.form(f"add-class:{dataset}:{field}", clear_on_submit=True, border=False):
        text, button = st.columns([3, 1], vertical_alignment="bottom")
        name = text.text_input("New class", placeholder="name, or several with commas between").strip()
        if button.form_submit_button("Add", icon=":material/add:", width="stretch") and name:
            names = [one.strip() for one in name.split(",") if one.strip()]
            if saved(lambda: [schemas.add_class(dataset, field, SchemaClass(name=one)) for one in names]):
                st.rerun(scope="fragment")


def _details(dataset: str, field: str, held: Held, one: SchemaClass) -> None:
    """Colour and hotkey of one class."""
    key = f"{dataset}:{field}:{one.name}:{held.etag}"
    colour, hotkey, button = st.columns([1, 1, 1], vertical_alignment="bottom")
    default = one.colour or of_dataset(dataset, held.schema.names)[one.name]
    given = colour.color_picker("Colour", default, key=f"colour:{key}").lower()
    pressed = hotkey.text_input("Hotkey", one.hotkey or "", max_chars=1, key=f"hotkey:{key}").strip()
    changed = one.model_copy(update={"colour": one.colour if given == default else given, "hotkey": pressed or None})
    if button.button("Save", disabled=changed == one, key=f"save:{key}", width="stretch"):
        classes = tuple(changed if other.name == one.name else other for other in held.schema.classes)
        if _store(dataset, field, held, classes):
            st.rerun(scope="fragment")


def _store(dataset: str, field: str, held: Held, classes: tuple[SchemaClass, ...]) -> bool:
    """Store the schema with other classes; False, with the reason on screen, where it is refused."""

    def write() -> object:
        parts = {**dict(held.schema), "classes": classes}
        return schemas.write(dataset, field, Schema.model_validate(parts), if_match=held.etag)

    return saved(write)


def _swatch(colour: str) -> str:
    """A square of a colour (`#rrggbb`) as the address of an image."""
    box = f"<rect width='16' height='16' rx='3' fill='{colour}'/>"
    drawn = f"<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'>{box}</svg>"
    return f"data:image/svg+xml;utf8,{quote(drawn)}"
