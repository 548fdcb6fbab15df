"""Semantic segmentation: every pixel has a class."""
