"""The treatments of the field: what each is, what counts as a fair course of it, and which are left for one patient."""
