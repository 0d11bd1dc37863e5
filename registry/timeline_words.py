"""The picture of the timeline in words, for whoever cannot see it. It says all that the picture says."""

from clinical.findings import plain
from registry.answers import Said

NOTHING = "Nothing is recorded."


def description(said: Said) -> str:
    """One sentence for each thing that is drawn."""
    parts = [
        *(f"Episode {each['when']}: {each['words']}." for each in said["episodes"]),
        *(_medication(each) for each in said["medications"]),
        *(f"{each['title']}, {each['when']}: {each['words']}." for each in said["treatments"]),
        *(_ratings(each) for each in said["ratings"]),
    ]
    return " ".join([f"As of {said['on'].isoformat()}.", *(parts or [NOTHING])])


def _medication(each: Said) -> str:
    least = each["minimum"]
    compared = f" (minimum {plain(least['daily_dose_mg'])})" if least else ""
    name = each["medication"][:1].upper() + each["medication"][1:]
    return f"{name}, {each['dosing']}{compared}, {each['when']}: {each['verdict']}."


def _ratings(each: Said) -> str:
    first, last = each["points"][0], each["points"][-1]
    if len(each["points"]) == 1:
        return f"{each['title']}: {first['total']} on {first['when']}."
    return f"{each['title']}: from {first['total']} on {first['when']} to {last['total']} on {last['when']}."
