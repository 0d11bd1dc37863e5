"""The largest choice of things of which no two are tied: sets are bit masks, `ties[i]` the mask of what `i` is tied to.

What a history ties is nearly always settled by taking what plainly costs nothing; the search for the rest is bounded.
"""

from collections.abc import Iterator, Sequence

MOST_BRANCHES = 200  # beyond it the rest is taken greedily, which may only count too few of a tangle of dozens


def largest_choice(among: int, ties: Sequence[int]) -> int:
    """The largest part of `among` that holds no two tied members."""
    if not any(ties):
        return among
    return _search(among, ties, {})


def members(mask: int) -> Iterator[int]:
    """The positions of the bits that are set, in rising order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _search(among: int, ties: Sequence[int], known: dict[int, int]) -> int:
    """Take what is free, then try with and without the one that is tied most."""
    if among in known:
        return known[among]
    taken, rest = _free(among, ties)
    while rest and len(known) >= MOST_BRANCHES:
        fewest = min(members(rest), key=lambda each: (ties[each] & rest).bit_count())
        more, rest = _free(rest & ~ties[fewest], ties)
        taken |= more
    if rest:
        known[among] = 0  # counted before the branches are, so that they stay bounded
        most = max(members(rest), key=lambda each: (ties[each] & rest).bit_count())
        left = rest & ~(1 << most)
        with_it = 1 << most | _search(left & ~ties[most], ties, known)
        without = _search(left, ties, known)
        taken |= with_it if with_it.bit_count() >= without.bit_count() else without
    known[among] = taken
    return taken


def _free(among: int, ties: Sequence[int]) -> tuple[int, int]:
    """What can be taken at no cost, and what is left: one whose tied ones are all tied to each other costs nothing."""
    taken, changed = 0, True
    while changed:
        changed = False
        for each in members(among):
            tied = ties[each] & among
            if among >> each & 1 and all(not tied & ~(ties[other] | 1 << other) for other in members(tied)):
                taken |= 1 << each
                among &= ~(tied | 1 << each)
                changed = True
    return taken, among
