"""The JSON edge: one noun a file; a handler is a signature and one call."""

from api import (
    answers,
    assessments,
    catalogue,
    definitions,
    docs,
    episodes,
    kept_answers,
    medication_trials,
    medications,
    patients,
    report,
    service,
    staging,
    treatment_options,
)

# The two lines of a new noun: its import above and its router here. A test fails for one that is forgotten.
REGISTERED = (
    medication_trials.router,
    patients.router,
    episodes.router,
    assessments.router,
    medications.router,
    answers.router,
    definitions.router,
    kept_answers.router,
    staging.router,
    treatment_options.router,
    report.router,
    catalogue.router,
    service.router,
    docs.router,
)
