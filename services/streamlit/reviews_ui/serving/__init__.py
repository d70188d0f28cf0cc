"""The page of the models: what answers, what waits, who decided, retrainings, accounts."""
