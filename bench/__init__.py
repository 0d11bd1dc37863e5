"""Measurements of the running service, each a ratio of things measured side by side in one run."""
