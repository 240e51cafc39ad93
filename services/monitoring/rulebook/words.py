"""Slugs, counts and lists in the sentences of the rulebook. No word of it belongs to one medicine."""

import re
from collections.abc import Iterable, Mapping, Sequence

_NUMBER = re.compile(r"(?<=\d)-(?=\d)")
_CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]*\b")
_SHOWN = 4  # of a longer list, in a sentence
_DONE = {"reviewed": "asked about", "counselled": "told about", "resolved": "over", "sign": "found"}


class Glossary:
    """What a protocol writes in capitals in its titles and citations, its slugs are said in: `itp` is ITP."""

    def __init__(self, texts: Iterable[str], measured: Mapping[str, str] | None = None) -> None:
        """`measured` names what a LOINC code measures."""
        found = {word for text in texts for word in _CAPITALS.findall(text)}
        self._capitals = {word.lower(): word for word in found}
        self._measured = measured or {}

    def plain(self, slug: str) -> str:
        """ "easy bruising", "sodium chloride 0.9", "suspicious MRI"."""
        words = _NUMBER.sub(".", slug).split("-")
        return " ".join(self._capitals.get(word, word) for word in words)

    def measured(self, codes: Sequence[str]) -> list[str]:
        """Each thing once; a code that no requirement names stays a code."""
        return list(dict.fromkeys(self._measured.get(code, code) for code in codes))

    def act(self, word: str) -> str:
        """A word of rules/acts.py as a finding: "petechiae", "suspected ITP", "positive screening for TB"."""
        kind, _, slug = word.partition(":")
        if kind == "screened":
            name, _, result = slug.partition(":")
            return f"{result} screening for {self.plain(name)}".strip()
        name = self.plain(slug)
        said = {"sign": name, "pregnancy": f"{name} pregnancy", "examined": f"a performed {name} exam"}
        return said.get(kind, f"{kind} {name}")

    def acts(self, words: Sequence[str]) -> str:
        """Words of rules/acts.py as what was done: "HLH evaluated, excluded or confirmed"."""
        done: dict[str, list[str]] = {}
        for word in words:
            kind, _, slug = word.partition(":")
            done.setdefault(self.plain(slug.replace(":", "-")), []).append(_DONE.get(kind, kind))
        return "; ".join(f"{name} {listed(kinds, 'or')}" for name, kinds in done.items())


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "platelets, leukocytes and hemoglobin"."""
    return f" {last} ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def shortened(words: Sequence[str], last: str = "or") -> str:
    """The same, of a longer list only the first ones: "petechiae, epistaxis, hemoptysis or 9 more"."""
    if len(words) <= _SHOWN + 1:
        return listed(words, last)
    return f"{', '.join(words[:_SHOWN])} {last} {len(words) - _SHOWN} more"


def counted(number: float, word: str) -> str:
    """ "1 day", "36 days", "4 hours"."""
    return f"{number:g} {word}{'' if number == 1 else 's'}"


def first_upper(text: str) -> str:
    """The first letter large, unless the word has its own ("aPTT")."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]
