"""What the tasks that find objects share, by boxes or by masks: options, samples, detections and their table."""
