"""The faults that can be planted in a module, each with a name that outlives edits elsewhere in it."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

from msgspec import Struct

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}
MODULE = "<module>"
AGGREGATES = {"any": "all", "all": "any", "min": "max", "max": "min"}


class Mutant(Struct, frozen=True, kw_only=True):
    """One fault: where it is planted, and what the expression or statement there becomes."""

    file: str
    """Path of the module, relative to the project's directory."""

    scope: str
    """Qualified name of the function or class, `MODULE` outside of them."""

    before: str
    after: str
    occurrence: int
    """Which one of several that read alike in the same scope; counted from 1."""

    line: int

    @property
    def on_import(self) -> bool:
        """Whether the place runs when its module is imported, or stands in a function of a table."""
        return self.scope == MODULE

    @property
    def name(self) -> str:
        """The name by which the list of survivors knows this mutant; it holds no line number."""
        which = f" (#{self.occurrence})" if self.occurrence > 1 else ""
        return f"{self.file}::{self.scope}: {self.before} => {self.after}{which}"


class _Site(Struct, frozen=True):
    node: ast.expr | ast.stmt
    scope: str
    change: Callable[[ast.AST], ast.AST]


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Return every mutant of a module, in the order of its source."""
    return [mutant for mutant, _ in _enumerate(path.read_text(), str(path.relative_to(root)))]


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Return the module's syntax tree with the fault planted."""
    for one, site in _enumerate(source, mutant.file):
        if one.name == mutant.name:
            fault = ast.copy_location(site.change(deepcopy(site.node)), site.node)
            _Replace(site.node, fault).visit(site.tree)
            return ast.fix_missing_locations(site.tree)
    raise LookupError(f"{mutant.name}: the module has no such place")


class _Placed(Struct, frozen=True):
    tree: ast.Module
    node: ast.expr | ast.stmt
    change: Callable[[ast.AST], ast.AST]


def _enumerate(source: str, file: str) -> Iterator[tuple[Mutant, _Placed]]:
    tree = ast.parse(source)
    seen: Counter[tuple[str, str, str]] = Counter()
    for site in _sites(tree):
        before = _text(site.node)
        after = _text(site.change(deepcopy(site.node)))
        key = (site.scope, before, after)
        seen[key] += 1
        mutant = Mutant(
            file=file,
            scope=site.scope,
            before=before,
            after=after,
            occurrence=seen[key],
            line=site.node.lineno,
        )
        yield mutant, _Placed(tree, site.node, site.change)


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else super().visit(node)


def _sites(tree: ast.Module) -> Iterator[_Site]:
    yield from _within(tree.body, ())


def _within(body: list[ast.stmt], scope: tuple[str, ...]) -> Iterator[_Site]:
    for statement in body:
        yield from _of_statement(statement, scope)


def _of_statement(statement: ast.stmt, scope: tuple[str, ...]) -> Iterator[_Site]:
    where = ".".join(scope) or MODULE
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from _within(statement.body, (*scope, statement.name))
            return
        case ast.Import() | ast.ImportFrom() | ast.Raise() | ast.Assert():
            return  # the words of a refusal, and what cannot happen
        case ast.Expr(value=ast.Constant()):
            return  # a docstring
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return
        case ast.Expr(value=ast.Call()):
            yield _Site(statement, where, lambda _: ast.Pass())
        case ast.Continue():
            yield _Site(statement, where, lambda _: ast.Break())
        case ast.Break():
            yield _Site(statement, where, lambda _: ast.Continue())
        case ast.If(test=test) | ast.While(test=test) if _is_plain(test):
            yield _Site(test, where, _negated)
        case _:
            pass
    for child in _children(statement):
        match child:
            case ast.stmt():
                yield from _of_statement(child, scope)
            case ast.expr():
                yield from _of_expression(child, where)
            case ast.match_case():
                if child.guard is not None:
                    yield from _of_expression(child.guard, where)
                yield from _within(child.body, scope)
            case ast.ExceptHandler():
                yield from _within(child.body, scope)
            case _:
                pass


def _children(statement: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement, without its annotation and what it assigns to."""
    fields = [name for name in statement._fields if name not in ("annotation", "targets", "target")]
    for name in fields:
        value: ast.AST | list[ast.AST] | None = getattr(statement, name)
        match value:
            case ast.AST():
                yield value
            case list():
                yield from value
            case _:
                pass


def _of_expression(root: ast.expr, where: str) -> Iterator[_Site]:
    for node in ast.walk(root):
        if isinstance(node, ast.expr):
            for change in _changes(node):
                yield _Site(node, where, change)


def _changes(node: ast.expr) -> Iterator[Callable[[ast.AST], ast.AST]]:
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                yield _comparison(index, COMPARISONS[type(operator)])
        case ast.BoolOp():
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield _with(op=other())
        case ast.UnaryOp(op=ast.Not()):
            yield lambda copy: _field(copy, "operand")
        case ast.BinOp() if type(node.op) in ARITHMETIC and not isinstance(
            node.left, ast.Constant | ast.JoinedStr
        ):
            yield _with(op=ARITHMETIC[type(node.op)]())
        case ast.IfExp():
            yield lambda copy: _field(copy, "body")
            yield lambda copy: _field(copy, "orelse")
        case ast.Constant(value=bool() as value):
            yield _with(value=not value)
        case ast.Constant(value=int() as value):
            yield _with(value=value + 1)
        case ast.Call(func=ast.Name(id=name)) if name in AGGREGATES:
            yield _with(func=ast.Name(AGGREGATES[name], ast.Load()))
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for number, generator in enumerate(node.generators):
                for test in range(len(generator.ifs)):
                    yield _without_filter(number, test)
        case _:
            pass


def _is_plain(test: ast.expr) -> bool:
    """Whether no other change turns this condition round."""
    return not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant)


def _negated(copy: ast.AST) -> ast.AST:
    assert isinstance(copy, ast.expr)
    return ast.UnaryOp(ast.Not(), copy)


def _with(**fields: object) -> Callable[[ast.AST], ast.AST]:
    def change(copy: ast.AST) -> ast.AST:
        for name, value in fields.items():
            setattr(copy, name, value)
        return copy

    return change


def _field(copy: ast.AST, name: str) -> ast.AST:
    return getattr(copy, name)


def _comparison(index: int, operator: type[ast.cmpop]) -> Callable[[ast.AST], ast.AST]:
    def change(copy: ast.AST) -> ast.AST:
        assert isinstance(copy, ast.Compare)
        copy.ops[index] = operator()
        return copy

    return change


def _without_filter(number: int, test: int) -> Callable[[ast.AST], ast.AST]:
    def change(copy: ast.AST) -> ast.AST:
        assert isinstance(copy, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp)
        del copy.generators[number].ifs[test]
        return copy

    return change
