"""Label Studio json."""
