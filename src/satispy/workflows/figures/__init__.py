"""The figures of this project, and of this installation: what was measured, and what is now."""
