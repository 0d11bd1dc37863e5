"""Cursors: where a list goes on, signed so that nobody can forge or move one to another list."""

from itsdangerous import BadSignature, URLSafeSerializer

from registry.errors import Fault, InvalidRequest

BAD_CURSOR = "This is a bad cursor. Send `next_cursor` of the page before unchanged, to the same list; or none."


class Cursors:
    """Signs and reads the cursors of every list."""

    def __init__(self, secret: str) -> None:
        """Sign with this secret; all workers share it."""
        self._serializer = URLSafeSerializer(secret, salt="cursor")

    def written(self, of: str, after: str) -> str:
        """A cursor of the list `of` that goes on after `after`."""
        return str(self._serializer.dumps([of, after]))

    def read(self, of: str, cursor: str | None) -> str | None:
        """Where the list `of` goes on; None is its beginning.

        Raises:
            InvalidRequest: not a cursor of this list.
        """
        if cursor is None:
            return None
        try:
            whose, after = self._serializer.loads(cursor)
        except (BadSignature, ValueError, TypeError) as error:
            raise InvalidRequest(BAD_CURSOR, (Fault("#query/cursor", BAD_CURSOR),)) from error
        if whose != of:
            raise InvalidRequest(BAD_CURSOR, (Fault("#query/cursor", BAD_CURSOR),))
        return str(after)
