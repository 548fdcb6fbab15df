"""What the tasks that find objects share, by boxes or by masks: options, samples, what was found, its way home."""
