"""Who is asking: tokens, keys, passwords and scopes. No database, no web framework, no clock of its own."""
