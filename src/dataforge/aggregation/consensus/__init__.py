"""What runs use: one module for each method, found by its name, and in `base` what they all work with."""
