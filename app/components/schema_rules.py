"""Attributes and rules of a label field: their forms, and the check of a whole dataset."""

from typing import Any, get_args

import streamlit as st

from app import address, background, navigation
from app.components.markdown import md, plain
from app.components.progress import working
from app.components.schema_saving import saved
from app.components.words import counted
from datasets.labeling import rules as checking
from datasets.labeling import schemas
from datasets.labelschema import Kind, Rules, Schema, SchemaAttribute, Skeleton
from datasets.storage.label_schemas import Held
from datasets.storage.labels import attribute_name
from datasets.viewspec import ViewSpec

NEW = "new attribute"
WORDS = {"choice": "one of several values", "number": "a number", "text": "text", "flag": "yes or no"}


def attributes(dataset: str, field: str, held: Held) -> None:
    """The attributes that labels have beside their class."""
    known = list(held.schema.attributes)
    if known:
        st.dataframe(
            [{"Attribute": one.title or one.name, "Kind": WORDS[one.kind], "Values": _values(one),
              "Classes": "all" if one.classes is None else ", ".join(one.classes),
              "Required": "yes" if one.required else ""} for one in known], hide_index=True)  # fmt: skip
    else:
        st.caption("Labels have a class alone so far. An attribute says more about each: its colour, its age, a text.")
    options = [NEW, *(_title(one) for one in known)]
    chosen = st.selectbox("Edit", options, key=f"attribute:{dataset}:{field}")
    number = options.index(chosen) - 1
    old = known[number] if number >= 0 else None
    key = f"{dataset}:{field}:{number}:{held.etag}"
    made = _form(held, old, key)
    with st.container(horizontal=True):
        if st.button("Save", type="primary", disabled=made is None, key=f"keep:{key}"):
            wanted = [*known, made] if old is None else [made if one is old else one for one in known]
            _store(dataset, field, held, attributes=tuple(wanted))
        if old is not None and st.button("Remove", icon=":material/delete:", key=f"drop:{key}"):
            _store(dataset, field, held, attributes=tuple(one for one in known if one is not old))


def rules(dataset: str, field: str, held: Held) -> None:
    """Limits of geometry, the skeleton of key points, and a check of all labels."""
    now, key = held.schema.rules, f"{dataset}:{field}:{held.etag}"
    if held.kind.whole_mask:
        st.caption("Masks of pixels have no labels to check: the pre-flight checks of a training look at their values.")
        return
    if held.kind.place:
        _limits(dataset, field, held, now, key)
    else:
        st.caption("Every class must be on the list, and attributes must have a value that they allow.")
    _check(dataset, field)


def _limits(dataset: str, field: str, held: Held, now: Rules, key: str) -> None:
    """The limits of geometry, and the skeleton of key points."""
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    least = left.number_input("Least width and height (pixels)", 0, 1_000_000, round(now.smallest), key=f"least:{key}")
    smallest = now.smallest if least == round(now.smallest) else float(least)
    share = middle.slider("Largest overlap (IoU)", 0.0, 1.0, 1.0 if now.overlap is None else now.overlap, 0.05,
                          help="of two boxes of one class; 1 allows any", key=f"overlap:{key}")  # fmt: skip
    inside = right.toggle("Wholly on the image", now.inside, key=f"inside:{key}")
    wanted = Rules(smallest=smallest, inside=inside, overlap=None if share >= 1 else share)
    skeleton = _skeleton(held, key) if held.kind.posed else held.schema.skeleton
    same = wanted == now and skeleton == held.schema.skeleton
    if st.button("Save", type="primary", disabled=same, key=f"rules:{key}"):
        _store(dataset, field, held, rules=wanted, skeleton=skeleton)
    st.divider()


