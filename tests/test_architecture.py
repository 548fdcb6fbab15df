"""The rooms of the house and the doors between them, as tests."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("app", "pipelines", "datasets")
MAY_IMPORT = {
    "app": {"app", "pipelines", "datasets"},
    "pipelines": {"pipelines", "datasets"},
    "datasets": {"datasets"},
}
VENDORS_AT_HOME = {
    "streamlit": "app",
    "starlette": "app",
    "uvicorn": "app",
    "torch": "pipelines",
    "torchvision": "pipelines",
    "ultralytics": "pipelines",
    "lightning": "pipelines",
    "albumentations": "pipelines",
    "segmentation_models_pytorch": "pipelines",
    "timm": "pipelines",
    "captum": "pipelines",
    "mlflow": "pipelines",
    "fiftyone": "datasets/storage",
    "pymongo": "datasets/storage",
    "bson": "datasets/storage",
    "mongoengine": "datasets/storage",
    "faster_coco_eval": "datasets",
}
# FiftyOne's own App is a part of the web server: it is mounted there, and only there.
MOUNTED = {("app/fiftyone_mount.py", "fiftyone")}
# Nobody needs these to read a dataset list or a form; they cost seconds to import.
HEAVY = {"fiftyone", "torch", "torchvision", "ultralytics", "lightning", "mlflow", "numba", "sklearn", "skimage"}


# The rooms of datasets/, by floor: a room imports those of lower floors alone. The ground is the modules beside them.
FLOORS = (
    {"ground"},
    {"speed"},
    {"images"},
    {"storage"},
    {"views"},
    {"editing", "showing", "handover", "exchange"},
    {"evaluation", "samples"},
    {"review", "labeling"},
)


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room: str) -> None:
    wrong = [
        f"{name(path)} imports {found}"
        for path in sources(room)
        for found in imports(ast.parse(path.read_text(encoding="utf-8")))
        if found in ROOMS and found not in MAY_IMPORT[room]
    ]
    assert not wrong


def room(module: str) -> str:
    """The room of datasets/ that a dotted module is in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 2 else "ground"


def test_rooms_of_datasets_import_lower_floors_alone() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    assert set(floor) == {"ground"} | {path.parent.name for path in (ROOT / "datasets").glob("*/__init__.py")}
    wrong = []
    for path in sources("datasets"):
        here = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "datasets":
                for one in node.names:
                    there = room(f"{node.module}.{one.name}")
                    below = there == here or there not in floor or floor[there] < floor[here]
                    wrong += [] if below else [f"{name(path)}:{node.lineno} imports {there}"]
    assert not wrong


@pytest.mark.parametrize("room", ROOMS)
def test_vendors_stay_at_home(room: str) -> None:
    wrong = [
        f"{name(path)} imports {found}"
        for path in sources(room)
        for found in imports(ast.parse(path.read_text(encoding="utf-8")))
        if found in VENDORS_AT_HOME
        and not name(path).startswith(f"{VENDORS_AT_HOME[found]}/")
        and (name(path), found) not in MOUNTED
    ]
    assert not wrong


# Modules of one folder stand on one another, this many floors high at most: a higher room wants folders of its own.
HIGHEST = 12


