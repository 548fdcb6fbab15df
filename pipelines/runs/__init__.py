"""The run folder: what a job was asked, how it goes, what it left."""
