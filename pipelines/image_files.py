"""What a task does whose model makes an image of each sample: files beside the table; see `predicting.Output`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import cv2
import pyarrow as pa

from datasets.records import Finding
from pipelines.images import Array
from pipelines.runs import results
from pipelines.runs.manifests import Row


class ImageFiles:
    """Images (height, width, 3) BGR or (height, width), uint8 or uint16, as PNG files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writing(self) -> AbstractContextManager[object]:
        """The folder is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return nullcontext()

    def keep(self, row: Row, result: Array) -> str:
        """The path of the image. Raises OSError."""
        path = self.folder / f"{row.id}.png"
        if not cv2.imwrite(str(path), result):
            raise OSError(f"expected to write the image {path}, found no way to; is the disk full?")
        return str(path)

    def table(self, ids: Sequence[str], kept: Sequence[str | None]) -> pa.Table:
        """One image for each sample."""
        return results.images(ids, kept)

    def findings(self) -> Sequence[Finding]:
        """Nothing is left out."""
        return ()
