"""Collection of sentences from the syntax trees of modules, and from templates."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from deploy.docs.generator.syntax import parsed
from tests.sentences.prose import is_prose, is_script, sentences_of_script, without_markup
from tests.sentences.surfaces import FAULTS, LOGS, METRICS, OMITTED, surface_of

ROOT = Path(__file__).parent.parent.parent
GAP = "{…}"
"""What a placeholder is shown as."""

_FAULTS = frozenset(
    {"AssertionError", "AttributeError", "IndexError", "KeyError", "LookupError"}
    | {"NotImplementedError", "OSError", "RuntimeError", "TypeError", "ValueError"}
)
_LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_METRICS = frozenset({"Counter", "Gauge", "Histogram", "Summary", "watch"})
_CODE_ARGUMENTS = frozenset({"name", "key", "id", "kind", "metavar", "action", "style", "pattern"})
_UNREAD_ARGUMENTS = frozenset({"aliases", "facts", "also", "order"})
_CODE_CALLS = frozenset(
    {
        "compile",
        "cast",
        "TypeVar",
        "NewType",
        "getattr",
        "setattr",
        "hasattr",
        "import_module",
        "Path",
        "open",
    }
    | {"startswith", "endswith", "removeprefix", "removesuffix", "split", "fullmatch", "match", "search"}
    | {"strftime", "encode", "execute", "executemany"}
)
_PARTS = re.compile(r"\{[%#].*?[%#]\}|\{\{.*?\}\}", re.DOTALL)


class Sentence(NamedTuple):
    """A text that the product can say, and the line that says it."""

    surface: str
    text: str
    path: str
    line: int
    part: str = ""
    """`button`, `error` or `help`, where the code around it tells."""


class _Place(NamedTuple):
    """What is known of an expression from the code around it."""

    surface: str
    part: str = ""
    lone_words: bool = False


@cache
def sentences(root: Path = ROOT) -> Sequence[Sentence]:
    """Return all sentences of the product, in the order of files and lines."""
    found: list[Sentence] = []
    for path in [*_files(root, "domain"), *_files(root, "bot"), *_files(root, "deploy")]:
        where = path.relative_to(root).as_posix()
        if where in OMITTED:
            continue
        if path.suffix == ".py":
            found += of_module(path.read_text(), where)
        elif path.suffix in {".jinja", ".typ", ".yaml"}:
            found += of_template(path.read_text(), where)
    return found


def _files(root: Path, folder: str) -> list[Path]:
    return sorted(path for path in (root / folder).rglob("*.*") if "__pycache__" not in path.parts)


def of_module(source: str, path: str) -> list[Sentence]:
    """Return the sentences of a Python module."""
    return list(_Collector(path).collect(parsed(source)))


def of_template(source: str, path: str) -> Iterator[Sentence]:
    """Return the sentences of a template: its text in HTML, the quoted texts in other languages."""
    for line, text in enumerate(source.splitlines(), 1):
        if path.endswith(".jinja"):
            texts = [without_markup(_PARTS.sub(GAP, text))]
        elif path.endswith(".yaml"):
            texts = re.findall(r"^\s*(?:\w+: )?\"(.*)\"$|^\s*\w*description: ([^\"].*)$", text)
            texts = ["".join(one) for one in texts]
        else:
            texts = [one for one in re.findall(r'"([^"]* [^"]*)"', text) if not re.search(r"[()=]", one)]
        for one in texts:
            if is_prose(one, lone_words=False) and (one.count(" ") > 1 or GAP not in one):
                yield Sentence(surface_of(path), one, path, line)


class _Collector:
    """Walk over one module."""

    def __init__(self, path: str) -> None:
        self._path = path

    def collect(self, module: ast.Module) -> Iterator[Sentence]:
        yield from self._children(module, _Place(surface_of(self._path)))

    def _children(self, node: ast.AST, place: _Place) -> Iterator[Sentence]:
        for child in ast.iter_child_nodes(node):
            yield from self._visit(child, place)

    def _visit(self, node: ast.AST, place: _Place) -> Iterator[Sentence]:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Compare() | ast.MatchValue() | ast.Assert():
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self._function(node, place)
            case ast.AnnAssign():
                if node.value and not (isinstance(node.target, ast.Name) and node.target.id == "__all__"):
                    yield from self._visit(node.value, place)
            case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.arg():
                return
            case ast.Subscript():
                yield from self._visit(node.value, place)
            case ast.Dict():
                for value in node.values:
                    yield from self._visit(value, place._replace(lone_words=True))
            case ast.Tuple():  # a lone word beside other values is a name in code
                yield from self._children(node, place._replace(lone_words=False))
            case ast.Raise():
                yield from self._children(node, place._replace(part="error"))
            case ast.Call():
                yield from self._call(node, place)
            case ast.keyword(arg=name):
                lone = isinstance(node.value, ast.Constant) and " " not in str(node.value.value)
                if name not in _UNREAD_ARGUMENTS and not (name in _CODE_ARGUMENTS and lone):
                    yield from self._visit(node.value, place)
            case ast.Constant(value=str() as text):
                yield from self._text(text, node.lineno, place)
            case ast.JoinedStr() | ast.BinOp(op=ast.Add()):
                yield from self._text(_joined(node), node.lineno, place)
                yield from self._gaps(node, place._replace(lone_words=True))
            case _:
                yield from self._children(node, place)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> Iterator[Sentence]:
        words = ast.get_docstring(node)
        if words and any(re.search(r"\.(command|group)\b", ast.unparse(one)) for one in node.decorator_list):
            yield Sentence(place.surface, without_markup(words), self._path, node.lineno, "help")
        for decorator in node.decorator_list:
            yield from self._visit(decorator, place._replace(part="help"))
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default:
                yield from self._visit(default, place)
        for statement in node.body:
            yield from self._visit(statement, place)

    def _call(self, node: ast.Call, place: _Place) -> Iterator[Sentence]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _CODE_CALLS:
            return
        whose = ""
        if isinstance(node.func, ast.Attribute) and (name in _LEVELS or name == "__init__"):
            whose = ast.unparse(node.func.value)
        if name in _LEVELS and whose.rpartition(".")[2].lstrip("_") in {"log", "logger"}:
            place = place._replace(surface=LOGS)
        elif name in _METRICS:
            place = place._replace(surface=METRICS)
        elif name in _FAULTS:
            place = place._replace(surface=FAULTS, part="error")
        elif "button" in name.lower() and "Stale" not in name:
            place = place._replace(part="button")
        elif name in ("Rejected", "_declared") or (whose == "super()" and name == "__init__"):
            place = place._replace(part="error")
        elif place.part == "button":
            place = place._replace(part="")
        yield from self._children(node, place)

    def _gaps(self, node: ast.expr, place: _Place) -> Iterator[Sentence]:
        """Return the sentences inside the placeholders of a text."""
        match node:
            case ast.JoinedStr():
                for value in node.values:
                    if isinstance(value, ast.FormattedValue):
                        yield from self._visit(value.value, place)
            case ast.BinOp(op=ast.Add()):
                yield from self._gaps(node.left, place)
                yield from self._gaps(node.right, place)
            case ast.Constant():
                return
            case _:
                yield from self._visit(node, place)

    def _text(self, text: str, line: int, place: _Place) -> Iterator[Sentence]:
        if is_script(text) and "\n" in text:
            for sentence in sentences_of_script(text):
                yield Sentence(place.surface, sentence, self._path, line, place.part)
            return
        shown = without_markup(text)
        if is_prose(shown, lone_words=place.lone_words):
            yield Sentence(place.surface, shown, self._path, line, place.part)


def _joined(node: ast.expr) -> str:
    """Return a text with its placeholders shown as gaps."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr():
            return "".join(_joined(value) for value in node.values)
        case ast.BinOp(op=ast.Add()):
            return _joined(node.left) + _joined(node.right)
        case _:
            return GAP
