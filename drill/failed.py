"""What a drill raises when a promise was not kept."""


class PromiseBroken(Exception):
    """A record was lost or doubled, or an answer differed. The message says which."""


def expect(kept: bool, sentence: str) -> None:  # noqa: FBT001 - a statement that is true or not
    """Go on if it is so.

    Raises:
        PromiseBroken: it is not.
    """
    if not kept:
        raise PromiseBroken(sentence)
