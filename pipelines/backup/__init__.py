"""A workspace as one file, and back: database, masks, evaluations, runs, job queue, MLflow."""
