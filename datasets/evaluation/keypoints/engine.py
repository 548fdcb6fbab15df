"""The engine of key points: poses are compared by OKS, all else is that of objects."""

from datasets.evaluation.keypoints.reading import path_of, read_table
from datasets.evaluation.objects.engine import check_confidence, look, scoring
from datasets.evaluation.scoring import Asked, Scoring
from datasets.kinds import KEYPOINTS
from datasets.records import Progress
from datasets.storage import documents

__all__ = ["look", "read"]


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    found = read_table(asked.dataset, asked.label_field, asked.field, asked.ids, progress)
    path = path_of(documents.of(asked.dataset), asked.field)
    check_confidence(asked, found, f"{path}.{KEYPOINTS.confidence}")
    return scoring(asked, found)
