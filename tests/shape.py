"""The shape of the house in numbers: `make shape`, or `python tests/shape.py [--root CHECKOUT] [--json]`.

Anyone can run it at any commit, also on another checkout than the one it stands in. It reads the sources, and asks a
tiny dataset for what the database is told. `--no-database` leaves the second part out.

A room is a folder of modules. A floor is the length of the longest chain of imports among the modules of a room (or
among the direct parts of a package), modules that import one another counting as one. Every import counts, late ones
too, but for those that only a type checker sees.
"""

import argparse
import ast
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PACKAGES = ("app", "pipelines", "datasets")
TABLE = "datasets/kinds.py"  # where names of kinds belong
KINDS = frozenset({
    "detections", "detection", "objects", "instances", "classification", "classifications", "multilabel",
    "segmentation", "polylines", "polyline", "keypoints", "keypoint", "regression", "heatmap",
    "Detections", "Detection", "Classification", "Classifications", "Segmentation", "Polylines", "Polyline",
    "Keypoints", "Keypoint", "Regression", "Heatmap",
})  # fmt: skip
Graph = dict[str, set[str]]
Trees = dict[str, ast.Module]


def main() -> None:
    """Measure a checkout and print what was found."""
    here = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=here, help="the checkout to measure (default: this one)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--no-database", action="store_true", help="sources alone")
    args = parser.parse_args()
    found = shape(args.root.resolve(), commands=not args.no_database)
    print(json.dumps(found, indent=1) if args.json else table(found))


def shape(root: Path, *, commands: bool) -> dict[str, Any]:
    """Every number of a checkout."""
    trees = {
        path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    }
    graph = imported(trees)
    return {
        "rooms": rooms(graph),
        "parts": {package: parts(graph, package) for package in PACKAGES},
        "folders": between(graph, folder_of),
        "lines": {"per file": spread(lines(root / name) for name in trees), "per function": spread(functions(trees))},
        "kind comparisons": compared(trees),
        "tests": tested(root, trees),
        **({"database commands": asked(root)} if commands else {}),
    }


# Imports


def imported(trees: Trees) -> Graph:
    """The modules of ours that each module imports, by name with dots; packages themselves are left out."""
    known = {module_of(name): name for name in trees}
    graph: Graph = {module: set() for module, name in known.items() if not name.endswith("__init__.py")}
    for module in graph:
        for target in targets(trees[known[module]]):
            found = target if target in graph else target.rpartition(".")[0]
            if found in graph and found != module:
                graph[module].add(found)
    return graph


