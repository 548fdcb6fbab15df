"""Datasets in and out: import, export, preview, formats."""
