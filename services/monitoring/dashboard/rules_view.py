"""The page of all rules, from the rulebook of the edition in force to HTML."""

from collections.abc import Iterable

from starlette.responses import Response

from services.monitoring.dashboard.lines import whose
from services.monitoring.dashboard.rendering import page
from services.monitoring.dashboard.rules import BASES, SWITCHED, asked_protocol, read_chosen, rules_page
from services.monitoring.reading.reader import Reader


def all_rules(reader: Reader, given: Iterable[tuple[str, str]]) -> Response:
    """Raises Unasked."""
    pairs = list(given)
    protocols = sorted(reader.library.editions)
    book = reader.rulebook(asked_protocol(pairs, protocols))
    chosen = read_chosen(pairs, book)
    return page(
        "rules.html",
        here="rules",
        frame=None,
        kept=[],
        book=book,
        chosen=chosen,
        protocols=protocols,
        bases=[(basis, whose(basis)) for basis in BASES],
        switched=list(SWITCHED.items()),
        shown=rules_page(book, chosen),
    )
