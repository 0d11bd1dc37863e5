"""Keeping what names a person sealed: encryption of fields, keyed hashes for searching, and the keys for both.

Pure: no database, no network, no clock. Only the standard library and `cryptography`.
"""
