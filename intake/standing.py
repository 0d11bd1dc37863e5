"""The doses that are still in force when another begins: a second strength beside the first is no cut of the dose."""

from intake.ends import HALTED, is_halted
from intake.grouping import FOR_GOOD
from intake.json_parts import mappings, text
from intake.lines import LONGEST_GAP_DAYS, NEW_COURSE_AFTER_DAYS, Line
from intake.orders import UNREADABLE, last_day_of
from intake.references import identifiers_of, target_of

OVER = 0
REPLACING = ("priorPrescription", "replaces")


class Standing:
    """The doses of a course that may still be in force, each as the last that its resource states."""

    def __init__(self) -> None:
        """Nothing was taken before, and no two doses disagree."""
        self._lines: dict[str, Line] = {}
        self._ended: set[float | None] = set()
        self._disagreeing: set[float] = set()
        self._highest = 0.0

    def against(self, lines: list[Line]) -> Line | None:
        """A line before that leaves the dose of these, which begin on one day, unknown; then these stand, too.

        A lower dose beside a higher one that is in force may be taken instead of it or besides. A higher one is a
        raise, unless it is one of two that disagreed until a pause ago.
        """
        self._replace(lines)
        doses = {line.dose.mg for line in lines if line.dose.mg is not None}
        others = [self._other(lines, dose) for dose in sorted(doses)]
        other = next((each for each in others if each), None)
        if other or len(doses) > 1:
            self._disagreeing |= doses | ({other.dose.mg or 0} if other else set())
        elif doses:
            self._disagreeing = set()
        for line in lines:
            self._add(line)
        return other

    def _replace(self, lines: list[Line]) -> None:
        """What these name as the order before them is over, and the supply of a dose that is no longer ordered."""
        names = {
            target_of(each) for line in lines for key in REPLACING for each in mappings(line.given.resource.get(key))
        }
        for line in list(self._lines.values()) if names else ():
            if not names.isdisjoint(_names(line)):
                self._end(line)
        if self._ended and any(line.given.kind in HALTED for line in lines):
            for reference, line in list(self._lines.items()):
                if line.given.kind not in HALTED and line.dose.mg in self._ended:
                    del self._lines[reference]

    def _other(self, lines: list[Line], dose: float) -> Line | None:
        """The last line in force with a dose that these may be taken besides; what is over is forgotten."""
        again = dose in self._disagreeing
        if dose >= self._highest and not again:
            return None
        first, own = lines[0].first or 0, {line.given.reference for line in lines}
        day = first - LONGEST_GAP_DAYS if self._disagreeing else first
        for line in list(self._lines.values())[::-1]:
            last, mg = may_last_until(line), line.dose.mg or 0
            if last < first - LONGEST_GAP_DAYS:
                del self._lines[line.given.reference]
            elif last >= day and (mg > dose or (again and 0 < mg < dose)) and line.given.reference not in own:
                return line
        return None

    def _add(self, line: Line) -> None:
        self._lines.pop(line.given.reference, None)
        self._highest = max(self._highest, line.dose.mg or 0)
        if is_halted(line) and not line.taken.ended:
            self._end(line)
        else:
            self._lines[line.given.reference] = line
            if line.given.kind in HALTED:
                self._ended.discard(line.dose.mg)

    def _end(self, line: Line) -> None:
        self._lines.pop(line.given.reference, None)
        self._ended.add(line.dose.mg)


def _names(line: Line) -> set[str | None]:
    """By what another resource may refer to it."""
    resource = line.given.resource
    return {line.given.reference, f"urn:uuid:{text(resource.get('id'))}", *identifiers_of(resource)}


def may_last_until(line: Line) -> int:
    """The last day on which a line may be in force; `OVER` where it is known to be over, whenever that was.

    A supply of unknown length may last as long as an order without one is taken to, and an order that is active until
    something ends it. A completed order without a length is over.
    """
    if line.given.kind == "MedicationRequest":
        return _order_may_last_until(line)
    if line.given.kind == "MedicationDispense":
        return line.taken.supplied or line.reach + NEW_COURSE_AFTER_DAYS
    return FOR_GOOD if line.taken.lasting else line.reach


def _order_may_last_until(line: Line) -> int:
    last = last_day_of(line.given.resource, line.taken.started)
    if line.given.resource.get("status") == "active":
        return last or FOR_GOOD
    if last == UNREADABLE:
        return line.reach + NEW_COURSE_AFTER_DAYS
    return last or OVER
