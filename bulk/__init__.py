"""Reads what is sent in bulk: streams bodies, tells resources apart, sorts them by patient. No web, no tables of ours.

Memory is bounded whatever is sent: bodies come in parts, and what belongs to one patient is brought together on disk,
sealed under a key that only this process has.
"""
