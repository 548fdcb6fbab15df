"""Running out of memory, said in words that help."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import OutOfMemory

SIGNS = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "can't allocate memory", "not enough memory")


@contextmanager
def guard(*options: str) -> Iterator[None]:
    """Turn every out-of-memory error of torch inside the block into OutOfMemory that names `options` to lower."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not isinstance(error, MemoryError) and not any(sign in str(error) for sign in SIGNS):
            raise
        first = (str(error) or "none left").splitlines()[0]
        raise OutOfMemory(
            f"expected enough memory for this run, found: {first}; lower {' or '.join(options)}, or use device=cpu"
        ) from error
