"""`/api/rules`: what the rules of a field say about the labels of a sample, as they are stored."""

from dataclasses import asdict

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def of_sample(request: Request) -> Response:
    """`{problems: [{label_id, rule, expected, found, other}]}`, none where all rules hold."""
    from datasets.labeling import rules

    dataset, field, sample = (request.path_params[name] for name in ("dataset", "field", "id"))
    found = await to_thread.run_sync(rules.of_sample, dataset, field, sample)
    told = [{**asdict(one), "title": rules.TITLES[one.rule]} for one in found]
    return JSONResponse({"problems": told}, headers={"Cache-Control": "no-store"})
