"""The parts of the pages: each draws one thing, and asks the API for it."""
