"""The page at /docs: Swagger UI with an introduction for clinicians, wholly from our own files, under a strict policy.

Assets are few, named one by one, and kept in memory: what is not in the table does not exist, whatever the path says.
Their address carries a digest of all of them, so they may be kept for ever and are new as soon as one changes.
"""

from hashlib import sha256
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Header, Response
from starlette.responses import RedirectResponse

from registry.errors import NotFound
from report.page import STYLE_DIGEST

router = APIRouter(include_in_schema=False)

FOLDER = Path(__file__).resolve().parent / "assets"
JAVASCRIPT, STYLE, TEXT = "text/javascript; charset=utf-8", "text/css; charset=utf-8", "text/plain; charset=utf-8"
FILES = {
    "swagger-ui-bundle.js": ("swagger-ui", JAVASCRIPT),
    "swagger-ui-bundle.js.LICENSE.txt": ("swagger-ui", TEXT),
    "swagger-ui.css": ("swagger-ui", STYLE),
    "LICENSE": ("swagger-ui", TEXT),
    "NOTICE": ("swagger-ui", TEXT),
    "page.css": ("page", STYLE),
    "page.js": ("page", JAVASCRIPT),
    "sign-in.js": ("page", JAVASCRIPT),
    "favicon.svg": ("page", "image/svg+xml"),
}
FOR_EVER = "public, max-age=31536000, immutable"
LOOK_AGAIN = "no-cache"
ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": f"'self' 'sha256-{STYLE_DIGEST}'",  # ours, and that of the report, which the page shows in a tab
    "img-src": "'self' data:",  # the arrows in Swagger UI's style sheet, and a picture that was tried out
    "connect-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
POLICY = "; ".join(f"{what} {where}" for what, where in ALLOWED.items())
GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NO_SUCH_ASSET = "There is no such file. Open /docs again: it names the files that it needs."
Held = Annotated[str | None, Header(alias="If-None-Match")]


class Asset(NamedTuple):
    """A file as it is sent."""

    body: bytes
    media_type: str
    etag: str


def _asset(body: bytes, media_type: str) -> Asset:
    return Asset(body, media_type, f'"{sha256(body).hexdigest()[:32]}"')


ASSETS = {name: _asset((FOLDER / where / name).read_bytes(), kind) for name, (where, kind) in FILES.items()}
EDITION = sha256("".join(asset.etag for asset in ASSETS.values()).encode()).hexdigest()[:16]
ADDRESS = f"/docs/assets/{EDITION}"
PAGE = _asset(
    (FOLDER / "page" / "page.html").read_bytes().replace(b"{assets}", ADDRESS.encode()), "text/html; charset=utf-8"
)


@router.get("/")
async def go_to_docs() -> Response:
    """Whoever types the bare address wants the page."""
    return RedirectResponse("/docs")


@router.get("/docs")
async def show_page(held: Held = None) -> Response:
    """The page itself. It is asked for again each time, since it names the edition of its files."""
    return _sent(PAGE, held, {"Cache-Control": LOOK_AGAIN, "Content-Security-Policy": POLICY})


@router.get("/docs/assets/{edition}/{name}")
async def show_asset(edition: str, name: str, held: Held = None) -> Response:
    """A file of the page.

    Raises:
        NotFound: it is no file of this edition.
    """
    if edition != EDITION or name not in ASSETS:
        raise NotFound(NO_SUCH_ASSET)
    return _sent(ASSETS[name], held, {"Cache-Control": FOR_EVER})


def _sent(asset: Asset, held: str | None, headers: dict[str, str]) -> Response:
    headers = headers | GUARDS | {"ETag": asset.etag}
    if held is not None and (held.strip() == "*" or asset.etag in held):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