def _form(held: Held, old: SchemaAttribute | None, key: str) -> SchemaAttribute | None:
    """The attribute that the form describes; None while it has no name, or nothing to choose."""
    left, right = st.columns(2)
    title = left.text_input("Name", _title(old) if old else "", key=f"title:{key}", disabled=old is not None).strip()
    kinds = list(get_args(Kind))
    at = kinds.index(old.kind) if old else 0
    kind = right.selectbox("Kind", kinds, at, key=f"kind:{key}", format_func=WORDS.__getitem__)
    given: dict[str, Any] = {"kind": kind}
    if kind == "choice":
        text = st.text_area(
            "Values, one a line", "\n".join(old.choices) if old else "", key=f"choices:{key}", height=110
        )
        given["choices"] = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    elif kind == "number":
        for place, name in zip(st.columns(2), ("minimum", "maximum"), strict=True):
            given[name] = place.number_input(
                plain(name.capitalize()), value=getattr(old, name, None), key=f"{name}:{key}"
            )
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    own = (old.classes or ()) if old else ()
    chosen = left.multiselect("Classes", held.schema.names, own, placeholder="all classes", key=f"classes:{key}")
    given["required"] = right.toggle("Required", bool(old and old.required), key=f"required:{key}")
    given["classes"] = tuple(chosen) or None
    if not title or (kind == "choice" and not given["choices"]):
        return None
    name = old.name if old else attribute_name(title)
    named: dict[str, Any] = {"name": name, "title": title if title != name else None}
    made: list[SchemaAttribute] = []
    kept = old.kept if old else {}
    return made[0] if saved(lambda: made.append(SchemaAttribute(**named, **given, kept=kept))) else None


def _skeleton(held: Held, key: str) -> Skeleton | None:
    """The skeleton as two texts: names of points, and lines between them."""
    now = held.schema.skeleton or Skeleton(points=())
    left, right = st.columns(2)
    names = left.text_area("Points, one a line", "\n".join(now.points), key=f"points:{key}", height=160)
    points = tuple(line.strip() for line in names.splitlines() if line.strip())
    drawn = "\n".join(f"{now.points[one]} - {now.points[other]}" for one, other in now.edges)
    lines = right.text_area("Lines, as: nose - left eye", drawn, key=f"edges:{key}", height=160)
    pairs = [[end.strip() for end in line.split(" - ")] for line in lines.splitlines() if line.strip()]
    wrong = [pair for pair in pairs if len(pair) != 2 or not set(pair) <= set(points)]
    if wrong:
        st.warning(md("A line must join two of the points: {}", " - ".join(wrong[0])), icon=":material/warning:")
        return held.schema.skeleton
    made: list[Skeleton] = []
    edges = tuple((points.index(one), points.index(other)) for one, other in pairs)
    good = saved(lambda: made.append(Skeleton(points=points, edges=edges)))
    return (made[0] if points else None) if good else held.schema.skeleton


def _check(dataset: str, field: str) -> None:
    """The rules over the whole dataset: a finding for each that is broken, with its samples."""
    key = f"rules:{dataset}:{field}"
    work = background.find(key)
    if st.button("Check all labels", icon=":material/rule:", disabled=bool(work and work.state == "running")):
        spec = ViewSpec(dataset=dataset)
        background.start(key, "Checking labels", lambda progress: checking.report(spec, field, progress)).wait(0.7)
    st.fragment(_checked, run_every=1)(key)


def _checked(key: str) -> None:
    work = background.find(key)
    if work is None:
        return
    if work.state == "running":
        working(work)
        return
    if work.state != "done":
        st.error(plain(work.error or "The check was stopped."), icon=":material/error:")
        return
    found: checking.Report = work.result
    if not found.counts:
        st.success(md("All labels of {} keep the rules.", counted(found.samples, "sample")), icon=":material/check:")
    for rule, count in found.counts.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            said = next(one for one in found.findings if one.code == f"rule-{rule}")
            st.markdown(md("**{}**: {}  \n:small[expected {}; {}]", checking.TITLES[rule].capitalize(),
                           counted(count, "label"), said.expected, said.found))  # fmt: skip
            navigation.link("Show", "browse", icon=":material/grid_view:", **address.query(found.view(rule)))


def _store(dataset: str, field: str, held: Held, **parts: Any) -> None:
    if saved(lambda: schemas.write(
        dataset, field, Schema.model_validate({**dict(held.schema), **parts}), if_match=held.etag
    )):  # fmt: skip
        st.rerun(scope="fragment")


def _title(one: SchemaAttribute) -> str:
    return one.title or one.name


def _values(one: SchemaAttribute) -> str:
    if one.kind == "number":
        ends = ["" if end is None else f"{end:g}" for end in (one.minimum, one.maximum)]
        return " to ".join(ends) if any(ends) else ""
    return ", ".join(one.choices)
