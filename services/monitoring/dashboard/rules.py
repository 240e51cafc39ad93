"""The page of all rules: chapter by chapter, whose each is, how it works, and whether it is switched on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from services.monitoring.dashboard.asked import Unasked, address
from services.monitoring.dashboard.lines import whose
from services.monitoring.dashboard.words import count, first_lower, listing
from services.monitoring.rulebook.entry import KINDS, Carried, Chapter, Detail, Entry, NotCarriedOut, Rulebook
from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis

T = TypeVar("T")
Switched = Literal["on", "off"]
BASES: tuple[Basis, ...] = ("seed", "label_us", "rems", "smpc_eu", "policy", "unconfirmed")
SWITCHED: dict[Switched, str] = {"on": "Switched on", "off": "Switched off"}
_EFFECTS: dict[Severity, str] = {
    "BLOCK": "Stops an infusion",
    "HOLD": "Holds infusions",
    "WARN": "Warns",
    "TASK": "To be done",
    "INFO": "For information",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the page; None = all."""

    protocol: str
    chapter: str | None = None
    basis: Basis | None = None
    switched: Switched | None = None

    @property
    def filtered(self) -> bool:
        return (self.chapter, self.basis, self.switched) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Row:
    """`whose` is None for what is not software; `by` names the rule that carries it out; `on` is None where neither.

    `rhythm` is whose the rhythm is, where that is another's.
    """

    anchor: str
    id: str
    title: str
    kind: str
    effect: str
    how: str
    details: tuple[Detail, ...]
    by: str
    basis: Basis | None
    whose: str
    rhythm_basis: Basis | None
    rhythm: str
    citation: str
    on: bool | None
    elsewhere: str


@dataclass(frozen=True, slots=True)
class Shown:
    key: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class RulesPage:
    """`by_chapter` and `by_basis` count the rules that are on whatever the filters: key, words, number, address."""

    headline: str
    subline: str
    chapters: tuple[Shown, ...]
    by_chapter: tuple[tuple[str, str, int, str], ...]
    by_basis: tuple[tuple[str, str, int, str], ...]


def asked_protocol(given: Iterable[tuple[str, str]], protocols: Sequence[str]) -> str:
    """The one that the query names, else the first. Raises Unasked."""
    named = [text.strip() for name, text in given if name == "protocol" and text.strip()]
    if named and named[-1] not in protocols:
        raise Unasked("protocol", "must be one of " + ", ".join(protocols))
    return named[-1] if named else protocols[0]


def read_chosen(given: Iterable[tuple[str, str]], book: Rulebook) -> Chosen:
    """The page's filters; an empty field asks for nothing. Raises Unasked."""
    values = {name: text.strip() for name, text in given if text.strip()}
    keys = {chapter.key for chapter in book.chapters if chapter.key}
    chapter = values.get("chapter")
    if chapter is not None and chapter not in keys:
        raise Unasked("chapter", "must be one of " + ", ".join(sorted(keys)))
    return Chosen(
        book.protocol,
        chapter,
        _one_of("basis", values.get("basis"), {basis: basis for basis in BASES}),
        _one_of("switched", values.get("switched"), {one: one for one in SWITCHED}),
    )


def rules_page(book: Rulebook, chosen: Chosen) -> RulesPage:
    seen: set[str] = set()
    chapters = tuple(
        Shown(chapter.key, chapter.title, rows)
        for chapter in book.chapters
        if chosen.chapter in {None, chapter.key}
        if (rows := tuple(_rows(chapter, chosen, seen)))
    )
    on = [rule for rule in book.rules if rule.on]
    return RulesPage(
        headline=_headline(book, chosen, chapters),
        subline=_subline(book),
        chapters=chapters,
        by_chapter=tuple(
            (one.key, one.title, _on(one), rules_address(chosen, chapter=one.key)) for one in book.chapters if one.key
        ),
        by_basis=tuple(
            (basis, whose(basis), number, rules_address(chosen, basis=basis))
            for basis in BASES
            if (number := sum(basis in {rule.basis, rule.cadence_basis} for rule in on))
            or any(rule.basis == basis for rule in book.rules)
        ),
    )


def rules_address(chosen: Chosen, **only: str) -> str:
    """The page with this one filter; of the protocol that is shown."""
    return address("/rules", [("protocol", chosen.protocol), *only.items()])


