"""The timeline and the report at the edge: JSON, a picture, a page, a PDF. The slow ones are made by the worker."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from api.answers import DefinitionAsked, MomentDep
from api.responses import ANSWERS, PAGES
from models.evaluation import DEFAULT_DEFINITION
from models.timeline import Timeline
from registry import report as reports
from registry.report import Gathered
from registry.timeline import timeline
from report.page import POLICY, page
from report.pdf import laid_out, to_lay_out
from report.timeline_svg import USUAL_WIDTH, timeline_svg
from web.deps import DeskDep, PatientId
from web.doorman import COOKIE
from web.routing import noun_router
from web.worker import COMPOSING, LAYING_OUT

router = noun_router("6 Read the timeline and the report")
ONE = "/patients/{patient_id}"
SVG, HTML, PDF = "image/svg+xml", "text/html; charset=utf-8", "application/pdf"
# Nothing of a report is kept by browsers or proxies; a picture opened by itself may load and run nothing.
GUARDS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"}
# Viewers of PDF in browsers bring scripts and styles of their own, which a stricter policy would stop.
ONLY_A_DOCUMENT = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ONLY_A_PICTURE = "default-src 'none'; style-src 'none'; frame-ancestors 'none'; sandbox"
Width = Annotated[
    int,
    Query(ge=320, le=1600, description="Pixels across: 340 suits a phone, 720 a page. The text is as large in each."),
]


async def _asked(
    patient_id: PatientId, desk: DeskDep, moment: MomentDep, definition: DefinitionAsked = DEFAULT_DEFINITION
) -> Gathered:
    return await reports.gathered(desk, patient_id, definition, moment)


Asked = Annotated[Gathered, Depends(_asked)]


@router.get(
    f"{ONE}/timeline",
    operation_id="read_timeline",
    summary="What happened when?",
    response_model=Timeline,
    responses=ANSWERS,
)
async def read_timeline(
    patient_id: PatientId, desk: DeskDep, moment: MomentDep, definition: DefinitionAsked = DEFAULT_DEFINITION
) -> dict[str, Any]:
    """Episodes, medicines with their doses, other treatments, ratings, symptoms and factors along time.

    Each trial carries the verdict of the definition in a few words. Days that are only partly known are given as the
    first and the last that are possible. Nothing that happened after `on` is in it.
    """
    return await timeline(desk, patient_id, definition, moment)


@router.get(
    f"{ONE}/timeline.svg",
    operation_id="read_timeline_picture",
    summary="The same as a picture",
    response_class=Response,
    responses=PAGES[SVG],
)
async def read_timeline_picture(asked: Asked, width: Width = USUAL_WIDTH) -> Response:
    """The timeline drawn: ratings above, then episodes, medicines as bars as high as their dose, other treatments.

    The verdict on each trial is written at its bar, and told by pattern as well as by colour. Dashed outlines are
    possible but not certain. The picture says in words all that it shows, for whoever cannot see it.
    """
    made = await COMPOSING.do(lambda: timeline_svg(reports.timeline_in(asked), width))
    return Response(made, media_type=SVG, headers=GUARDS | {"Content-Security-Policy": ONLY_A_PICTURE})


@router.get(
    f"{ONE}/report",
    operation_id="read_report",
    summary="The report to read or print",
    response_class=Response,
    responses=PAGES["text/html"],
)
async def read_report(asked: Asked, request: Request) -> Response:
    """One page for a clinician: safety first, then the answer, why, and what is missing; then every detail.

    It has the timeline, each trial with every criterion and its source, what would change the answer, what other
    definitions and staging methods say, and the families of treatment with cautions. It prints on A4 in black and
    white. It informs; it recommends nothing.
    """
    by_cookie = COOKIE in request.cookies
    made = await COMPOSING.do(lambda: page(reports.report_of(asked), sign_out=by_cookie))
    return Response(made, media_type=HTML, headers=GUARDS | {"Content-Security-Policy": POLICY})


@router.get(
    f"{ONE}/report.pdf",
    operation_id="read_report_pdf",
    summary="The report as a PDF",
    response_class=Response,
    responses=PAGES[PDF],
)
async def read_report_pdf(asked: Asked) -> Response:
    """The same report on A4 pages, tagged for screen readers, to file or to send."""
    composed = await COMPOSING.do(lambda: to_lay_out(reports.report_of(asked)))
    made = await LAYING_OUT.do(lambda: laid_out(composed))
    shown = {"Content-Disposition": 'inline; filename="report.pdf"', "Content-Security-Policy": ONLY_A_DOCUMENT}
    return Response(made, media_type=PDF, headers=GUARDS | shown)
