"""What a task makes, one module per output: what must hold of its table, and how it is written into a dataset."""
