"""What a score on one rating scale corresponds to on another, by a published table."""

from typing import Any

from clinical.crosswalk import Scores, corresponding, crosswalk
from registry.errors import Fault, InvalidRequest


def corresponding_score(source: str, to: str, score: int) -> dict[str, Any]:
    """The range of the other scale, in words and with its cautions, as in `models.crosswalk.CrosswalkPublic`.

    Raises:
        InvalidRequest: a scale that the table does not have, or a score that the scale does not have.
    """
    table = crosswalk()
    titles = table.about.titles
    _refuse_strangers(("from", source), ("to", to))
    lowest, highest = table.range_of(source)
    if not lowest <= score <= highest:
        message = f"The {titles[source]} goes from {lowest} to {highest}."
        raise InvalidRequest("There is no such score.", (Fault("#query/score", message),))
    lines = table.lines_for(source, score)
    found = corresponding(lines, to)
    return {
        "from": source,
        "to": to,
        "score": score,
        **found._asdict(),
        "sentence": f"{score} on the {titles[source]} corresponds to {_words(found)} on the {titles[to]}.",
        "notes": list(dict.fromkeys(line.note for line in lines if line.note)),
        "cautions": [each.model_dump(include={"sentence", "evidence", "source"}) for each in table.about.cautions],
        "evidence": lines[0].evidence,
        "citation": table.about.citation,
    }


def _refuse_strangers(*given: tuple[str, str]) -> None:
    known = tuple(crosswalk().about.titles)
    message = f"The table has no such scale. It has {', '.join(known)}."
    faults = tuple(Fault(f"#query/{key}", message, known) for key, scale in given if scale not in known)
    if faults:
        raise InvalidRequest("The table does not have the scale; `errors` has those that it has.", faults)


def _words(scores: Scores) -> str:
    return str(scores.first) if scores.first == scores.last else f"{scores.first} to {scores.last}"
