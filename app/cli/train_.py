"""`train`: start a training job."""

import argparse
from typing import Any

from app import tasks
from app.cli import options
from app.cli.follow import follow
from app.cli.output import DONE, USAGE, Console
from app.cli.prepare import prepare
from app.cli.views import view_of
from datasets.errors import FormatError
from datasets.exchange.formats.common.parsing import yaml_of
from datasets.storage import store
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import ConfigError
from pipelines.jobs import asking, queue
from pipelines.registry import Task

HELP = "train a model on a dataset, predict and score its val and test splits"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `train` takes."""
    parser.add_argument("dataset", nargs="?")
    names = ", ".join(registry.TASKS)
    parser.add_argument("--task", help=f"one of {names} (default: the first that can learn from the label field)")
    parser.add_argument("--preset", default="fast", help="fast, balanced or accurate")
    parser.add_argument(
        "--set", action="append", default=[], metavar="OPTION=VALUE",
        help="change one option that applies to the model (see --options); repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--options", action="store_true",
        help="list the options of --task, and the models each applies to (" + ", ".join(_families()) + "), instead of "
        "training; with --set model=NAME those of that model",
    )  # fmt: skip
    parser.add_argument("--view", help="a saved view")
    parser.add_argument("--field", default="ground_truth", help="the label field to learn from")
    parser.add_argument("--name", help="a readable name")
    parser.add_argument("--wait", action="store_true", help="show progress until the job ends")


def run(args: argparse.Namespace, console: Console) -> int:
    """Submit the job and print its run id, or list options."""
    task = registry.task(args.task) if args.task else None
    if args.options:
        options.tell(task or registry.task(registry.TASKS[0]), args.preset, changes(args.set), console)
        return DONE
    if not args.dataset:
        console.error("expected the name of a dataset to train on; `python -m app datasets` lists them")
        return USAGE
    workspace = Workspace.current()
    prepare(workspace, console)
    task = task or _fitting(args.dataset, args.field)
    config = task.resolve(args.preset, changes(args.set))
    run = asking.submit(
        workspace,
        kind="train",
        name=args.name or f"{args.dataset} {args.preset}",
        task=task.name,
        preset=args.preset,
        config=config.model_dump(mode="json"),
        view=view_of(args.dataset, args.view),
        label_field=args.field,
    )
    code = follow(workspace, run, console) if args.wait else DONE
    console.result({"run": run.id, "state": queue.job(workspace, run.id).state}, run.id)
    return code


def _families() -> list[str]:
    every = (registry.task(name).config.families for name in registry.TASKS)
    return list(dict.fromkeys(family.title for some in every for family in some))


def _fitting(dataset: str, field: str) -> Task:
    found = tasks.fitting(dataset, field)
    if not found:
        known = ", ".join(f"{name} ({kind})" for name, kind in store.summary(dataset).label_fields.items())
        raise ConfigError(
            f"expected a label field of {dataset!r} that a task can learn from, found {field!r} among "
            f"{known or 'no label fields'}; name another with --field"
        )
    return found[0]


def changes(pairs: list[str]) -> dict[str, Any]:
    """`option=value` words as a dict, values read as YAML. Raises ConfigError."""
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise ConfigError(f"expected option=value, found {pair!r}")
        try:
            found[key.strip()] = yaml_of(value, key.strip())
        except FormatError as wrong:
            raise ConfigError(str(wrong)) from wrong
    return found
