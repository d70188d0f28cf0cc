"""Routes by subject; each parses, makes one workflow call, formats."""
