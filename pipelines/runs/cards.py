"""`card.md`: a run in words and figures, for people and for whoever gets its model. Markdown with front matter."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

import pyarrow.parquet as pq
import yaml

from datasets.redacting import redacted
from pipelines import registry, resources
from pipelines.runs.run import JobRequest, Run


def render(run: Run, report: Mapping[str, Any] | None = None) -> str:
    """The card. `report` holds `metrics` and `card` (the protocol), or nothing while a run is not scored."""
    request = run.request
    head = yaml.safe_dump(_head(run, request), sort_keys=False, allow_unicode=True, default_flow_style=None)
    parts = [f"---\n{head}---\n\n# {request.name}\n", _what(run, request), _options(request)]
    if report:
        parts.append(_figures(report))
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
    verb = {"train": "Trained on", "predict": f"Predictions of run `{request.source}` on", "adopt": "Brought in for"}
    return f"{verb[request.kind]} {where}, {rows}, field `{request.label_field}`.\n{narrowed}"


def _options(request: JobRequest) -> str:
    differing = changed(request)
    title = f"Preset `{request.preset}`" if request.preset else "Options"
    if not differing:
        return f"## Options\n\n{title}, unchanged.\n"
    rows = "\n".join(f"| `{name}` | `{json.dumps(value, ensure_ascii=False)}` |" for name, value in differing.items())
    return f"## Options\n\n{title}, changed:\n\n| option | value |\n|---|---|\n{rows}\n"


def _figures(report: Mapping[str, Any]) -> str:
    metrics = {name: value for name, value in report.get("metrics", {}).items() if isinstance(value, int | float)}
    figures = "\n".join(f"| {name} | {_number(value)} |" for name, value in metrics.items())
    protocol = "\n".join(f"- {name.replace('_', ' ')}: {value}" for name, value in report.get("card", {}).items())
    return f"## Figures\n\n| figure | value |\n|---|---|\n{figures}\n\n### How they were measured\n\n{protocol}\n"


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


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4f}"
