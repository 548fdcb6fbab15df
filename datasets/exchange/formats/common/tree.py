"""The folders of a source, each listed once: all sniffs, readers and the finder of images look at the same listings.

What systems, disks and file managers put among the files of people is no part of a source and is listed nowhere.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from datasets.exchange.formats.base import Findings
from datasets.images.suffixes import is_image
from datasets.records import first_paths

# Windows, macOS, Linux, Synology, QNAP, Python; in lower case. Names that begin with a dot are left out anyway.
SYSTEM = frozenset({
    "$recycle.bin", "recycler", "recycled", "system volume information", "found.000", "thumbs.db", "ehthumbs.db",
    "ehthumbs_vista.db", "desktop.ini", "_vti_cnf", "__macosx", "network trash folder", "temporary items", "icon\r",
    "lost+found", "lost.dir", "@eadir", "#recycle", "#snapshot", "@tmp", "@synoresource", "@recycle", "@sharebin",
    "@recently-snapshot", "@__thumb", "zbthumbnail.info", "__pycache__", "node_modules", "ipynb_checkpoints",
})  # fmt: skip
_SHOWN = 20  # folders that are told one by one


@dataclass(frozen=True, slots=True)
class Listing:
    """The files and folders in a folder, sorted by name; links to folders are folders.

    `images` are the files that end as images do, `links` the names of files that are links. `identity` is its device
    and inode, (0, 0) where it can't be read.
    """

    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    links: frozenset[str] = frozenset()
    identity: tuple[int, int] = (0, 0)
    images: tuple[Path, ...] = ()
    loops: tuple[tuple[str, str], ...] = ()  # links to folders around this one, and where they lead


@dataclass
class Scan:
    """What was listed; `unread` are folders that can't be, with the reason, `unnamed` names that aren't UTF-8."""

    listings: dict[str, Listing] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    unnamed: dict[str, None] = field(default_factory=dict)
    loops: dict[str, str] = field(default_factory=dict)  # links of listings that are not told yet
    suffixes: dict[str, dict[str, list[Path]]] = field(default_factory=dict)  # of all files below a folder


_scan: ContextVar[Scan | None] = ContextVar("scan", default=None)


@contextmanager
def scanning() -> Iterator[Scan]:
    """List each folder once meanwhile, in this thread; otherwise it is listed anew each time."""
    known = _scan.get()
    if known is not None:
        yield known
        return
    made = Scan()
    before = _scan.set(made)
    try:
        yield made
    finally:
        _scan.reset(before)


def forget() -> None:
    """List all folders anew."""
    known = _scan.get()
    if known is not None:
        known.listings.clear()
        known.suffixes.clear()


def listing(folder: Path) -> Listing:
    """What a folder holds, without what systems put there; empty where it is absent or can't be read."""
    known = _scan.get()
    if known is None:
        return _listed(folder, Scan())
    key = str(folder)
    found = known.listings.get(key)
    if found is None:
        found = known.listings[key] = _listed(folder, known)
    return found


def walk(folder: Path, findings: Findings | None = None) -> Iterator[Path]:
    """Every file below `folder`, sorted, links to folders followed, each folder once; hidden ones are skipped."""
    for listing in listings_below(folder, findings):
        yield from listing.files


def listings_below(folder: Path, findings: Findings | None = None) -> Iterator[Listing]:
    """The listing of a folder and of all below it, in the order of their files; a folder that comes again is told."""
    seen: dict[tuple[int, int], Path] = {}
    waiting = [folder]
    while waiting:
        at = waiting.pop()
        found = listing(at)
        first = seen.setdefault(found.identity, at)
        if first != at and any(found.identity):
            if findings is not None:
                findings.warn("symlink_loop", at, "a folder of its own", f"a link to {first}", "it is read once")
            continue
        if findings is not None:
            _tell_loops(dict(found.loops), findings)
        yield found
        waiting += reversed(found.folders)


def may_be_link(folder: str, name: str) -> bool:
    """Whether a file of this name is a link, as far as its folder was listed; otherwise it may be one."""
    known = _scan.get()
    found = known.listings.get(folder) if known is not None else None
    if found is None or not any(found.identity) or is_system(name) or not name.isascii():  # some are not listed
        return True
    return name in found.links


