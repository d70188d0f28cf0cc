"""The page of the limits: measured figures, and what models cannot do."""
