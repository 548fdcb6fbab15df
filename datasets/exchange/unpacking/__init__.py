"""Packed sources made folders in the workspace: archives, idx, parquet."""
