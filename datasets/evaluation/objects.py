"""The engine of objects: boxes, or masks where both sides have some."""

from datasets.evaluation import report, storing, table
from datasets.evaluation.part import Part
from datasets.evaluation.reading import read_table
from datasets.evaluation.scoring import Asked, Scoring
from datasets.records import Progress


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    from datasets.evaluation.instances.reading import any_masks, with_masks

    found = read_table(asked.dataset, asked.label_field, asked.field, asked.ids)
    fields = asked.label_field, asked.field
    if asked.masks or (asked.masks is None and any_masks(asked.dataset, fields)):
        found = with_masks(asked.dataset, fields, found, progress)
    whole = Part(found)
    return Scoring(
        found.split,
        lambda split, about: report.report(whole if split is None else Part(found, split), about),
        lambda watch: storing.write_back(asked.dataset, asked.run, whole, fields, progress=watch),
        lambda about, path: table.write(table.Table(**{**vars(found), "about": about}), path),
    )
