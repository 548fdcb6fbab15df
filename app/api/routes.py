"""The one list of our HTTP routes."""

from starlette.routing import Route

from app.api import (
    agreement,
    augmented,
    explain,
    fields,
    history,
    images,
    labels,
    masks,
    overlays,
    person,
    progress,
    queue,
    samples,
    schema,
    segment,
    upload,
)
from app.api.assets import asset
from app.api.problems import explained


def routes() -> list[Route]:
    """Every route below `/api`."""
    return [
        Route("/api/assets/{version}/{file}", explained(asset)),
        Route("/api/assets/{file}", explained(asset)),
        Route("/api/thumbnails/{dataset}/{id}", explained(images.thumbnail)),
        Route("/api/thumbnails/{dataset}/{id}/{field}", explained(images.thumbnail)),
        Route("/api/media/{dataset}/{id}", explained(images.media)),
        Route("/api/media/{dataset}/{id}/{field}", explained(images.media)),
        Route("/api/mask/{dataset}/{id}/{field}/{label}", explained(images.mask)),
        Route("/api/masks/{dataset}/{id}/{field}", explained(masks.masks)),
        Route("/api/overlay/{dataset}/{id}/{field}", explained(overlays.overlay)),
        Route("/api/errors/{dataset}/{id}/{label_field}/{field}", explained(overlays.errors)),
        Route("/api/augmented/{dataset}", explained(augmented.augmented)),
        Route("/api/explain/{dataset}/{id}", explained(explain.heat)),
        Route("/api/page", explained(samples.page)),
        Route("/api/samples/{dataset}/{id}", explained(samples.sample)),
        Route("/api/labels/{dataset}/{id}/{field}", explained(labels.read)),
        Route("/api/labels/{dataset}/{id}/{field}", explained(labels.put), methods=["PUT"]),
        Route("/api/labels/{dataset}/{id}/{field}", explained(labels.post), methods=["POST"]),
        Route("/api/journal/{dataset}/{id}/{field}", explained(labels.history)),
        Route("/api/undo/{dataset}/{entry}", explained(labels.undo), methods=["POST"]),
        Route("/api/history/{dataset}/{field}", explained(history.of_dataset)),
        Route("/api/history/{dataset}/{sample}/{field}", explained(history.of_sample)),
        Route("/api/history/{dataset}/{sample}/{field}/{entry}/{label}/mask", explained(history.mask)),
        Route("/api/unrestore/{dataset}/{id}", explained(history.undo_view), methods=["POST"]),
        Route("/api/restore/{dataset}/{field}", explained(history.restore_view), methods=["POST"]),
        Route("/api/restore/{dataset}/{sample}/{field}", explained(history.restore), methods=["POST"]),
        Route("/api/agreement/{dataset}", explained(agreement.read)),
        Route("/api/agreement/{dataset}", explained(agreement.measure), methods=["POST"]),
        Route("/api/consensus/{dataset}", explained(agreement.consensus), methods=["POST"]),
        Route("/api/person", explained(person.read)),
        Route("/api/person", explained(person.choose), methods=["POST"]),
        Route("/api/queue/{dataset}/{field}", explained(queue.page)),
        Route("/api/queue/{dataset}/{field}/next", explained(queue.following), methods=["POST"]),
        Route("/api/queue/{dataset}/{field}/{sample}", explained(queue.step), methods=["POST"]),
        Route("/api/progress/{dataset}/{field}", explained(progress.read)),
        Route("/api/schema/{dataset}/{field}", explained(schema.read)),
        Route("/api/schema/{dataset}/{field}", explained(schema.put), methods=["PUT"]),
        Route("/api/schema/{dataset}/{field}/classes", explained(schema.add), methods=["POST"]),
        Route("/api/segment/tools", explained(segment.tools)),
        Route("/api/segment/{dataset}/prepare", explained(segment.prepare), methods=["POST"]),
        Route("/api/segment/{dataset}/{id}", explained(segment.segment), methods=["POST"]),
        Route("/api/fields/{dataset}", explained(fields.make), methods=["POST"]),
        Route("/api/upload/{dataset}", explained(upload.upload), methods=["POST"]),
        Route("/api/tags", explained(samples.tags), methods=["POST"]),
    ]
