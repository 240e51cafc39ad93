"""Small slips of the pen in a Python file, one at a time: the mistakes that the tests of the rules must notice."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
    what: str
    way: "Way"
    number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"

    def source(self) -> str:
        tree = ast.parse(self.file.read_text())
        _replace(tree, self.way, lambda node: list(_edits(node))[self.number][1](node))
        return ast.unparse(ast.fix_missing_locations(tree))


# Nodes are told apart by the edit that is made for them, so the change takes any.
Edit = tuple[str, Callable[[Any], ast.AST]]


def mutants_of(file: Path) -> list[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    return [
        Mutant(file, _line(node), what, way, number)
        for way, node in _nodes(ast.parse(file.read_text()))
        for number, (what, _) in enumerate(_edits(node))
    ]


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
    """What may be wrong at one place: a name for the slip, and the node instead."""
    for kind in (_operators, _logic, _constants, _branches, _statements, _calls):
        yield from kind(node)


def _operators(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            if turned := COMPARISONS.get(type(op)):
                yield (
                    f"{type(op).__name__} -> {turned.__name__}",
                    lambda n, place=place, new=turned: _turn(n, place, new),
                )
    if isinstance(node, ast.BinOp) and (other := ARITHMETIC.get(type(node.op))):
        yield f"{type(node.op).__name__} -> {other.__name__}", lambda n: _with(n, op=other())


def _logic(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{type(node.op).__name__} -> {other.__name__}", lambda n: _with(n, op=other())
        for place, operand in enumerate(node.values):
            if _is_guard(operand):
                continue
            yield f"operand {place + 1} dropped", lambda n, place=place: _without(n, place)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield f"{type(node.op).__name__} dropped", lambda n: n.operand


def _constants(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} -> {not node.value}", lambda n: ast.Constant(not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value} -> {node.value + 1}", lambda n: ast.Constant(n.value + 1)


def _branches(node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.If):
        yield "branch never taken", lambda n: _with(n, test=ast.Constant(False))
        yield "branch always taken", lambda n: _with(n, test=ast.Constant(True))
    if isinstance(node, ast.IfExp):
        yield "always the first", lambda n: n.body
        yield "always the second", lambda n: n.orelse
    if isinstance(node, ast.comprehension) and node.ifs:
        yield "filter dropped", lambda n: _with(n, ifs=[])


def _statements(node: ast.AST) -> Iterator[Edit]:
    acts = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom)
    if acts or isinstance(node, ast.AugAssign | ast.Continue | ast.Break):
        yield "statement dropped", lambda _: ast.Pass()


def _calls(node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    name = node.func.id
    if other := SWAPPED_CALLS.get(name):
        yield f"{name} -> {other}", lambda n: _with(n, func=ast.Name(other, ast.Load()))
    if name in ONE_DAY_CALLS:
        yield f"{name} dropped", lambda n: n.args[0]
    if name == "sorted":
        yield "not sorted", lambda n: ast.Call(ast.Name("list", ast.Load()), n.args, [])


def _turn(node: ast.Compare, place: int, new: type[ast.cmpop]) -> ast.AST:
    node.ops[place] = new()
    return node


def _with(node: ast.AST, **fields: object) -> ast.AST:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _without(node: ast.AST, place: int) -> ast.AST:
    values = [value for index, value in enumerate(node.values) if index != place]
    return values[0] if len(values) == 1 else _with(node, values=values)


def _line(node: ast.AST) -> int:
    """The first line that it or a part of it stands on."""
    return min((part.lineno for part in ast.walk(node) if hasattr(part, "lineno")), default=0)


def _is_guard(operand: ast.AST) -> bool:
    """`x is not None`, or `x` alone: mostly there for the type checker, so that dropping it changes nothing."""
    if isinstance(operand, ast.Compare):
        return isinstance(operand.ops[0], ast.Is | ast.IsNot) and isinstance(operand.comparators[0], ast.Constant)
    return isinstance(operand, ast.Name | ast.Attribute)
