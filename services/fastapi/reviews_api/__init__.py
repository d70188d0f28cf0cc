"""The HTTP API: reviews in, predictions and reports out."""
