"""The page of all rules, from the rulebook to HTML; it needs no store."""

from collections.abc import Iterable

from starlette.responses import Response

from services.monitoring.dashboard.lines import whose
from services.monitoring.dashboard.rendering import page
from services.monitoring.dashboard.rules import BASES, SWITCHED, read_chosen, rules_page
from services.monitoring.reading.library import Library


def all_rules(library: Library, given: Iterable[tuple[str, str]]) -> Response:
    """Raises Unasked."""
    chosen = read_chosen(given, library.books)
    book = library.books[chosen.protocol]
    return page(
        "rules.html",
        here="rules",
        frame=None,
        kept=[],
        book=book,
        chosen=chosen,
        protocols=sorted(library.books),
        bases=[(basis, whose(basis)) for basis in BASES],
        switched=list(SWITCHED.items()),
        shown=rules_page(book, chosen),
    )
