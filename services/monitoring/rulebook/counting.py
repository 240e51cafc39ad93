"""How many rules of each kind are on in each profile: the table of README.md, made from the protocol."""

from services.monitoring.rulebook.entry import KINDS, Rulebook, RuleKind


def counts(book: Rulebook) -> dict[RuleKind, dict[str, int]]:
    """By kind and profile; a rule that is written twice for a profile, under two kinds, counts in both."""
    return {
        kind: {
            profile: sum(rule.kind == kind and profile in rule.profiles for rule in book.rules)
            for profile in book.profiles
        }
        for kind in KINDS
    }


def ids(book: Rulebook) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Ids that are rules of their own, that others carry out, and that are not software."""
    carried = frozenset(one.id for chapter in book.chapters for one in chapter.carried)
    asides = frozenset(one.id for chapter in book.chapters for one in chapter.asides)
    return frozenset(rule.id for rule in book.rules), carried, asides


def table(book: Rulebook) -> str:
    """The counts as a table in Markdown, with a last row for all kinds together."""
    found = counts(book)
    rows = [(KINDS[kind], [number[profile] for profile in book.profiles]) for kind, number in found.items()]
    rows.append(("**all**", [sum(number[profile] for number in found.values()) for profile in book.profiles]))
    head = ["rules, by kind", *(f"`{profile}`" for profile in book.profiles)]
    lines = [head, ["---", *["---:"] * len(book.profiles)], *([name, *map(str, numbers)] for name, numbers in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
