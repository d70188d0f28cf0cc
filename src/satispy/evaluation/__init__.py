"""The exam: which texts are in it, and what the scores are."""
