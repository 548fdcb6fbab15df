"""What a job is given and what it gives back: manifest, checks, predictions."""
