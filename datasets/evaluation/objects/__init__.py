"""The scores of objects, by boxes or by masks."""
