"""Running it: the embedded database, migrations, serving, and what a machine needs before that."""
