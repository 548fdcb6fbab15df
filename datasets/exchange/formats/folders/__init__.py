"""Folders of images, bare or named by class."""
