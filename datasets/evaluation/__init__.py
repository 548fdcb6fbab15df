"""Scoring predictions against labels: pure functions of arrays and, separate from them, storage of the results."""
