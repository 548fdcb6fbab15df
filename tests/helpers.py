"""Builders that tests share: tiny images and datasets, made on the spot."""
