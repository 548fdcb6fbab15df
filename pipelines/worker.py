"""`python -m pipelines.worker <run folder> train|predict`: the steps that need torch, in a process of their own.

It opens no database and imports no fiftyone, so Ultralytics and Lightning may start their distributed children from it.
SIGTERM asks it to stop: training ends after the current batch and keeps its best and last checkpoint.
Exit codes: 0 done, 3 stopped on request, 1 failed (the cause stands as an `error` event).
"""
