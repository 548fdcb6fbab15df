"""What the tasks share that find objects, by boxes or by masks: options, samples, what was found, the way through."""
