"""When a score is worth an alert."""
