"""What others are told of our runs: MLflow, and whoever listens to OpenLineage."""
