"""The same service with authentication and row-level security but without the audit, to measure what that alone costs.

Its database is a copy without the trigger that audits what is written (bench/stage.py).
"""

from unittest.mock import patch

import main as product
from bench.open import seal_nothing, serve, without_audit
from ops.serve import bring_up_database
from settings import get_settings, read_settings


def main() -> None:
    """Replace, and serve."""
    bring_up_database(read_settings(), None)
    with (
        patch.object(product, "assembled", without_audit),
        patch.object(product, "keep_sealing", seal_nothing),
    ):
        serve(product.create_app(get_settings()))


if __name__ == "__main__":
    main()
