"""What the OpenAPI document says in words: the order of work, and the introduction."""

TAGS = [
    {"name": "0 Sign in", "description": "Press Authorize above; or ask for a token here, as a program does."},
    {"name": "1 Find or add the patient", "description": "Start here: find the patient by an identifier, or add one."},
    {"name": "2 Find the medicine", "description": "Brand, generic name, code or misspelling: find what is known."},
    {
        "name": "3 Record episodes and treatments",
        "description": "When the depression began, which medicines were tried, and what else was, with what outcome.",
    },
    {
        "name": "4 Record scales, symptoms and factors",
        "description": "Filled-in scales with severity, safety and trend; symptoms; what may contribute to the "
        "depression; results that were scored elsewhere.",
    },
    {
        "name": "5 Ask for the TRD status",
        "description": "Whether the history meets a definition of treatment-resistant depression, and why.",
    },
    {
        "name": "6 Read the timeline and the report",
        "description": "The history as a picture, and one page that says the answer, why, and what is missing.",
    },
    {
        "name": "7 Keep and sign answers",
        "description": "Store an answer as it is now, sign it, and see later what has changed since.",
    },
    {"name": "8 Plan the treatment", "description": "Goals, steps and who signed them."},
    {
        "name": "CDS Hooks",
        "description": "For EHRs (CDS Hooks 2.0): cards while a chart is open or an order is made, from resources that "
        "the EHR sends along. Nothing of the patient is stored.",
    },
    {"name": "9 Service", "description": "Whether the service lives and can answer."},
]
DESCRIPTION = """Record which antidepressants a patient has tried and what came of them, and ask whether the history
meets a published definition of treatment-resistant depression, with the reason for every step.

Work through the numbered sections from top to bottom. Unknown is a valid answer everywhere: leave a field out, or send
null. Dates may be as vague as what is remembered (`2024`, `2024-11`, `2024-11-05`). The service supports a clinician's
judgement and never replaces it.
"""
