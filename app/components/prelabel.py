"""The dialog "Pre-label": a model proposes labels for a view, and proposals are taken over, all or the sure ones."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import background, navigation, works
from app.components import page as frame
from app.components.asking import person
from app.components.markdown import Markdown, md, plain
from app.components.progress import working
from app.components.words import ago, counted, duration, title
from datasets import kinds
from datasets.errors import DatasetsError
from datasets.fieldnames import is_prediction, run_of
from datasets.labeling import accepting
from datasets.labeling.proposals import Tally, Wanted
from datasets.storage import handle, store
from datasets.views import pages
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.errors import PipelineError
from pipelines.interactive import vocabulary
from pipelines.jobs import asking, queue
from pipelines.runs import checkpoints, progress
from pipelines.runs.run import Run

EVERY = 1.0  # seconds
PREDICT, TAKE = "Let a model propose", "Take over proposals"
FATES = {
    "weak": "less sure",
    "other class": "of other classes",
    "covered": "there already",
    "taken before": "taken over before",
    "no room": "where a label is",
}


@dataclass(frozen=True)
class Proposer:
    """A run whose model can propose labels of a field: its classes, and those that the field has too."""

    run: Run
    classes: tuple[str, ...]
    shared: tuple[str, ...]

    @property
    def title(self) -> str:
        """Name, age, and how many classes fit."""
        request = self.run.request
        fits = (
            f"{len(self.shared)} of your classes"
            if self.shared
            else f"{counted(len(self.classes), 'class')} of its own"
        )
        return f"{request.name} · {ago(request.created.timestamp())} · {fits}"


def dialog(spec: ViewSpec, field: str) -> None:
    """Open it for a view and the label field that is to be filled."""
    st.session_state["prelabel"] = {"job": "", "request": uuid.uuid4().hex}
    _dialog(spec, field)


@st.dialog("Pre-label", width="medium")
def _dialog(spec: ViewSpec, field: str) -> None:
    sources = _sources(spec.dataset, field)
    if "prelabel-next" in st.session_state:
        st.session_state["prelabel-way"] = st.session_state.pop("prelabel-next")
    way = st.segmented_control(
        "Way", [PREDICT, TAKE], default=PREDICT, required=True, key="prelabel-way", label_visibility="collapsed",
        disabled=not sources,
    )  # fmt: skip
    try:
        if way == TAKE and sources:
            _take(spec, field, sources)
        else:
            _predict(spec, field)
    except (DatasetsError, PipelineError) as error:
        frame.problem(error)


def _predict(spec: ViewSpec, field: str) -> None:
    """Choose a model and start it; then its progress."""
    job = st.session_state["prelabel"]["job"]
    if job:
        _following(field, job)
        return
    found = proposers(spec.dataset, field)
    if not found:
        with frame.empty(
            "No model yet", "Train one on the labels that are there, or bring weights in.", "model_training"
        ):
            navigation.link("Train", "train", icon=":material/model_training:", dataset=spec.dataset)
            navigation.link("Models", "models", icon=":material/deployed_code:")
        st.caption(md(":material/lightbulb: {}", vocabulary.hint()))
        return
    by_id = {one.run.id: one for one in found}
    chosen = st.selectbox("Model", list(by_id), format_func=lambda key: plain(by_id[key].title), key="prelabel-model")
    one, total = by_id[chosen], pages.count(spec)
    st.caption(_about(one))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            md("Propose for {}", counted(total, "sample")),
            type="primary",
            icon=":material/auto_awesome:",
            disabled=not total,
            key="prelabel-go",
        ):
            _start(spec, field, one)
    _any_words()


def _about(one: Proposer) -> Markdown:
    names = one.shared or one.classes
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    kept = md("Proposals stay in the field **{}** until you take them over.", one.run.field)
    return md("It knows {}{}. {}", ", ".join(names[:8]), more, kept)


def _start(spec: ViewSpec, field: str, one: Proposer) -> None:
    request = one.run.request
    made = asking.submit(
        Workspace.current(), kind="predict", name=f"{request.name} on {spec.dataset}", task=request.task,
        config=request.config, view=spec, label_field=field, source=one.run.id, splits=(),
    )  # fmt: skip
    st.session_state["prelabel"]["job"] = made.id
    st.rerun(scope="fragment")


def _following(field: str, job: str) -> None:
    """How far the job is, drawn again every second; then the way to its proposals."""
    home = Workspace.current()
    known, run = queue.job(home, job), Run.find(home, job)
    source = Run.find(home, str(run.request.source))
    seen = progress.status(run)
    if not known.ended_already:
        share = min(1.0, seen.done / seen.total) if seen.total else 0.0
        left = md(" · {} left", duration(seen.left())) if seen.left() else ""
        what = "waiting for its turn" if known.state == "queued" else title(seen.step or "starting").lower()
        st.progress(share, text=md("**{}** · {}{}", source.request.name, what, left))
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.caption("You may close this: the job goes on.", width="stretch")
            if st.button("Stop", icon=":material/stop_circle:", key="prelabel-stop", disabled=known.want == "stop"):
                queue.cancel(home, job)
        for _ in range(3):  # in place of what stood there: the browser keeps it while this waits
            st.empty()
        time.sleep(EVERY)  # not a fragment inside: what follows belongs to the dialog
        st.rerun(scope="fragment")
    if known.state != "done":
        why = (seen.error or {}).get("error") or f"it is {known.state}"
        st.error(md("**{}** did not finish: {}", source.request.name, why), icon=":material/error:")
        navigation.link("Open the job", "jobs", icon=":material/list_alt:", run=job)
        return
    st.success(md("Proposals are in the field **{}**.", source.field), icon=":material/check_circle:")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Look at them one by one", type="primary", icon=":material/visibility:", key="prelabel-look"):
            st.query_params.from_dict({**st.query_params.to_dict(), "field": field, "reference": source.field})
            st.rerun()
        if st.button("Take over the sure ones", icon=":material/done_all:", key="prelabel-take"):
            st.session_state["prelabel-source"] = source.field
            st.session_state["prelabel"]["job"] = ""
            st.session_state["prelabel-next"] = TAKE
            st.rerun(scope="fragment")


def _take(spec: ViewSpec, field: str, sources: Sequence[str]) -> None:
    """From which field, how sure, which classes: what would be taken over, and then it is."""
    work = background.find(_key(spec, field))
    if work is not None:
        st.fragment(_taking, run_every=0.5)(spec, field)
        return
    source = st.selectbox("From", sources, format_func=lambda name: plain(_titled(name)), key="prelabel-source")
    threshold = st.slider("At least this sure", 0.0, 1.0, 0.5, 0.05, key="prelabel-threshold")
    chosen = _classes(spec, field, source)
    beside = st.checkbox(
        "Leave out what overlaps a label of the same class by more than half", True, key="prelabel-overlap"
    )
    wanted = Wanted(source, threshold, chosen or None, 0.5 if beside else None)
    found = accepting.preview(spec, field, wanted)
    st.caption(told(found))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            md("Take over {}", counted(found.taken, "label")),
            type="primary",
            icon=":material/done_all:",
            disabled=not found.taken,
            key="prelabel-accept",
        ):
            request = st.session_state["prelabel"]["request"]
            works.accept(_key(spec, field), spec, field, wanted, person=person(), request=request)
            st.rerun(scope="fragment")


def _classes(spec: ViewSpec, field: str, source: str) -> tuple[str, ...]:
    """Which classes are taken over: at first those that the field has; none for all."""
    known = [] if _whole(spec.dataset, source) else sorted(pages.class_counts(spec, source))
    if len(known) < 2:
        return ()
    own = _own(spec.dataset, field)
    first = [name for name in known if name in own]
    key = f"prelabel-classes-{source}"
    return tuple(st.multiselect("Only these classes", known, first, key=key, placeholder="all classes"))


def _taking(spec: ViewSpec, field: str) -> None:
    key = _key(spec, field)
    work = background.find(key)
    if work is None:
        return
    if work.state == "running":
        working(work)
        return
    if work.error is not None:
        frame.problem(work.error)
    elif work.state == "cancelled":
        st.info("Stopped. What was taken over before stays; each save is in the history.", icon=":material/info:")
    else:
        made: Tally = work.result
        st.success(md("{} taken over in {}.", counted(made.taken, "label"), counted(made.samples, "sample")),
                   icon=":material/check_circle:")  # fmt: skip
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Done", type="primary", icon=":material/check:", key="prelabel-done"):
            background.forget(key)
            st.session_state["labels-revision"] = st.session_state.get("labels-revision", 0) + 1
            st.rerun()


def told(found: Tally) -> Markdown:
    """A tally in words."""
    rest = [f"{count:,} {FATES[name]}" for name, count in found.fates.items() if count and name in FATES]
    whole = md("**{}** in {} would be taken over", counted(found.taken, "label"), counted(found.samples, "sample"))
    return md("{}. Left out: {}.", whole, ", ".join(rest)) if rest else md("{}.", whole)


def proposers(dataset: str, field: str) -> list[Proposer]:
    """Runs whose models make labels of the kind of a field, those that share most of its classes first, then newest."""
    about = handle.of(dataset)
    kind = kinds.kind(store.summary(dataset).label_fields[field])
    own, found = _own(about, field), list[Proposer]()
    for run in Run.all(Workspace.current()):
        try:
            known = checkpoints.load(run.checkpoint) if run.checkpoint.is_dir() else None
        except PipelineError:
            continue
        if known is None or kinds.kind(known.kind).item_class != kind.item_class:
            continue
        shared = tuple(name for name in known.classes if name in own)
        found.append(Proposer(run, tuple(known.classes), shared))
    newest = sorted(found, key=lambda one: one.run.request.created, reverse=True)
    return sorted(newest, key=lambda one: len(one.shared), reverse=True)


def _own(dataset: handle.Named, field: str) -> set[str]:
    """The classes of a field, else those of its dataset."""
    about = handle.of(dataset)
    return set(about.class_order(field, ())) or set(about.classes)


def _sources(dataset: str, field: str) -> list[str]:
    """Fields whose labels can be taken over, predictions first."""
    known = store.summary(dataset).label_fields
    own = kinds.kind(known[field])
    fits = [name for name, kind in known.items() if name != field and kinds.kind(kind).item_class == own.item_class]
    return sorted(fits, key=lambda name: (not is_prediction(name), name))


def _whole(dataset: str, field: str) -> bool:
    return kinds.kind(store.summary(dataset).label_fields[field]).whole_mask


def _titled(field: str) -> str:
    """The name of a run beside the field of its predictions."""
    if not is_prediction(field):
        return field
    try:
        return f"{Run.find(Workspace.current(), run_of(field)).request.name} ({field})"
    except PipelineError:
        return field


def _any_words() -> None:
    if vocabulary.here():
        st.caption(md(":material/lightbulb: {}", vocabulary.hint()))


def _key(spec: ViewSpec, field: str) -> str:
    return f"proposals:{spec.dataset}:{field}"