def module_of(path: str) -> str:
    """`a/b.py` as `a.b`, `a/__init__.py` as `a`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def targets(node: ast.AST) -> Iterator[str]:
    """Whatever is imported below a node, names of a module as parts of it."""
    for one in ast.iter_child_nodes(node):
        if isinstance(one, ast.If) and "TYPE_CHECKING" in ast.unparse(one.test):
            continue
        if isinstance(one, ast.Import):
            yield from (alias.name for alias in one.names)
        elif isinstance(one, ast.ImportFrom) and one.module and not one.level:
            yield from (f"{one.module}.{alias.name}" for alias in one.names)
        else:
            yield from targets(one)


def folder_of(module: str) -> str:
    """The folder of a module."""
    return module.rpartition(".")[0]


def rooms(graph: Graph) -> dict[str, dict[str, int]]:
    """Modules and floors of every folder."""
    inside: dict[str, set[str]] = defaultdict(set)
    for module in graph:
        inside[folder_of(module)].add(module)
    return {
        folder: {"modules": len(held), "floors": floors({one: graph[one] & held for one in held})}
        for folder, held in sorted(inside.items())
    }


def parts(graph: Graph, package: str) -> dict[str, Any]:
    """The direct parts of a package (its modules and folders): how many, on how many floors, and their arrows."""
    inside = {module: {one for one in far if one.startswith(f"{package}.")} for module, far in graph.items()}
    own = {module: far for module, far in inside.items() if module.startswith(f"{package}.")}
    return between(own, lambda module: ".".join(module.split(".")[:2]))


def between(graph: Graph, place: Any) -> dict[str, Any]:
    """Places, floors, arrows and cycles when modules are seen as the places that hold them."""
    seen: Graph = {place(module): set() for module in graph}
    for module, far in graph.items():
        seen[place(module)] |= {place(one) for one in far} - {place(module)}
    cycles = [sorted(group) for group in components(seen) if len(group) > 1]
    return {
        "number": len(seen), "floors": floors(seen), "arrows": sum(map(len, seen.values())), "cycles": cycles,
    }  # fmt: skip


def floors(graph: Graph) -> int:
    """The longest chain, in nodes; those of a cycle count as one."""
    groups = components(graph)
    group_of = {node: number for number, group in enumerate(groups) for node in group}
    height: dict[int, int] = {}
    for number, group in enumerate(groups):  # what a group imports comes before it
        below = {group_of[far] for node in group for far in graph[node]} - {number}
        height[number] = 1 + max((height[one] for one in below), default=0)
    return max(height.values(), default=0)


def components(graph: Graph) -> list[list[str]]:
    """Strongly connected components, each after those that it leads to (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for far in sorted(graph[node]):
            if far not in index:
                visit(far)
                low[node] = min(low[node], low[far])
            elif far in stack:
                low[node] = min(low[node], index[far])
        if low[node] == index[node]:
            cut = stack.index(node)
            found.append(stack[cut:])
            del stack[cut:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


# Lines, comparisons, tests


def lines(path: Path) -> int:
    """Lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(trees: Trees) -> Iterator[int]:
    """Lines of every function and method, without decorators."""
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1


def spread(numbers: Iterator[int]) -> dict[str, float]:
    """Number, sum, median, 95th percentile and greatest."""
    held = sorted(numbers)
    return {
        "number": len(held), "sum": sum(held), "median": statistics.median(held),
        "p95": held[int(0.95 * (len(held) - 1))], "max": held[-1],
    }  # fmt: skip


def compared(trees: Trees) -> dict[str, Any]:
    """Comparisons with the name of a kind (`==`, `in`, `case`) outside of the table of kinds, by file."""
    found = {name: kinds_compared(tree) for name, tree in trees.items() if name != TABLE}
    files = {name: count for name, count in found.items() if count}
    return {"places": sum(files.values()), "files": len(files), "by file": files}


def kinds_compared(tree: ast.Module) -> int:
    """Places in a module that compare something with the name of a kind, or with a constant that holds one."""
    constants = {
        target.id: set(words(node.value))
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id != "TASKS"  # some tasks are named as a kind is
    }

    def named(side: ast.AST) -> set[str]:
        return constants.get(side.id, set()) if isinstance(side, ast.Name) else set(words(side))

    found = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            found += any(KINDS & named(side) for side in (node.left, *node.comparators))
        elif isinstance(node, ast.MatchValue):
            found += bool(KINDS & named(node.value))
    return found


def words(node: ast.AST) -> Iterator[str]:
    """A constant text, or those in a tuple, list, set or dictionary that stands there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.rpartition(".")[2]
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for one in node.elts:
            yield from words(one)
    elif isinstance(node, ast.Dict):
        for key in filter(None, node.keys):
            yield from words(key)
    elif isinstance(node, ast.Call) and len(node.args) == 1:  # frozenset({...})
        yield from words(node.args[0])


def tested(root: Path, trees: Trees) -> dict[str, Any]:
    """Lines of tests to lines of sources, and the modules that have a test file of their own in the same place."""
    modules = [Path(name) for name in trees if not name.endswith("__init__.py")]
    mirrored = [one for one in modules if (root / "tests" / one.parent / f"test_{one.stem.strip('_')}.py").is_file()]
    source = sum(lines(root / name) for name in trees)
    test = sum(map(lines, sorted((root / "tests").rglob("*.py"))))
    return {
        "lines of tests": test, "lines of sources": source, "ratio": round(test / source, 3), "modules": len(modules),
        "modules with a mirror": len(mirrored),
    }  # fmt: skip


# The database


def asked(root: Path) -> dict[str, Any]:
    """Commands that pages and a freeze send, counted in a process that runs the code of the checkout."""
    code = Path(__file__).with_name("shape_commands.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", code, root], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{code} on {root} ended with {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# Showing


def table(found: Mapping[str, Any]) -> str:
    """All numbers as text."""
    rows = [("room", "modules", "floors")]
    rows += [(name, *map(str, room.values())) for name, room in found["rooms"].items()]
    rows += [("", "", ""), ("parts of", "number", "floors, arrows, cycles")]
    for name, one in {**found["parts"], "all folders": found["folders"]}.items():
        rows.append((name, str(one["number"]), f"{one['floors']}, {one['arrows']}, {len(one['cycles'])}"))
        rows += [("  cycle", str(len(cycle)), " ".join(cycle)) for cycle in one["cycles"]]
    rows += [("", "", ""), ("lines", "number", "sum, median, p95, max")]
    for name, one in found["lines"].items():
        rows.append((name, str(one["number"]), ", ".join(f"{one[key]:g}" for key in ("sum", "median", "p95", "max"))))
    kinds, tests = found["kind comparisons"], found["tests"]
    rows += [("", "", ""), ("kind comparisons", str(kinds["places"]), f"in {kinds['files']} files")]
    rows += [(f"  {name}", str(count), "") for name, count in kinds["by file"].items()]
    rows += [
        ("", "", ""),
        *((name, f"{value:g}" if isinstance(value, float) else str(value), "") for name, value in tests.items()),
    ]
    rows += [("", "", ""), ("database commands", "number", "of these, for the dataset's document")]
    rows += [(name, str(one["all"]), str(one["dataset"])) for name, one in found.get("database commands", {}).items()]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(
        f"{name.ljust(widths[0])}  {number.rjust(widths[1])}  {rest}".rstrip() for name, number, rest in rows
    )


if __name__ == "__main__":
    main()
