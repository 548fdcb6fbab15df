"""The one list of our HTTP routes."""

from starlette.routing import Route

from app.api.assets import asset
from app.api.problems import explained


def routes() -> list[Route]:
    """Every route below `/api`."""
    return [
        Route("/api/assets/{version}/{file}", explained(asset)),
        Route("/api/assets/{file}", explained(asset)),
    ]
