"""`card.md`: a run in words and figures, for people and for whoever gets its model. Markdown with front matter."""

import json
import shlex
from typing import Any

import pyarrow.parquet as pq
import yaml

from datasets.evaluation.cards import Card, Report
from datasets.redacting import redacted
from pipelines import registry, resources
from pipelines.runs import reports
from pipelines.runs.reports import RunReport
from pipelines.runs.run import JobRequest, Run


def render(run: Run, report: RunReport | None = None) -> str:
    """The card; `report` is None while a run is not scored."""
    request = run.request
    head = yaml.safe_dump(_head(run, request), sort_keys=False, allow_unicode=True, default_flow_style=None)
    parts = [f"---\n{head}---\n\n# {request.name}\n", _what(run, request), _options(request)]
    if report:
        parts.append(_figures(run, report.headline))
    parts += [_versions(run), _again(request)]
    return redacted("\n".join(parts))


def revision(run: Run) -> str:
    """The hash of the frozen manifest, empty before it is frozen."""
    metadata = pq.read_schema(run.manifest).metadata if run.manifest.exists() else None
    return str((metadata or {}).get(b"foveal.revision", b"").decode())


def changed(request: JobRequest) -> dict[str, Any]:
    """The options that differ from the preset of the request; for another model those that act for it."""
    if not request.preset:
        return dict(request.config)
    task = registry.task(request.task)
    preset = task.resolve(request.preset).model_dump(mode="json")
    here = task.config.acting(str(request.config.get("model", preset.get("model", ""))))
    inert = set(preset) - set(here)
    return {
        name: value for name, value in request.config.items() if name not in inert and preset.get(name) != value
    }  # fmt: skip


def _head(run: Run, request: JobRequest) -> dict[str, Any]:
    checkpoint = _json(run, "config.json")
    return {
        "run": run.id,
        "kind": request.kind,
        "task": request.task,
        "created": request.created.isoformat(timespec="seconds"),
        "dataset": request.view.dataset if request.view else None,
        "revision": revision(run),
        "source": request.source,
        "classes": _json(run, "classes.json") or None,
        "family": checkpoint.get("family") if isinstance(checkpoint, dict) else None,
    }


def _what(run: Run, request: JobRequest) -> str:
    where = f"the dataset `{request.view.dataset}`" if request.view else "no dataset"
    rows = f"{pq.read_metadata(run.manifest).num_rows} samples" if run.manifest.exists() else "samples not frozen yet"
    narrowed = ""
    if request.view and (request.view.filters or request.view.saved or request.view.ids):
        narrowed = f"\nView: `{request.view.model_dump_json(exclude_defaults=True)}`\n"
    verb = {"train": "Trained on", "predict": f"Predictions of run `{request.source}` on", "adopt": "Brought in for",
            "make": f"Samples made by run `{request.source}` for",
            "rank": f"What to label next, by run `{request.source}`, of"}  # fmt: skip
    return f"{verb[request.kind]} {where}, {rows}, field `{request.label_field}`.\n{narrowed}"


def _options(request: JobRequest) -> str:
    differing = changed(request)
    title = f"Preset `{request.preset}`" if request.preset else "Options"
    if not differing:
        return f"## Options\n\n{title}, unchanged.\n"
    rows = "\n".join(f"| `{name}` | `{json.dumps(value, ensure_ascii=False)}` |" for name, value in differing.items())
    return f"## Options\n\n{title}, changed:\n\n| option | value |\n|---|---|\n{rows}\n"


def _figures(run: Run, report: Report[Card]) -> str:
    known = [(one, report.metrics.get(one.name)) for one in reports.figures_of(run)]
    rows = "\n".join(
        f"| {one.title} | {one.text(value, one.digits and one.digits + 1)} | {one.better} |"
        for one, value in known
        if value is not None
    )
    table = f"| figure | value | better |\n|---|---|---|\n{rows}"
    protocol = "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in report.card.plain().items())
    return f"## Figures\n\n{table}\n\n### How they were measured\n\n{protocol}\n"


def _versions(run: Run) -> str:
    versions = _json(run, "versions.json")
    packages = versions.get("packages", {}) if isinstance(versions, dict) else {}
    machine = resources.machine()
    lines = [f"- {name} {version}" for name, version in packages.items()]
    lines += [f"- {name}: {value}" for name, value in machine.items() if value]
    return "## Made with\n\n" + "\n".join(lines) + "\n"


def _again(request: JobRequest) -> str:
    if request.kind != "train" or request.view is None:
        return ""
    settings = [f"--set {name}={shlex.quote(json.dumps(value))}" for name, value in changed(request).items()]
    words = ["python -m app train", shlex.quote(request.view.dataset), "--task", request.task]
    if request.label_field != "ground_truth":
        words += ["--field", shlex.quote(request.label_field)]
    words += ["--preset", request.preset or "balanced", *settings]
    return f"## Again\n\n    {' '.join(words)}\n"


def _json(run: Run, name: str) -> Any:
    path = run.checkpoint / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
