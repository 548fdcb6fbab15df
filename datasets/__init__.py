"""What is known about the data: samples, labels, predictions and evaluations, stored in FiftyOne."""
