"""The example definitions that `make demo` posts as the organisation's own, once."""

import json
from pathlib import Path
from typing import Any

import httpx

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "definitions"
ADDRESS = "/v1/definitions"


class Refused(SystemExit):
    """The service refused an example; the message says which and why."""


def examples() -> list[dict[str, Any]]:
    """Every example in the order of their names, as it is posted."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def post_examples(http: httpx.Client) -> list[str]:
    """Post those that the service does not know; one that somebody withdrew stays withdrawn. The names of the new ones.

    Raises:
        Refused: the service refuses one.
    """
    return [each["slug"] for each in examples() if post_example(http, each)]


def post_example(http: httpx.Client, example: dict[str, Any]) -> bool:
    """Post one example; False when the service has it already.

    Raises:
        Refused: the service refuses it.
    """
    if http.get(f"{ADDRESS}/{example['slug']}").is_success:
        return False
    answer = http.post(ADDRESS, json=example)
    if not answer.is_success:
        raise Refused(f"The service refused {example['slug']} ({answer.status_code}): {answer.text}")
    return True
