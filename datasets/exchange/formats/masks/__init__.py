"""Semantic masks beside images, and tables of their classes."""
