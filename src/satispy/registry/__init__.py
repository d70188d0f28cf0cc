"""Trained models on disk: written once, served by a pointer that moves last."""