def with_suffix(folder: Path, suffix: str) -> Sequence[Path]:
    """Every file below `folder` whose name ends so (`.json`; in upper or lower case), sorted; searched once for all."""
    known = _scan.get()
    made = known.suffixes.get(str(folder)) if known is not None else None
    if made is None:
        made = {}
        for path in walk(folder):
            name = path.name
            made.setdefault(name[name.rfind(".") :].lower() if "." in name else "", []).append(path)
        if known is not None:
            known.suffixes[str(folder)] = made
    return made.get(suffix, ())


def folders_below(folder: Path, deepest: int = 64) -> Iterator[Path]:
    """`folder` and every folder below it, each once, those of one level after another."""
    seen: set[tuple[int, int]] = set()
    level = [folder]
    for _ in range(deepest + 1):
        fresh = [one for one in level if (key := listing(one).identity) not in seen and not seen.add(key)]  # type: ignore[func-returns-value]
        yield from fresh
        level = [inner for one in fresh for inner in listing(one).folders]
        if not level:
            return


def is_system(name: str) -> bool:
    """Whether a system or a program put something of this name there: it is no part of a source."""
    return name.startswith(".") or name.lower() in SYSTEM


def tell(scan: Scan, findings: Findings) -> None:
    """What could not be listed, as findings."""
    for folder, reason in list(scan.unread.items())[:_SHOWN]:
        findings.warn("unread_folder", folder, "a folder that can be read", reason, "what lies in it is left out")
    _tell_loops(dict(list(scan.loops.items())[:_SHOWN]), findings)
    if scan.unnamed:
        names = list(scan.unnamed)
        found = f"{len(names):,} with other bytes, as {names[0]}"
        action = "they are left out; rename them (convmv does it for whole folders)"
        findings.warn(
            "file_name", names[0], "names of files and folders in UTF-8", found, action, count=len(names),
            paths=first_paths(names),
        )  # fmt: skip


def _tell_loops(loops: dict[str, str], findings: Findings) -> None:
    known = _scan.get()
    for link, around in loops.items():
        findings.warn("symlink_loop", link, "a folder of its own", f"a link to {around}", "it is not followed")
        if known is not None:
            known.loops.pop(link, None)


def _listed(folder: Path, scan: Scan) -> Listing:
    files: list[str] = []
    folders: list[str] = []
    links: set[str] = set()
    loops: dict[str, str] = {}
    try:
        with os.scandir(folder) as entries:
            status = os.stat(folder)  # noqa: PTH116
            for entry in entries:
                name = entry.name
                if is_system(name):
                    continue
                if not name.isascii() and not _is_text(name):
                    scan.unnamed[_shown(entry.path)] = None
                elif _is_folder(entry):
                    if around := entry.is_symlink() and _around(entry.path, folder):
                        loops[entry.path] = around
                    else:
                        folders.append(name)
                else:
                    files.append(name)
                    if entry.is_symlink():
                        links.add(name)
    except (FileNotFoundError, NotADirectoryError):
        return Listing()
    except (OSError, ValueError) as error:
        scan.unread[str(folder)] = str(getattr(error, "strerror", None) or error)
        return Listing()
    paths = _paths(folder)
    inside, below = (tuple(paths.get(name) or Path(folder, name) for name in sorted(some)) for some in (files, folders))
    images = tuple(path for path in inside if is_image(path.name))
    scan.loops.update(loops)
    identity = (status.st_dev, status.st_ino)
    return Listing(inside, below, frozenset(links), identity, images, tuple(loops.items()))


def _paths(folder: Path) -> dict[str, Path]:
    """What a folder holds by name; a path of `iterdir` is made in a quarter of the time of any other."""
    try:
        return {path.name: path for path in folder.iterdir()}
    except OSError:
        return {}


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _around(link: str, folder: Path) -> str:
    """Where a link leads, if that is the folder it lies in or one around that; else nothing."""
    there, here = os.path.realpath(link), os.path.realpath(folder)
    return there if here == there or here.startswith(there.rstrip(os.sep) + os.sep) else ""


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
