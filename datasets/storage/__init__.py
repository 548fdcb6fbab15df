"""The database: the only room that knows how FiftyOne keeps datasets."""
