"""The history behind the example of the timeline, judged by the rules themselves."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from api.answers import EXAMPLE as EVALUATED
from api.openapi_examples import PATIENT
from clinical.library import library
from clinical.safety import safety_on
from models.evaluation import HistoryEntry
from models.timeline import Timeline
from registry.answers import Asker
from registry.desk import Desk
from registry.evaluation import rows_of
from registry.facts import history_of
from registry.timeline import judged, timeline_of
from settings import FIRST_ORGANISATION

ON = date(2025, 6, 20)
KNOWN_AT = datetime(2025, 6, 20, 8, 30, tzinfo=UTC)
IDS = "0192f0c1-b{}22-7c1f-9a3c-5d2e8f4b6a12"


def made() -> dict[str, Any]:
    """The timeline of the history that `POST /v1/evaluate` has as its example, as JSON."""
    sent = {
        part: [{**each, "id": IDS.format(place)} for place, each in enumerate(records)]
        for part, records in EVALUATED["history"].items()
    }
    desk = Desk(None, FIRST_ORGANISATION, ON)
    history = history_of(rows_of(HistoryEntry.model_validate(sent), desk))
    asker = Asker(UUID(PATIENT), KNOWN_AT, safety_on(history, library().scales, ON.toordinal()))
    known = judged(library().definitions["two_failed_medications"], history, ON.toordinal())
    return Timeline.model_validate(timeline_of(known, asker)).model_dump(mode="json", by_alias=True)
