"""What the service does: one noun a file, verbs as functions. Owns every query."""
