"""Object types: one file per type, found by the registry."""
