"""Jobs: a queue, a supervisor, and the steps of one job."""
