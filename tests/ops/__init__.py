"""Running it: settings, the embedded database, serving."""
