"""The boards of the Review page: one module for each way of looking at predictions, chosen by the kind of labels."""
