"""The database: the only room that knows how FiftyOne stores datasets."""