def when_run(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a module that are run some time: all but what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from when_run(node)


def graph() -> dict[str, set[str]]:
    """The modules that each module imports, early or late."""
    known = {name(path).removesuffix(".py").replace("/", "."): path for path in sources(*ROOMS)}
    made = {}
    for module, path in known.items():
        found = set()
        for node in when_run(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        made[module] = (found & known.keys()) - {module}
    return made


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as cycle:
        pytest.fail(" imports ".join(reversed(cycle.args[1])))


def test_no_folder_is_higher_than_a_house() -> None:
    arrows, floors = graph(), dict[str, int]()
    for module in TopologicalSorter(arrows).static_order():
        folder = module.rpartition(".")[0]
        floors[module] = 1 + max((floors[one] for one in arrows[module] if one.rpartition(".")[0] == folder), default=0)
    assert not {module: floor for module, floor in floors.items() if floor > HIGHEST}
    assert max(floors.values()) == HIGHEST, "a room became lower: let the limit say so"


def test_the_three_names_resolve_to_this_checkout() -> None:
    for room in ROOMS:
        spec = find_spec(room)
        assert spec and spec.origin and Path(spec.origin).parent == ROOT / room


def test_no_folder_shadows_a_vendor() -> None:
    assert not (ROOT / "plugins").exists(), "FiftyOne installs a top-level package of this name"


@pytest.mark.parametrize("path", sources(*ROOMS), ids=name)
def test_every_public_name_is_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    missing = [] if ast.get_docstring(tree) else ["the module itself"]
    for node in tree.body:
        public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if public and not node.name.startswith("_") and not ast.get_docstring(node):
            missing.append(node.name)
    assert not missing


@pytest.mark.parametrize("path", [p for p in sources(*ROOMS) if p.name == "__init__.py"], ids=name)
def test_packages_hold_no_logic(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert all(isinstance(node, ast.Expr) for node in body), "an __init__.py holds its docstring and nothing else"


def test_every_task_folder_is_registered_and_complete() -> None:
    from pipelines import registry

    folders = {path.parent.name for path in (ROOT / "pipelines").glob("*/config.py")}
    assert folders == set(registry.TASKS)
    for family in (family for task in folders for family in registry.task(task).config.families):
        here = {path.name for path in (ROOT / family.package.replace(".", "/")).iterdir()}
        assert {"model.py", "train.py", "predict.py"} <= here


def test_only_the_registry_knows_task_names() -> None:
    from pipelines import registry

    wrong = []
    for path in sources("app", "pipelines"):
        inside_a_task = (
            path.parent.relative_to(ROOT / "pipelines").parts[:1] if path.is_relative_to(ROOT / "pipelines") else ()
        )
        if name(path) == "pipelines/registry.py" or (inside_a_task and inside_a_task[0] in registry.TASKS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                named = [c.value for c in (node.left, *node.comparators) if isinstance(c, ast.Constant)]
                wrong += [f"{name(path)}:{node.lineno} asks for {task}" for task in registry.TASKS if task in named]
    assert not wrong


# Where a word is compared that a kind has for a name, but that names something else.
OTHER_WORDS = {
    ("datasets/exchange/formats/tools/supervisely.py", "polyline"): "a shape of Supervisely",
    ("datasets/exchange/formats/tools/via_regions.py", "polyline"): "a shape of VIA",
    ("datasets/exchange/formats/coco/writing.py", "segmentation"): "a key of COCO's annotations",
    ("pipelines/segmentation/model.py", "segmentation"): "the task that a file of weights says it is of",
}


def kinds_asked_for(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of every kind whose name is compared with, or that a table of literal names tells apart.

    A name is a literal, `name` of one of the table's constants, or a constant of the module that is one of these.
    Tables with one key are none: `{"image": pixels}` is an argument.
    """
    from datasets import kinds

    constants = {key: one.name for key, one in vars(kinds).items() if isinstance(one, kinds.Kind)}
    aliases: dict[str, list[str]] = {}

    def named(node: ast.AST | None) -> list[str]:
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return [one for item in node.elts for one in named(item)]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in kinds.KINDS:
            return [node.value]
        if isinstance(node, ast.Attribute) and node.attr == "name":
            return [one for key, one in constants.items() if ast.unparse(node.value).rpartition(".")[2] == key]
        return aliases.get(node.id, []) if isinstance(node, ast.Name) else []

    for node in tree.body:
        if isinstance(node, ast.Assign):
            pairs = [(node.targets[0], node.value)]
            if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(node.targets[0].elts, node.value.elts, strict=False))
            for target, value in pairs:
                whole = value.elts if isinstance(value, ast.Tuple) else [value]
                if isinstance(target, ast.Name) and all(named(one) for one in whole):
                    aliases[target.id] = named(value)
    for node in ast.walk(tree):
        asked: list[str] = []
        if isinstance(node, ast.Compare):
            asked = [one for part in (node.left, *node.comparators) for one in named(part)]
        elif isinstance(node, ast.Dict) and len(node.keys) > 1 and all(named(key) for key in node.keys):
            asked = [one for key in node.keys for one in named(key)]
        elif isinstance(node, ast.MatchValue):
            asked = named(node.value)
        yield from ((getattr(node, "lineno", 0), one) for one in asked)


ASKING = """
from datasets import kinds
from datasets.kinds import DETECTIONS
ONE, MANY = "classification", kinds.CLASSIFICATIONS.name
if a == "detections": ...
if a in ("keypoints", b): ...
if "segmentation" not in a: ...
if a.kind != DETECTIONS.name: ...
if a == ONE or MANY != a: ...
OBJECTS = ("detection", "keypoint")
if a in OBJECTS: ...
found = {"classification": 1, "classifications": 2}[a]
match a:
    case "polylines": ...
"""
NOT_ASKING = """
KIND = "detections"
document = {"detections": [], "_cls": "Detections"}
document["detections"].get("polylines")
TASKS = ("detection", "tracker")
if a in TASKS: ...
store.create("things", {"boxes": "detections"})
if kind.whole_mask or kind.holds == "whole mask" or task == "detector": ...
picture = {"image": pixels}
"""


def test_the_rule_of_kinds_finds_every_way_to_ask_and_nothing_else() -> None:
    assert sorted(one for _, one in kinds_asked_for(ast.parse(ASKING))) == [
        "classification", "classification", "classifications", "classifications", "detection", "detections",
        "detections", "keypoint", "keypoints", "polylines", "segmentation",
    ]  # fmt: skip
    assert list(kinds_asked_for(ast.parse(NOT_ASKING))) == []


def test_only_the_table_of_kinds_knows_their_names() -> None:
    wrong, other = [], set()
    for path in sources(*ROOMS):
        if name(path) == "datasets/kinds.py":
            continue
        for line, kind in kinds_asked_for(ast.parse(path.read_text(encoding="utf-8"))):
            known = (name(path), kind)
            other |= {known} & OTHER_WORDS.keys()
            wrong += [] if known in OTHER_WORDS else [f"{name(path)}:{line} asks for {kind}"]
    assert not wrong, "ask for a property of the kind: datasets/kinds.py"
    assert other == OTHER_WORDS.keys(), "an exception that is no longer needed"


LIGHT = [
    "datasets.storage.store",
    "datasets.views.resolve",
    "datasets.views.pages",
    "pipelines.registry",
    "pipelines.jobs.queue",
    "app.cli.main",
]


@pytest.mark.parametrize("module", [*LIGHT, "config of every task"])
def test_light_modules_import_no_heavy_vendor(module: str) -> None:
    load = (
        f"import {module}"
        if "." in module
        else "from pipelines import registry; [registry.task(t) for t in registry.TASKS]"
    )
    code = f"{load}; import sys; print(*sorted({HEAVY!r} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


# What reads files of weights, or anything else that is made of pickles: it may run code of whoever wrote the file.
OPENERS = {
    "load_checkpoint", "torch_safe_load", "torch_load", "load_file", "safe_open", "load_state_dict_from_url",
    "load_from_checkpoint", "strip_optimizer", "YOLO", "attempt_load_weights", "load_state_dict_from_file",
}  # fmt: skip
MODULES_THAT_OPEN = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch.hub"}


@pytest.mark.parametrize("path", sources(*ROOMS), ids=name)
def test_files_of_weights_are_opened_in_one_place(path: Path) -> None:
    if name(path).startswith("pipelines/foreign/"):
        return
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            found += [f"{name(path)}:{node.lineno} imports {one}" for one in named & (MODULES_THAT_OPEN | OPENERS)]
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            allows = any(key.arg == "allow_pickle" and ast.unparse(key.value) != "False" for key in node.keywords)
            refuses = any(key.arg == "weights_only" and ast.unparse(key.value) != "True" for key in node.keywords)
            if called == "torch.load" or called.rpartition(".")[2] in OPENERS or allows or refuses:
                found.append(f"{name(path)}:{node.lineno} calls {called}")
    assert not found, "read them by `pipelines.foreign`"
