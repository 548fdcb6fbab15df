"""`/api/agreement`, `/api/consensus`: how far annotators agree, and what most of them say, as a field.

Both read every label of a view, so they run in the background (`app/background.py`); a response waits a moment for it.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import background
from app.api.asked import body, parsed
from app.api.problems import RequestError
from app.background import Work
from datasets.errors import DatasetsError
from datasets.labeling import agreement, agreement_consensus
from datasets.records import Progress
from datasets.viewspec import ViewSpec

LARGEST = 1 << 20  # bytes of a body: a spec may hold many ids
PATIENCE = 2.0  # seconds that a response waits for the work
FRESH = {"Cache-Control": "no-store"}
_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"


class Compared(BaseModel):
    """The body of `POST /api/agreement`: the fields of 2 to 8 people; `into` gets the disagreement, null for none."""

    model_config = ConfigDict(extra="forbid")

    spec: ViewSpec
    fields: list[str] = Field(min_length=2, max_length=agreement.MOST)
    threshold: float = Field(default=agreement.THRESHOLD, gt=0, lt=1)
    into: str | None = Field(default=agreement.DISAGREEMENT, pattern=_NAME)


class Agreed(BaseModel):
    """The body of `POST /api/consensus`: the fields of people, and the field that gets what most of them say."""

    model_config = ConfigDict(extra="forbid")

    spec: ViewSpec
    fields: list[str] = Field(min_length=2, max_length=agreement.MOST)
    into: str = Field(pattern=_NAME)
    rule: Literal["mean", "median"] = "median"
    threshold: float = Field(default=agreement.THRESHOLD, gt=0, lt=1)


async def read(request: Request) -> Response:
    """The reports that are kept, newest first, and the work that runs or ended last."""
    dataset = request.path_params["dataset"]
    reports = await to_thread.run_sync(agreement.reports, dataset)
    works = [_told(work) for work in background.all_works(f"agreement:{dataset}:")]
    return JSONResponse({"reports": reports, "works": works}, headers=FRESH)


async def measure(request: Request) -> Response:
    """Compare people. 200 with the report as `result`, or 202 with how far it is: `GET` tells the rest."""
    asked = parsed(Compared, await body(request, LARGEST))
    dataset = _same(request, asked.spec)
    await to_thread.run_sync(agreement.checked, dataset, asked.fields)

    def run(progress: Progress) -> dict[str, Any]:
        agreement.measure(asked.spec, asked.fields, threshold=asked.threshold, into=asked.into, progress=progress)
        return agreement.reports(dataset)[0]

    return await _answered(f"agreement:{dataset}:measure", f"Comparing annotators of {dataset}", run)


async def consensus(request: Request) -> Response:
    """Write the consensus. 200 with what was written as `result`, or 202 with how far it is: `GET` tells the rest."""
    asked = parsed(Agreed, await body(request, LARGEST))
    dataset = _same(request, asked.spec)
    await to_thread.run_sync(agreement.checked, dataset, asked.fields)

    def run(progress: Progress) -> dict[str, Any]:
        made = agreement_consensus.write(
            asked.spec, asked.fields, asked.into, rule=asked.rule, threshold=asked.threshold, progress=progress
        )
        return {**asdict(made), "kept": list(made.kept)}

    return await _answered(f"agreement:{dataset}:consensus", f"Consensus on {dataset}", run)


async def _answered(key: str, title: str, run: Callable[[Progress], dict[str, Any]]) -> Response:
    work = background.start(key, title, run)
    await to_thread.run_sync(work.wait, PATIENCE)
    if isinstance(work.error, DatasetsError):
        raise work.error
    return JSONResponse(_told(work), 202 if work.state == "running" else 200, headers=FRESH)


def _told(work: Work) -> dict[str, Any]:
    return {"key": work.key, "title": work.title, "state": work.state, "done": work.done, "total": work.total,
            "result": work.result, "error": str(work.error) if work.error else None}  # fmt: skip


def _same(request: Request, spec: ViewSpec) -> str:
    dataset = str(request.path_params["dataset"])
    if spec.dataset != dataset:
        raise RequestError(400, "two datasets are named", f"a view of {dataset}", spec.dataset[:200], "reload the page")
    return dataset
