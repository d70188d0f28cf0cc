"""Who did what: a table that is only appended to, chained by hashes."""
