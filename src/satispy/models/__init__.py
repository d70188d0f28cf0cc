"""Model families: how each learns, how each is written, how all are served."""
