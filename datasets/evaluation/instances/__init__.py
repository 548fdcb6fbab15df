"""Objects compared by their masks."""
