"""Templates to answers: every page is escaped, uncached, unframed and without any script or style but our own."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

_FOLDER = Path(__file__).parent
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STATIC = {
    "tokens.css": "text/css",
    "coursewatch.css": "text/css",
    "course.css": "text/css",
    "rules.css": "text/css",
    "windows.css": "text/css",
    "live.js": "text/javascript",
}


def page(template: str, status: int = 200, **said: object) -> Response:
    """A page as HTML with the headers that all pages carry."""
    html = _ENVIRONMENT.get_template(template).render(**said)
    return Response(html, status, dict(HEADERS), media_type="text/html; charset=utf-8")


def static(name: str) -> Response | None:
    """A style sheet or the script; None for any other name."""
    if name not in _STATIC:
        return None
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response((_FOLDER / "static" / name).read_bytes(), headers=headers, media_type=_STATIC[name])
