"""Who may do what: roles, the table of operations, and the one place that decides. Pure."""
