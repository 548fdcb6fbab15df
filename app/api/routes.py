"""The one list of our HTTP routes."""

from starlette.routing import Route

from app.api import augmented, explain, images, labels, masks, overlays, samples
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
        Route("/api/tags", explained(samples.tags), methods=["POST"]),
    ]
