"""Slips that no test can notice, because they change no answer: left out of the run, each with the reason why.

An entry that no longer meets a line of its file ends the run, so that the list never outlives the code.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant

LIST = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class Equivalent:
    file: str  # its name
    line: str  # as it is written, without the indent
    mutation: str  # original → mutated
    why: str

    def covers(self, mutant: Mutant) -> bool:
        return (self.file, self.line, self.mutation) == (mutant.file.name, mutant.text, mutant.change)


def equivalents() -> list[Equivalent]:
    return [Equivalent(**entry) for entry in tomllib.loads(LIST.read_text()).get("equivalent", [])]


def outdated(known: Sequence[Equivalent], mutants: Sequence[Mutant]) -> list[Equivalent]:
    """Entries about the files of these mutants that cover none of them."""
    files = {mutant.file.name for mutant in mutants}
    return [one for one in known if one.file in files and not any(one.covers(mutant) for mutant in mutants)]
