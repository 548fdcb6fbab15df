"""What the Review page shows about a run on a dataset, from its stored evaluation: one module per kind of labels."""
