#!/usr/bin/env bash
# Pre-commit: name every given file above 500 kB and fail.
large=$(find "$@" -maxdepth 0 -type f -size +500k)
[ -z "$large" ] || { echo "above 500 kB: $large"; exit 1; }
