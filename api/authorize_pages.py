"""The words of letting an app in: the form to sign in, and the question whether the app may."""

from collections.abc import Iterator
from string import Template

from fastapi import Response
from markupsafe import Markup, escape

from api.app_patients import NOT_YOURS, Choice, Picking
from api.app_requests import Sent, origin_of
from api.pages import said_refusal, shown
from identity.scopes import ANY, LETTERS, parsed
from registry.app_launches import Pending
from registry.app_scopes import OFFLINE, ONLINE, needs_patient
from registry.errors import TrialbookError
from registry.records import Said

SIGN_IN = Template(
    """$refused<p><strong>$app</strong> asks to be let in. Sign in to see what it asks for.</p>
<form method="post" action="/oauth/authorize/sign-in">
$asked
<label>User name <input name="username" autocomplete="username" maxlength="200" value="$username" required></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" maxlength="1000" required></label>
<button>Sign in</button>
</form>
<p class="quiet">The app does not see your password. You are led on to <strong>$origin</strong>.</p>"""
)
CONSENT = Template(
    """$refused<p><strong>$app</strong>, at <strong>$origin</strong>, asks to:</p>
<ul>$words</ul>
<p class="quiet">It can never do more than you can, and what is closed to you stays closed to it.</p>
<form method="post" action="/oauth/authorize/consent">
<input type="hidden" name="page" value="$page">
$patient
<div class="answers"><button name="answer" value="allow">Let it in</button>
<button name="answer" value="refuse" class="other" formnovalidate>Refuse</button></div>
</form>"""
)
SEARCH = Template(
    """<fieldset><legend>For which patient?</legend>
<label>System of the identifier <input name="system" maxlength="300" value="$system"></label>
<label>Identifier <input name="value" maxlength="200" value="$value" autocomplete="off"></label>
<button name="answer" value="find" class="other">Find</button>
$list</fieldset>"""
)
ONE = Template('<label class="choice"><input type="radio" name="patient" value="$id"><span>$words</span></label>')
MORE = Template(
    '<input type="hidden" name="after" value="$after"><button name="answer" value="more" class="other">More</button>'
)
NAMED = Template("<p>It is for the patient whose record is open in your EHR: <strong>$patient</strong></p>")
OWN = "<p>It is for <strong>your own record</strong>.</p>"
NOBODY_FOUND = "<p>No patient was found.</p>"
VERBS = {"c": "add", "r": "read", "u": "change", "d": "remove", "s": "search"}
PARTS = {
    ANY: "all that is in the record",
    "Patient": "who the patient is",
    "Condition": "episodes, diagnoses and contributing factors",
    "MedicationStatement": "trials of medicines",
    "Observation": "ratings and symptoms",
    "Procedure": "other treatments",
    "CarePlan": "treatment plans",
    "DocumentReference": "kept answers and reports",
}
WHOSE = {"patient": "of the one patient", "user": "of every patient that you may open"}
BESIDES = {
    OFFLINE: "go on without you, for at most 90 days, until it was not used for 30 days or your password is changed",
    ONLINE: "go on for at most 12 hours, as long as it is used",
}
CLOSED = "The app cannot be let in"


def sign_in_form(app: str, sent: Sent, username: str = "", error: TrialbookError | None = None) -> Response:
    """The form to sign in. It holds what the app asked, so that nothing is kept of whoever goes away."""
    hidden = "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in sent._asdict().items()
    )
    body = SIGN_IN.substitute(
        refused=said_refusal(error) if error else "",
        app=escape(app),
        asked=hidden,
        username=escape(username[:200]),
        origin=escape(origin_of(sent.redirect_uri)),
    )
    answer = shown("Let an app in", body, error.status if error else 200, leads_to=origin_of(sent.redirect_uri))
    answer.headers.update((error.headers if error else None) or {})
    return answer


def consent_form(
    launch: Pending, page: str, choice: Choice | None, asked: Picking, error: TrialbookError | None = None
) -> Response:
    """The question. Without a choice of patients there is nobody to pick."""
    origin = origin_of(launch.redirect_uri)
    body = CONSENT.substitute(
        refused=said_refusal(error) if error else "",
        app=escape(launch.app_name),
        origin=escape(origin),
        words="".join(f"<li>{escape(sentence)}</li>" for sentence in in_words(launch.scope)),
        page=escape(page),
        patient=_patient(launch, choice, asked) if launch.patient_id or needs_patient(launch.scope) else "",
    )
    return shown("Let this app in?", body, error.status if error else 200, leads_to=origin)


def closed_page(error: TrialbookError) -> Response:
    """Nobody is led on."""
    answer = shown(CLOSED, said_refusal(error), error.status)
    answer.headers.update(error.headers)
    return answer


def in_words(scope: str) -> Iterator[str]:
    """What scopes allow, as a person would say it."""
    found = parsed(scope)
    for (context, kind), letters in found.grants.items():
        verbs = [VERBS[letter] for letter in LETTERS if letter in letters]
        yield f"{_listed(verbs)} {PARTS.get(kind, kind)} {WHOSE[context]}"
    yield from (BESIDES[word] for word in found.others if word in BESIDES)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _patient(launch: Pending, choice: Choice | None, asked: Picking) -> str:
    if launch.own_patient_id is not None and launch.patient_id in {None, launch.own_patient_id}:
        return OWN
    if choice is not None and launch.patient_id is not None:
        return NAMED.substitute(patient="".join(map(_words, choice.items)))
    if choice is None:
        return f'<p class="refused">{NOT_YOURS}</p>'
    more = MORE.substitute(after=choice.after) if choice.after else ""
    items = "".join(map(_one, choice.items)) or NOBODY_FOUND
    return SEARCH.substitute(system=escape(asked.system), value=escape(asked.value), list=items + more)


def _one(patient: Said) -> str:
    return ONE.substitute(id=patient["id"], words=_words(patient))


def _words(patient: Said) -> str:
    name = patient["display_name"] or "without a name"
    born = f", born {patient['birth_date']}" if patient["birth_date"] else ""
    numbers = ", ".join(each["value"] for each in patient["identifiers"])
    return Markup('{}{} <span class="quiet">{}</span>').format(name, born, numbers)
