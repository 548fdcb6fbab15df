"""Annotation tools and public sets with a file of shapes for each image."""
