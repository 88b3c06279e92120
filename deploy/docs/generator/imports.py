"""Import graph of the folders, read from the sources, reduced, and drawn with Graphviz.

`python -m deploy.docs.generator.imports REVISION FOLDER` prints the drawing of an earlier revision.
"""

import ast
import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from bot.picture.diagram.graphviz import graphviz_layout
from bot.picture.font_metrics import text_width
from deploy.docs.generator.svg import Svg
from deploy.docs.generator.syntax import nodes

ROOT = Path(__file__).resolve().parents[3]
PACKAGES: Final = ("bot", "domain")

Arrow = tuple[str, str]


def drawn(folder: str, sources: Mapping[str, str]) -> str:
    """Draw the folders and modules directly inside a folder (such as `bot/slack`), with their imports.

    An arrow within a cycle is red. An arrow that follows from others is left out, unless it is in a cycle.
    """
    arrows = _between(folder, _imports(sources))
    cyclic = _in_cycles(arrows)
    kept = sorted(cyclic | _not_implied(arrows - cyclic, arrows))
    names = sorted({name for arrow in arrows for name in arrow})
    return _laid_out(folder, names, kept, cyclic)


def cycle_of(folder: str, sources: Mapping[str, str]) -> set[Arrow]:
    """Return the arrows inside a folder that are part of a cycle."""
    return _in_cycles(_between(folder, _imports(sources)))


def working_tree() -> dict[str, str]:
    """Return every module of the two packages by its dotted name."""
    return {
        _module(path.relative_to(ROOT).as_posix()): path.read_text()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }


def revision(name: str) -> dict[str, str]:
    """Return every module at a git revision."""
    packed = subprocess.run(
        ["git", "archive", name, *PACKAGES], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {
            _module(one.name): content.read().decode()
            for one in archive.getmembers()
            if one.name.endswith(".py") and (content := archive.extractfile(one))
        }


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(sources: Mapping[str, str]) -> Iterator[Arrow]:
    for module, text in sources.items():
        for node in _import_statements(text):
            match node:
                case ast.ImportFrom(module=str(source), names=names, level=0):
                    for one in names:
                        whole = f"{source}.{one.name}"
                        yield module, whole if whole in sources else source
                case ast.Import(names=names):
                    yield from ((module, one.name) for one in names)
                case _:
                    pass


@cache
def _import_statements(text: str) -> list[ast.AST]:
    """Return the imports of a module, without those for its types alone: no module runs them."""
    found = nodes(text)
    for_types = {
        id(inner)
        for node in found
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for one in node.body
        for inner in ast.walk(one)
    }
    return [
        node for node in found if isinstance(node, ast.ImportFrom | ast.Import) and id(node) not in for_types
    ]


def _between(folder: str, imports: Iterator[Arrow]) -> set[Arrow]:
    """Return the arrows between the direct children of a folder."""
    inside = folder.replace("/", ".") + "."

    def room(module: str) -> str:
        return module.removeprefix(inside).partition(".")[0] if module.startswith(inside) else ""

    pairs = {(room(importer), room(imported)) for importer, imported in imports}
    return {(one, other) for one, other in pairs if one and other and one != other}


def _reached(arrows: set[Arrow]) -> dict[str, set[str]]:
    """Return the names that each name reaches over any number of arrows."""
    direct: dict[str, set[str]] = {}
    for one, other in arrows:
        direct.setdefault(one, set()).add(other)
    reached: dict[str, set[str]] = {}
    for name in direct:
        seen: set[str] = set()
        ahead = [name]
        while ahead:
            new = direct.get(ahead.pop(), set()) - seen
            seen |= new
            ahead += sorted(new)
        reached[name] = seen
    return reached


def _in_cycles(arrows: set[Arrow]) -> set[Arrow]:
    reached = _reached(arrows)
    return {(one, other) for one, other in arrows if one in reached.get(other, set())}


def _not_implied(arrows: set[Arrow], among: set[Arrow]) -> set[Arrow]:
    """Return the arrows without implied ones; one represents all arrows between two cycles."""
    reached = _reached(among)

    def cycle(name: str) -> str:
        return min({name} | {other for other in reached.get(name, ()) if name in reached.get(other, ())})

    one_each = {(cycle(one), cycle(other)): (one, other) for one, other in sorted(arrows, reverse=True)}
    return {
        arrow
        for (one, other), arrow in one_each.items()
        if not any(other in reached.get(to, ()) for of, to in one_each if of == one and to != other)
    }


class _Object(msgspec.Struct, frozen=True):
    name: str
    pos: str


class _Edge(msgspec.Struct, frozen=True):
    tail: int
    head: int
    pos: str


class _Layout(msgspec.Struct, frozen=True):
    bb: str
    objects: tuple[_Object, ...]
    edges: tuple[_Edge, ...] = ()


_SIZE: Final = 13
_HEIGHT: Final = 26
_MARGIN: Final = 14


def _laid_out(folder: str, names: list[str], arrows: list[Arrow], cyclic: set[Arrow]) -> str:
    widths = {name: text_width(name, _SIZE) + 24 for name in names}
    places = {name: place for place, name in enumerate(names)}
    dot = [
        "digraph { rankdir=TB; nodesep=0.25; ranksep=0.55; node [shape=box, fixedsize=true];",
        *(f"n{places[name]} [width={widths[name] / 72:.3f}, height={_HEIGHT / 72:.3f}];" for name in names),
        *(f"n{places[one]} -> n{places[other]};" for one, other in arrows),
        "}",
    ]
    layout = msgspec.json.decode(graphviz_layout("\n".join(dot)), type=_Layout)
    across, high = (float(number) for number in layout.bb.split(",")[2:])
    svg = Svg(across + 2 * _MARGIN, high + 2 * _MARGIN, f"What imports what inside {folder}")

    def placed(point: str) -> str:
        x, y = (float(number) for number in point.split(","))
        return f"{x + _MARGIN:.0f},{high - y + _MARGIN:.0f}"

    def name_of(number: int) -> str:
        return names[int(layout.objects[number].name.removeprefix("n"))]

    for edge in layout.edges:
        tip, first, *more = edge.pos.split()
        end = placed(tip.removeprefix("e,"))
        curve = " ".join(map(placed, more))
        back = (name_of(edge.tail), name_of(edge.head)) in cyclic
        svg.curve(f"M{placed(first)} C{curve} L{end}", kind="back" if back else "arrow")
    for number, one in enumerate(layout.objects):
        x, y = (float(part) for part in placed(one.pos).split(","))
        wide = widths[name_of(number)]
        svg.box(x - wide / 2, y - _HEIGHT / 2, wide, _HEIGHT)
        svg.text(x, y + _SIZE / 3, name_of(number), size=_SIZE, anchor="middle")
    return svg.done()


if __name__ == "__main__":
    sys.stdout.write(drawn(sys.argv[2], revision(sys.argv[1])))