def _rows(chapter: Chapter, chosen: Chosen, seen: set[str]) -> Iterable[Row]:
    found: list[tuple[str, Row]] = []
    found += [
        (rule.id, _rule(rule, _anchor(rule.id, seen)))
        for rule in chapter.rules
        if _chosen(chosen, {rule.basis, rule.cadence_basis}, on=rule.on)
    ]
    found += [
        (one.id, _carried(one, _anchor(one.id, seen)))
        for one in chapter.carried
        if _chosen(chosen, {one.basis}, on=one.on)
    ]
    if chosen.basis is None and chosen.switched is None:
        found += [(one.id, _aside(one, _anchor(one.id, seen))) for one in chapter.asides]
    return (row for _, row in sorted(found, key=lambda entry: entry[0]))


def _chosen(chosen: Chosen, bases: set[Basis | None], *, on: bool) -> bool:
    fits = chosen.basis is None or chosen.basis in bases
    return fits and (chosen.switched is None or (chosen.switched == "on") == on)


def _anchor(rule: str, seen: set[str]) -> str:
    """An id of the page: a rule that is written twice has a number behind the second."""
    anchor, number = rule, 2
    while anchor in seen:
        anchor, number = f"{rule}-{number}", number + 1
    seen.add(anchor)
    return anchor


def _rule(rule: Entry, anchor: str) -> Row:
    other = rule.cadence_basis if rule.cadence_basis != rule.basis else None
    return Row(
        anchor=anchor,
        id=rule.id,
        title=rule.title,
        kind=KINDS[rule.kind],
        effect=_EFFECTS[rule.severity],
        how=rule.how,
        details=rule.details,
        by="",
        basis=rule.basis,
        whose=whose(rule.basis),
        rhythm_basis=other,
        rhythm=whose(other) if other else "",
        citation=rule.citation,
        on=rule.on,
        elsewhere=_elsewhere(rule.profiles, on=rule.on),
    )


def _carried(one: Carried, anchor: str) -> Row:
    return Row(
        anchor=anchor,
        id=one.id,
        title=one.title,
        kind="",
        effect="",
        how="",
        details=(),
        by=one.by,
        basis=one.basis,
        whose=whose(one.basis),
        rhythm_basis=None,
        rhythm="",
        citation=one.citation,
        on=one.on,
        elsewhere=_elsewhere(one.profiles, on=one.on),
    )


def _aside(one: NotCarriedOut, anchor: str) -> Row:
    return Row(anchor, one.id, one.title, "", "", one.why, (), "", None, "", None, "", "", None, "")


def _elsewhere(profiles: tuple[str, ...], *, on: bool) -> str:
    if on:
        return ""
    return f"on in {listing(profiles)}" if profiles else "in no profile"


def _on(chapter: Chapter) -> int:
    return sum(rule.on for rule in chapter.rules) + sum(one.on for one in chapter.carried)


def _headline(book: Rulebook, chosen: Chosen, chapters: tuple[Shown, ...]) -> str:
    on = sum(rule.on for rule in book.rules)
    if not chosen.filtered:
        return f"{count(on, 'rule')} {'is' if on == 1 else 'are'} on in profile {book.profile}"
    shown = sum(len(chapter.rows) for chapter in chapters)
    words = [
        *([next(one.title for one in book.chapters if one.key == chosen.chapter)] if chosen.chapter else []),
        *([whose(chosen.basis)] if chosen.basis else []),
        *([first_lower(SWITCHED[chosen.switched])] if chosen.switched else []),
    ]
    return f"{count(shown, 'rule')}: {', '.join(words)}" if shown else f"No rule: {', '.join(words)}"


def _subline(book: Rulebook) -> str:
    off = sum(not rule.on for rule in book.rules)
    carried = sum(len(chapter.carried) for chapter in book.chapters)
    asides = sum(len(chapter.asides) for chapter in book.chapters)
    said = f"{book.title}. {count(off, 'more rule')} of the file {'is' if off == 1 else 'are'} off"
    return f"{said}; {carried} are carried out by another rule, {asides} are not software, each with its reason."


def _one_of(field: str, text: str | None, known: Mapping[str, T]) -> T | None:
    if text is None or text in known:
        return None if text is None else known[text]
    raise Unasked(field, "must be one of " + ", ".join(known))
