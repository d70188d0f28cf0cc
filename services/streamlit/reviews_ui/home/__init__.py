"""The home page: how everything is, as a picture, and what to do next."""
