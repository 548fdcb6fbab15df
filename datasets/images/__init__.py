"""Pixels: image files opened and measured, masks, outlines."""
