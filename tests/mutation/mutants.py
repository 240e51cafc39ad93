"""Small slips of the pen in a Python file, one at a time: the mistakes that the tests of the rules must notice."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
SWAPPED_CALLS = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
    "takewhile": "dropwhile",
}
ONE_DAY_CALLS = {"day_after", "day_before"}
# Annotations are not code that runs, and a fresh value of a cache or a slot declaration has no clinical meaning.
SKIPPED_FIELDS = {"annotation", "returns", "decorator_list", "type_params", "bases", "keywords"}


@dataclass(frozen=True)
class Mutant:
    """One slip: the `number`th edit of the node that `way` leads to."""

    file: Path
    line: int
    text: str  # of that line
    change: str  # original → mutated
    way: "Way"
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.change}"

    def source(self) -> str:
        tree = ast.parse(self.file.read_text())
        _replace(tree, self.way, lambda node: list(_edits(node))[self.number](node))
        return ast.unparse(ast.fix_missing_locations(tree))


# Nodes are told apart by the edit that is made for them, so the change takes any.
Edit = Callable[[Any], ast.AST]


def mutants_of(file: Path) -> list[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    source = file.read_text()
    lines = source.splitlines()
    return [
        Mutant(file, line, lines[line - 1].strip(), f"{_told(node)} → {_told(edit(copy.deepcopy(node)))}", way, number)
        for way, node in _nodes(ast.parse(source))
        for line in [_line(node)]
        for number, edit in enumerate(_edits(node))
    ]


def _told(node: ast.AST) -> str:
    """A node as one line of code; of a branch only its condition."""
    text = f"if {ast.unparse(node.test)}" if isinstance(node, ast.If) else ast.unparse(node)
    return " ".join(text.split())


Way = tuple[tuple[str, int | None], ...]


def _nodes(node: ast.AST, path: Way = ()) -> Iterator[tuple[Way, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if name in SKIPPED_FIELDS and not isinstance(node, ast.Call):
            continue
        children = value if isinstance(value, list) else [value]
        for place, child in enumerate(children):
            if isinstance(child, ast.AST):
                here: Way = (*path, (name, place if isinstance(value, list) else None))
                yield here, child
                yield from _nodes(child, here)


def _replace(tree: ast.AST, path: Way, change: Callable[[Any], ast.AST]) -> None:
    *way, (name, place) = path
    parent = tree
    for field, index in way:
        value = getattr(parent, field)
        parent = value if index is None else value[index]
    value = getattr(parent, name)
    new = change(value if place is None else value[place])
    if place is None:
        setattr(parent, name, new)
    else:
        value[place] = new


def _edits(node: ast.AST) -> Iterator[Edit]:
    """What may be wrong at one place, each as a change of the node."""
    for kind in (_operators, _logic, _constants, _branches, _statements, _calls):
        yield from kind(node)


def _operators(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            if turned := COMPARISONS.get(type(op)):
                yield partial(_turn, place, turned)
    if isinstance(node, ast.BinOp) and _is_union(node):
        yield lambda n: n.left
        yield lambda n: n.right
    elif isinstance(node, ast.BinOp) and (other := ARITHMETIC.get(type(node.op))):
        yield lambda n: _with(n, op=other())


def _logic(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield lambda n: _with(n, op=other())
        for place, operand in enumerate(node.values):
            if _is_guard(operand):
                continue
            yield partial(_without, place)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield lambda n: n.operand


def _constants(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda n: ast.Constant(not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield lambda n: ast.Constant(n.value + 1)


def _branches(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.If):
        yield lambda n: _with(n, test=ast.Constant(False))
        yield lambda n: _with(n, test=ast.Constant(True))
    if isinstance(node, ast.IfExp):
        yield lambda n: n.body
        yield lambda n: n.orelse
    if isinstance(node, ast.comprehension) and node.ifs:
        yield lambda n: _with(n, ifs=[])


def _statements(node: ast.AST) -> Iterator[Edit]:
    acts = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom)
    if acts or isinstance(node, ast.AugAssign | ast.Continue | ast.Break):
        yield lambda _: ast.Pass()


def _calls(node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    name = node.func.id
    if other := SWAPPED_CALLS.get(name):
        yield lambda n: _with(n, func=ast.Name(other, ast.Load()))
    if name in ONE_DAY_CALLS:
        yield lambda n: n.args[0]
    if name == "sorted":
        yield lambda n: ast.Call(ast.Name("list", ast.Load()), n.args, [])


def _turn(place: int, new: type[ast.cmpop], node: ast.Compare) -> ast.AST:
    node.ops[place] = new()
    return node


def _with(node: ast.AST, **fields: object) -> ast.AST:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _without(place: int, node: ast.BoolOp) -> ast.AST:
    values = [value for index, value in enumerate(node.values) if index != place]
    return values[0] if len(values) == 1 else _with(node, values=values)


def _is_union(node: ast.AST) -> bool:
    """`A | B` of classes: with `&` it would not even run, so a class is left out instead."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and _is_union(node.left) and _is_union(node.right)
    return isinstance(node, ast.Name) and node.id[0].isupper()


def _line(node: ast.AST) -> int:
    """The first line that it or a part of it stands on."""
    return min((part.lineno for part in ast.walk(node) if hasattr(part, "lineno")), default=0)


def _is_guard(operand: ast.AST) -> bool:
    """`x is not None`, or `x` alone: mostly there for the type checker, so that dropping it changes nothing."""
    if isinstance(operand, ast.Compare):
        return isinstance(operand.ops[0], ast.Is | ast.IsNot) and isinstance(operand.comparators[0], ast.Constant)
    return isinstance(operand, ast.Name | ast.Attribute)
