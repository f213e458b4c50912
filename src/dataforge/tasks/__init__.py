"""Tasks: a typed function read as what is asked."""
