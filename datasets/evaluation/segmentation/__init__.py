"""Semantic masks compared pixel by pixel and along their contours."""
