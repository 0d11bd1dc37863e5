"""The error tree. Each error carries its HTTP status, a stable type, and a sentence that says what to do."""

from typing import ClassVar, NamedTuple


class Fault(NamedTuple):
    """One fault in what was sent: where (a JSON pointer), what, and nearest valid values if any."""

    pointer: str
    message: str
    suggestions: tuple[str, ...] = ()


class TrialbookError(Exception):
    """Anything the caller can act on. `detail` says what was wrong and what to send instead; never patient data."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, faults: tuple[Fault, ...] = (), headers: dict[str, str] | None = None) -> None:
        """Keep the sentence, the faults with their pointers, and headers that the answer must carry."""
        super().__init__(detail)
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}


class InvalidRequest(TrialbookError):
    """What was sent cannot be stored or answered."""

    status, slug, title = 422, "invalid-request", "The request cannot be used as it is"


class MalformedRequest(TrialbookError):
    """What was sent cannot be read at all."""

    status, slug, title = 400, "malformed-request", "The request cannot be read"


class Unauthenticated(TrialbookError):
    """Nobody is signed in, or the token is of no use."""

    status, slug, title = 401, "not-signed-in", "Sign in first"


class SessionExpired(Unauthenticated):
    """The token was good, and its time is over."""

    slug, title = "token-expired", "Your session has expired"


class Forbidden(TrialbookError):
    """Whoever is signed in may not do this."""

    status, slug, title = 403, "not-allowed", "Not allowed"


class Restricted(Forbidden):
    """The record is open to others only."""

    slug, title = "restricted", "This record is restricted"


class UnknownMedication(InvalidRequest):
    """No medicine of that name or code in the formulary."""

    slug, title = "unknown-medication", "The medicine is not known"


class NotFound(TrialbookError):
    """No such thing for this organisation."""

    status, slug, title = 404, "not-found", "Not found"


class Gone(TrialbookError):
    """It was marked as entered in error; its history can still be read."""

    status, slug, title = 410, "entered-in-error", "Marked as entered in error"


class Conflict(TrialbookError):
    """It clashes with what is stored."""

    status, slug, title = 409, "conflict", "Conflicts with what is stored"


class PreconditionFailed(TrialbookError):
    """Somebody else changed it meanwhile."""

    status, slug, title = 412, "precondition-failed", "Changed by somebody else meanwhile"


class PreconditionRequired(TrialbookError):
    """A change needs the version that it was made from."""

    status, slug, title = 428, "precondition-required", "If-Match is required"


class TooManyRequests(TrialbookError):
    """The client asked more often than it may."""

    status, slug, title = 429, "too-many-requests", "More requests than are allowed in this time"


class DatabaseTooSlow(TrialbookError):
    """The database did not come to the end of a statement in time."""

    status, slug, title = 503, "too-slow", "It takes too long at the moment"


class NotReady(TrialbookError):
    """The database is there, but not as the service needs it."""

    status, slug, title = 503, "not-ready", "The service is not ready"


class DatabaseUnavailable(TrialbookError):
    """The database does not answer at the moment."""

    status, slug, title = 503, "database-unavailable", "The database is away for the moment"


def place_of(error: BaseException) -> str:
    """Where it was raised: file and line, no values. That much of an unexpected error may be logged."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "nowhere" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
