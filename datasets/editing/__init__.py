"""What people change: labels, tags and verdicts."""
