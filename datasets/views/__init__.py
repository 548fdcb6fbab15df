"""Which samples: view specs resolved, saved, counted, paged."""
