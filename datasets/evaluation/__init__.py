"""Scoring predictions against labels: pure functions of arrays, and apart from them what stores the results."""
