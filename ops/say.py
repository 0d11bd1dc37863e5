"""What whoever runs the service reads on the terminal. Never patient data."""

import sys


def say(sentence: str) -> None:
    """Print one line at once, even when the output is a pipe."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - the terminal is the audience
