"""What is stored and what is said of it: one noun a file (Base, Create, Update, table, Public)."""
