"""Weights files that strangers made, read as plain data: the only place where any file of weights is opened."""
