"""What is known: samples, labels, predictions and evaluations, kept in FiftyOne."""
