"""CVAT for images (xml)."""
