"""What people change: tags and verdicts."""
