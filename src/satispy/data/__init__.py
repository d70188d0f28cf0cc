"""The base of reviews: what a row is, where it stands, and which version it belongs to."""
