"""What to label next, chosen by a model: the order, training and choosing in one step, and what labels were worth."""

from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from app import address, navigation, tasks
from app.components import page as frame
from app.components.curves import COLORS, Chart, Series, curves
from app.components.markdown import md, plain
from app.components.words import ago, counted
from datasets.errors import DatasetsError
from datasets.exchange import resplitting
from datasets.exchange.splitting import DEFAULT_SEED
from datasets.fieldnames import prediction_field
from datasets.labeling import ranking
from datasets.labeling.orders import ORDERS
from datasets.labeling.spending import Weighed
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from pipelines.errors import PipelineError
from pipelines.jobs import asking
from pipelines.runs.run import Ranking, Run

USUAL, BATCH = "margin", 50
SHARES = (0.8, 0.2, 0.0)  # of newly labelled samples to train, val, test


@st.dialog("What to label next", width="large")
def dialog(spec: ViewSpec, field: str) -> None:
    """Choose samples of a view by what a model makes of them; `field` is the field that is labelled."""
    workspace = Workspace.current()
    _chosen(spec, field)
    runs = _runs(workspace, spec.dataset, field)
    if not runs:
        st.info(
            "Label some samples of every class first, then train: the first model chooses what comes next.",
            icon=":material/info:",
        )
        navigation.link("Train", "train", icon=":material/model_training:", **address.query(spec))
        return
    order, count, source = _asked(runs)
    members = _members(workspace, spec.dataset, field, source) if ORDERS[order].needs == "committee" else ()
    asked = Ranking(order=order, count=count, committee=members)
    _buttons(workspace, spec, field, source, asked)
    _worth(workspace, spec.dataset, field)


def _chosen(spec: ViewSpec, field: str) -> None:
    """What was chosen last, with a way to label it."""
    made = ranking.last(spec.dataset)
    if made is None or made.field != field:
        return
    text = "**{:,} samples** of {:,} without labels were chosen {} by run {}: {}."
    title = ORDERS[made.order].title.lower() if made.order in ORDERS else made.order
    st.markdown(md(text, made.count, made.pool, ago(made.moment), made.run, title))
    if st.button("Label them", type="primary", icon=":material/edit_square:", key="learning-label"):
        query = address.query(ranking.view(spec.dataset))
        navigation.go("label", field=field, reference=prediction_field(made.run), **query)


def _runs(workspace: Workspace, dataset: str, field: str) -> list[Run]:
    """Trained runs whose task fits the field, newest first; those of other datasets only where they were brought in."""
    fitting = {one.name for one in tasks.fitting(dataset, field)}
    return [run for run in Run.all(workspace) if run.checkpoint.exists() and _fits(run, dataset, fitting)]


def _fits(run: Run, dataset: str, fitting: set[str]) -> bool:
    request = run.request
    here = request.view is not None and request.view.dataset == dataset
    return request.task in fitting and (request.kind == "adopt" or (request.kind == "train" and here))


def _members(workspace: Workspace, dataset: str, field: str, source: Run) -> tuple[str, ...]:
    """The newest choices by other models, at most four: their predictions are the votes of a committee."""
    found: dict[str, str] = {}
    for run in _choices(workspace, dataset, field):
        if run.request.source != source.id and run.predictions.exists():
            found.setdefault(str(run.request.source), run.id)
    return tuple(found.values())[:4]


def _choices(workspace: Workspace, dataset: str, field: str) -> Iterator[Run]:
    """Jobs that chose samples of a dataset to label in this field, newest first."""
    for run in Run.all(workspace):
        request = run.request
        if request.kind == "rank" and request.view and (request.view.dataset, request.label_field) == (dataset, field):
            yield run


def _asked(runs: Sequence[Run]) -> tuple[str, int, Run]:
    left, middle, right = st.columns([2, 1, 2.2], vertical_alignment="bottom")
    with left:
        names = list(ORDERS)
        order = st.selectbox(
            "Order", names, names.index(USUAL), format_func=lambda name: ORDERS[name].title, key="learning-order",
        )  # fmt: skip
    with middle:
        count = st.number_input("Samples", 1, 100_000, BATCH, key="learning-count")
    with right:
        source = st.selectbox(
            "Model", runs, format_func=lambda run: plain(f"{run.request.name} ({run.id})"), key="learning-model"
        )
    st.caption(md("{}: {}.", ORDERS[order].title, ORDERS[order].about))
    return order, int(count), source


def _buttons(workspace: Workspace, spec: ViewSpec, field: str, source: Run, asked: Ranking) -> None:
    trains = source.request.kind == "train"
    with st.container(horizontal=True, gap="small"):
        again = trains and st.button(
            md("Train, then choose {:,}", asked.count), type="primary", icon=":material/model_training:",
            help="Trains with the options of this model on everything that has labels now, then predicts and chooses.",
        )  # fmt: skip
        only = st.button(md("Choose {:,} now", asked.count), icon=":material/low_priority:")
    if not (again or only):
        return
    try:
        run = _trained(workspace, spec, field, source) if again else source
        job = _ranked(workspace, spec, field, run, asked)
    except (PipelineError, DatasetsError) as error:
        st.error(plain(error), icon=":material/error:")
        return
    navigation.go("jobs", run=job.id)


def _trained(workspace: Workspace, spec: ViewSpec, field: str, like: Run) -> Run:
    """A training with the options of an earlier one; samples that were labelled since get a split first."""
    plan = resplitting.plan(spec, field, SHARES, DEFAULT_SEED, keep=True)
    if plan.moves:
        resplitting.apply(plan)
    request = like.request
    return asking.submit(
        workspace, kind="train", name=request.name, task=request.task, preset=request.preset, config=request.config,
        view=spec, label_field=field,
    )  # fmt: skip


def _ranked(workspace: Workspace, spec: ViewSpec, field: str, run: Run, asked: Ranking) -> Run:
    return asking.submit(
        workspace, kind="rank", name=f"next {asked.count} of {spec.dataset}", task=run.request.task, view=spec,
        label_field=field, source=run.id, splits=(), ranking=asked,
    )  # fmt: skip


def _worth(workspace: Workspace, dataset: str, field: str) -> None:
    """The curves of the newest choice that could weigh them."""
    weighed = (Weighed.read(run.efficiency) for run in _choices(workspace, dataset, field))
    found = next((one for one in weighed if one is not None), None)
    if found is not None:
        _curves(found)


def _curves(found: Weighed) -> None:
    note = (
        f"a linear probe on the model's features, {counted(found.checked, 'sample')} of {found.side}; "
        f"random: mean of {found.seeds} draws, ± one standard error"
    )
    frame.section("What labels were worth", note)
    spent = list(found.spent)

    def line(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(float(x), y) for x, y in zip(spent, values, strict=True)]

    pairs: Any = list(zip(found.random, found.error, strict=True))
    bounds = [line([mean + side * error for mean, error in pairs]) for side in (-1, 1)]
    series = [
        Series("in this order", line(found.accuracy), COLORS[0], strong=True),
        Series("in random order", line(found.random), COLORS[1], dashed=True),
        *(Series("", one, COLORS[1], faint=True) for one in bounds),
    ]
    curves([Chart("Accuracy", series, x_title="labels spent", height=220)], "learning-worth", 1)
