"""The page."""

from app.components import page as frame


def page() -> None:
    """Draw the page."""
    frame.header("Browse", "being built")
