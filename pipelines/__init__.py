"""What learns: one folder per task, plus the job machinery."""
