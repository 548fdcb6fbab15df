"""Pixels: opening and probing image files, masks, outlines."""
