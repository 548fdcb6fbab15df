"""The renderer of the street scenes: a pinhole camera, painted polygons and light; independent of datasets."""
