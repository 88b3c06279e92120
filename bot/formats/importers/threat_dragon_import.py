"""Import of OWASP Threat Dragon 2: all diagrams of a file, with this bot's own data."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.formats.importers.imported_model import (
    FormatReader,
    ImportedMitigation,
    ImportedModel,
    extension_text,
    without_none,
)
from bot.formats.importers.untrusted_document import (
    DocumentObject,
    UnreadableFile,
    check_count,
    convert_or_note,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, ElementId, Kind

_SORTS = {
    "actor": ComponentKind.EXTERNAL_ENTITY,
    "process": ComponentKind.PROCESS,
    "store": ComponentKind.DATA_STORE,
}
_LOOKS = (
    *("attrs", "zIndex", "visible", "size", "position", "ports", "tools", "vertices", "connector", "width"),
    *("height", "labels", "angle", "router", "markup", "view", "threatFrequency", "parent", "children"),
)
_DONE = ("mitigated", "eliminated")
_ANSWERED = ("accepted", "transferred", "avoided", "na", "notapplicable", "not applicable")


class _Box(msgspec.Struct, frozen=True, kw_only=True):
    """A boundary's rectangle in its diagram."""

    diagram: int
    id: str
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Return whether it contains another rectangle completely."""
        return self.left <= left and self.top <= top and self.right >= right and self.bottom >= bottom

    @property
    def size(self) -> float:
        """Its area."""
        return (self.right - self.left) * (self.bottom - self.top)


def import_threat_dragon(document: DocumentObject) -> ImportedModel:
    """Return the content of a file; raises UnreadableFile."""
    return _Dragon(document).found()


class _Dragon(FormatReader):
    def __init__(self, document: DocumentObject) -> None:
        super().__init__(document)
        self._several_places: set[str] = set()
        self._ends: dict[str, str] = {}
        """The component created from each cell."""
        self._boxes: list[_Box] = []

    def found(self) -> ImportedModel:
        document = self.document
        summary, detail = document.thing("summary", "the summary"), document.thing("detail", "the model")
        version = document.text("version")
        name, description = summary.text("title"), summary.text("description")
        summary.ignore("id")
        summary.note_unread()
        own_words = detail.extension()
        own = self.read_extension(own_words)
        detail.ignore("diagramTop", "threatTop")
        diagrams = detail.things("diagrams", "a diagram")
        # Version 2 files always state their version, version 1 files rarely.
        if version.partition(".")[0] in ("", "0", "1") or any(one.has("diagramJson") for one in diagrams):
            raise UnreadableFile(
                "The file is in the format of Threat Dragon 1. Open it in Threat Dragon 2, save it, and "
                "import the saved file."
            )
        for number, diagram in enumerate(diagrams):
            self._diagram(number, diagram, several=len(diagrams) > 1)
        self._of_ours(own_words)
        detail.note_unread()
        document.note_unread()
        described = own.without_mark(description)
        return self.build(own, title="Threat Dragon 2", name=name, description=described)

    def _diagram(self, number: int, diagram: DocumentObject, *, several: bool) -> None:
        diagram.ignore("id", "title", "diagramType", "placeholder", "thumbnail", "version", "size")
        if several:
            self.lose("several diagrams: merged into one")
        cells = [(cell, cell.text("shape")) for cell in diagram.things("cells", "a cell")]
        boundaries = [cell for cell, shape in cells if shape == "trust-boundary-box"]
        components = [(cell, shape) for cell, shape in cells if shape in _SORTS]
        flows = [cell for cell, shape in cells if shape == "flow"]
        check_count(len(boundaries) + len(components) + len(flows))  # each is compared with each boundary
        self._take_boundaries(number, boundaries)
        for cell, shape in components:
            self._component(number, cell, shape)
        for cell in flows:
            self._flow(cell)
        for _, shape in cells:
            if shape == "trust-boundary-curve":
                self.lose("a trust boundary drawn as a curve: draw it as a box to import it")
            elif shape == "td-text-block":
                self.lose("a text in the diagram")
            elif shape not in (*_SORTS, "flow", "trust-boundary-box"):
                self.lose(f"a cell of the shape “{shape[:60]}”")
        diagram.note_unread()

    def _take_boundaries(self, number: int, cells: Sequence[DocumentObject]) -> None:
        found: list[tuple[DocumentObject, str, dict[str, Any], DocumentObject]] = []
        for cell in cells:
            data = cell.thing("data", "a trust boundary")
            own, id = data.extension(), cell.text("id")
            id = extension_text(own, "id") or id
            left, top, right, bottom = _rectangle(cell)
            self._boxes.append(_Box(diagram=number, id=id, left=left, top=top, right=right, bottom=bottom))
            found.append((cell, id, own, data))
        for cell, id, own, data in found:
            name = data.text("name") or _label(cell) or "Trust boundary"
            fields: dict[str, Any] = {"name": name, "description": data.text("description")}
            if not own:
                fields["parent"] = self._round(number, *_rectangle(cell), but=id)
            data.ignore("type", "isTrustBoundary", "hasOpenThreats")
            data.note_unread()
            self._end(cell)
            self.add(Kind.TRUST_BOUNDARY, id, own, fields)

    def _component(self, number: int, cell: DocumentObject, shape: str) -> None:
        data = cell.thing("data", "a component")
        own, id = data.extension(), cell.text("id")
        name = data.text("name") or _label(cell)
        element: str | None = None
        if own.get("rest") is not True:
            element = extension_text(own, "id") or id
            fields: dict[str, Any] = {"name": name, "description": data.text("description")}
            if not own:
                fields |= {"sort": _SORTS[shape], "boundary": self._round(number, *_rectangle(cell))}
            elif own.get("sort"):
                fields["sort"] = _SORTS[shape]
            self._ends[id] = element
            self.add(Kind.COMPONENT, element, own, fields)
        self._take_threats(data, element)
        data.ignore("type", "hasOpenThreats")
        data.note_unread()
        self._end(cell)

    def _flow(self, cell: DocumentObject) -> None:
        data = cell.thing("data", "a data flow")
        own, id = data.extension(), cell.text("id")
        name = data.text("name")
        things = [cell.thing(end, f"the {end} of a flow") for end in ("source", "target")]
        ends = [self._ends.get(thing.text("cell")) for thing in things]
        if None in ends:
            self.lose(f"the data flow “{name[:60]}”: not connected to a component at both ends")
            self._take_threats(data, None)
            return
        element = extension_text(own, "id") or id
        fields: dict[str, Any] = {
            "name": extension_text(own, "name") if "name" in own else name,
            "description": data.text("description"),
            "source": ends[0],
            "target": ends[1],
            "protocol": data.text("protocol")[:75],
            "two_way": data.flag("isBidirectional"),
        }
        if not fields["two_way"]:
            fields["assets_back"] = []
        self.add(Kind.DATA_FLOW, element, own, fields)
        if data.flag("isEncrypted"):
            self.answer(ElementId(element), "encrypted", Answer.YES)
        self._take_threats(data, element)
        data.ignore("type", "hasOpenThreats")
        data.note_unread()
        self._end(cell)

    def _end(self, cell: DocumentObject) -> None:
        cell.ignore("id", "shape", "data", "source", "target", *_LOOKS)
        cell.note_unread()

    def _take_threats(self, data: DocumentObject, element: str | None) -> None:
        data.ignore("threatFrequency")
        for one in data.things("threats", "a threat"):
            own, title = one.extension(), one.text("title") or "Unnamed threat"
            if extension_text(own, "prevented"):
                if one.text("status").lower() in _DONE:
                    continue  # it follows from the answers
                own = {}  # someone has changed its status in the file
            id = extension_text(own, "id") or one.text("id") or one.text("threatId")
            id = id or f"threat {len(self.threats)}"
            if extension_text(own, "further_place"):
                self._several_places.add(id)
            if id in self.threats and id in self._several_places:
                continue  # the same threat at another of its places
            described = one.text("description")
            word, status, mitigation = one.text("type"), one.text("status").lower(), one.text("mitigation")
            at = element if not own else None
            self.add_threat(own, id=id, title=title, description=described, element=at, categories=[word])
            if own:
                one.ignore("severity", "score")
            else:
                self._mitigation(id, mitigation, status)
            one.ignore("number", "modelType", "new", "id", "threatId")
            one.note_unread()

    def _mitigation(self, threat: str, text: str, status: str) -> None:
        """Return the format's single text field as a mitigation with that title."""
        if status in _ANSWERED:
            self.lose(
                f"the status “{status}” of a threat: choose a response again; accepting a risk requires "
                f"approval"
            )
        if text.strip():
            title = " ".join(text.strip().partition("\n")[0].split())[:150]
            state = "implemented" if status in _DONE else "planned"
            fields = {"threat": threat, "title": title, "state": state}
            fields |= {"description": text} if text.strip() != title else {}
            self.mitigations.append(msgspec.convert(fields, ImportedMitigation))
        elif status in _DONE:
            self.lose("the status “mitigated” of a threat without a mitigation")

    def _of_ours(self, own: dict[str, Any]) -> None:
        mitigations = own.get("mitigations", ())
        for one in convert_or_note(mitigations, list[dict[str, Any]], self.notes, "the mitigations") or ():
            found = convert_or_note(without_none(one), ImportedMitigation, self.notes, "a mitigation")
            if found is not None and found.threat in self.threats:
                self.mitigations.append(found)

    def _round(
        self, diagram: int, left: float, top: float, right: float, bottom: float, *, but: str = ""
    ) -> str | None:
        """Return the smallest boundary around a rectangle; equal ones are not nested."""
        size = (right - left) * (bottom - top)
        others = [box for box in self._boxes if box.diagram == diagram and box.id != but]
        fits = [other for other in others if other.holds(left, top, right, bottom) and other.size > size]
        return min(fits, key=lambda fit: fit.size).id if fits else None


def _rectangle(cell: DocumentObject) -> tuple[float, float, float, float]:
    at, size = cell.thing("position", "a position"), cell.thing("size", "a size")
    left, top = at.number("x") or 0.0, at.number("y") or 0.0
    return left, top, left + (size.number("width") or 0.0), top + (size.number("height") or 0.0)


def _label(cell: DocumentObject) -> str:
    """Return a name that is only part of a cell's style, as in older releases."""
    attrs = cell.thing("attrs", "the style of a cell")
    for one in ("label", "text"):
        if words := attrs.thing(one, "a label").text("text"):
            return " ".join(words.split())
    return ""
