"""Orders and groups of items from comparisons of two, of which those that tell most are asked."""
