"""Poses: objects with key points."""
