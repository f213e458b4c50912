"""Those who answer without being people at a screen."""
