"""What a file packs, told by its first bytes; names decide only where two kinds begin alike."""

from pathlib import Path
from typing import Literal

from datasets.images.regular import open_regular

Packed = Literal["zip", "tar", "compressed", "idx", "parquet", "arrow", "7-Zip", "RAR", "pickle"]
ARCHIVES = ("zip", "tar", "compressed")
READ = (*ARCHIVES, "idx", "parquet", "arrow")
COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\x00": "lzma"}
_MAGIC: tuple[tuple[bytes, Packed], ...] = (
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"PK\x07\x08", "zip"), (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"), (b"PAR1", "parquet"), (b"ARROW1", "arrow"), (b"\xff\xff\xff\xff", "arrow"),
)  # fmt: skip
# Zips that are documents or arrays of a program of their own, and no archives of files.
_OTHER_ZIPS = frozenset({".xlsx", ".docx", ".pptx", ".ods", ".odt", ".npz", ".pt", ".pth", ".whl", ".jar", ".kmz"})
_PICKLES = (
    "data_batch_1",
    "data_batch_2",
    "data_batch_3",
    "data_batch_4",
    "data_batch_5",
    "test_batch",
    "train",
    "test",
)
# Files that hold many images or tables in a way that is not read, by their endings, and how to go on.
_AS_FILES = "write its images and labels as files with the program that made it, and import that folder"
CONTAINERS = {
    **dict.fromkeys((".tfrecord", ".tfrecords", ".rec"), ("records of TensorFlow or MXNet", _AS_FILES)),
    **dict.fromkeys((".h5", ".hdf5", ".mat", ".npz", ".npy", ".lmdb", ".mdb"), ("arrays of numbers", _AS_FILES)),
    **dict.fromkeys((".pkl", ".pickle"), ("Python pickles, which could run any code", _AS_FILES)),
    **dict.fromkeys((".xlsx", ".xls", ".ods"), ("a spreadsheet", "save it as csv")),
    **dict.fromkeys((".7z", ".rar"), ("an archive", "unpack it (with 7-Zip or unar)")),
}
PACKED = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".parquet", ".arrow")
_IDX_TYPES = (0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E)
_TAR_MAGIC, _TAR_AT = b"ustar", 257


def kind_of(path: Path) -> Packed | None:
    """What a file packs; None for an ordinary file, and for one that cannot be read."""
    try:
        with open_regular(path) as stream:
            head = stream.read(512)
    except OSError:
        return None
    return _kind(path, head)


def is_idx(head: bytes) -> bool:
    """Whether bytes begin an array of MNIST's idx: two zeros, a type, a number of dimensions."""
    return len(head) >= 8 and head[:2] == b"\0\0" and head[2] in _IDX_TYPES and 1 <= head[3] <= 4


def _kind(path: Path, head: bytes) -> Packed | None:
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if found:
        other = found == "zip" and path.suffix.lower() in _OTHER_ZIPS
        return None if other or (found == "arrow" and path.suffix.lower() != ".arrow") else found
    if any(head.startswith(magic) for magic in COMPRESSED):
        return _within(path)
    if head[_TAR_AT : _TAR_AT + 5] == _TAR_MAGIC:
        return "tar"
    if is_idx(head) and "idx" in path.name.lower():
        return "idx"
    pickled = head[:1] == b"\x80" and len(head) > 1 and head[1] <= 5
    return "pickle" if pickled and path.name in _PICKLES else None


def _within(path: Path) -> Packed:
    """What a compressed file holds: a tar, idx, or one other file."""
    from datasets.exchange.unpacking.streams import decompressed

    try:
        with decompressed(path) as stream:
            head = stream.read(512)
    except (OSError, EOFError, ValueError):
        return "compressed"
    if head[_TAR_AT : _TAR_AT + 5] == _TAR_MAGIC or ".tar" in path.name.lower() or path.suffix.lower() == ".tgz":
        return "tar"
    return "idx" if is_idx(head) else "compressed"
