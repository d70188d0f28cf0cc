"""What every part may use: errors, types, settings, plan, files, clock. Imports nothing of ours."""
