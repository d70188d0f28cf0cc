"""One file is one family; `satispy.models.catalog` finds them by name without importing them."""
