"""Who may ask: users, their roles and their passwords' hashes."""
