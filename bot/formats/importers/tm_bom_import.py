"""Import of TM-BOM, the format of the OWASP Threat Model Library, with this bot's extensions."""

from typing import Any

from bot.formats.exporters.tm_bom_export import EXTENSION, OUTSIDE, PERSONA, SENSITIVE
from bot.formats.importers.imported_model import (
    FormatReader,
    ImportedAssumption,
    ImportedModel,
    extension_text,
)
from bot.formats.importers.untrusted_document import DocumentObject, convert_or_note
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataKind, ElementId, Kind

_DATA = {
    **{word: kind for kind, word in SENSITIVE.items()},
    "phi": DataKind.PERSONAL,
    "op": DataKind.OTHER,
}
_ZONE, _STORE = "trust_zone", "data_store"
_GROUPS = {
    ComponentKind.PROCESS: "component",
    ComponentKind.EXTERNAL_ENTITY: "actor",
    ComponentKind.DATA_STORE: _STORE,
}
_ACTIVE = "active"
_STATES = {
    "assumed": "planned",
    "suggested": "planned",
    "under_review": "planned",
    "approved": "planned",
    "scheduled": "started",
    _ACTIVE: "implemented",
    "retired": "dropped",
    "wont_do": "dropped",
}


def import_tm_bom(document: DocumentObject) -> ImportedModel:
    """Return the content of a file; raises UnreadableFile."""
    return _Bom(document).found()


class _Bom(FormatReader):
    def __init__(self, document: DocumentObject) -> None:
        super().__init__(document)
        self._ours = False
        self._objects: dict[str, dict[str, Any]] = {}
        self._ids: dict[tuple[str, str], str] = {}
        """The new IDs of parts, by group and symbolic name."""
        self._at_rest: dict[str, list[bool | None]] = {}
        """For each store, whether each data set in it is encrypted."""

    def found(self) -> ImportedModel:
        document = self.document
        scope = document.thing("scope", "the scope")
        name, described, covers = scope.text("title"), document.text("description"), scope.text("description")
        extensions = document.thing("extensions", "the extensions")
        extension = extensions.extension(EXTENSION)
        extensions.note_unread()
        self._ours = bool(extension)
        objects = extension.get("objects", {})
        self._objects = convert_or_note(objects, dict[str, dict[str, Any]], self.notes, "its objects") or {}
        own = self.read_extension(extension)
        document.ignore("$schema", "version", "frozen")
        if self._ours:
            scope.ignore("business_criticality", "data_sensitivity", "exposure", "tier")
            document.ignore("trust_boundaries", "threat_personas", "risks", "assumptions")
        scope.note_unread()
        self._zones()
        self._components("actors", "an actor", ComponentKind.EXTERNAL_ENTITY)
        self._components("components", "a component", ComponentKind.PROCESS)
        self._components("data_stores", "a data store", ComponentKind.DATA_STORE)
        self._data_sets()
        self._flows()
        assumptions = None if self._ours else self._assumptions()
        self._threats()
        self._controls()
        document.note_unread()
        foreign = "\n\n".join(one for one in (covers, described) if one)
        description = own.description if self._ours else foreign
        return self.build(own, title="TM-BOM", name=name, description=description, assumptions=assumptions)

    def _named(self, one: DocumentObject, group: str) -> tuple[str, dict[str, Any]]:
        """Return the new ID of a part, recorded in its group, and this bot's own data about it."""
        symbol = one.text("symbolic_name")
        own = self._objects.get(symbol, {})
        # Names are unique only within a group.
        id = extension_text(own, "id") or (f"{group} {symbol}" if symbol else "")
        self._ids[group, symbol] = id
        return id, own

    def _id(self, symbol: str, *groups: str) -> str | None:
        """Return the ID of the name in the first of some groups that contains it."""
        return next((self._ids[group, symbol] for group in groups if (group, symbol) in self._ids), None)

    def _zones(self) -> None:
        for thing in self.document.things("trust_zones", "a trust zone"):
            symbol = thing.text("symbolic_name")
            fields = {"name": thing.text("title"), "description": thing.text("description")}
            if symbol == OUTSIDE and self._ours:
                continue
            id, own = self._named(thing, _ZONE)
            thing.note_unread()
            self.add(Kind.TRUST_BOUNDARY, id, own, fields)

    def _components(self, name: str, what: str, sort: ComponentKind) -> None:
        for thing in self.document.things(name, what):
            id, own = self._named(thing, _GROUPS[sort])
            zone = thing.text("trust_zone")
            fields: dict[str, Any] = {
                "name": thing.text("title"),
                "description": thing.text("description"),
                "boundary": self._id(zone, _ZONE),
            }
            if not own or own.get("sort"):
                fields["sort"] = sort
            if zone and self._id(zone, _ZONE) is None and not own:
                self.lose(f"the trust zone “{zone[:60]}”: not in the file")
            if own:
                thing.ignore("type")
            thing.note_unread()
            self.add(Kind.COMPONENT, id, own, fields)

    def _data_sets(self) -> None:
        for thing in self.document.things("data_sets", "a data set"):
            id, own = self._named(thing, "data_set")
            placements = thing.things("placements", "a placement")
            stores = [self._id(place.text("data_store"), _STORE) for place in placements]
            fields: dict[str, Any] = {"name": thing.text("title"), "description": thing.text("description")}
            kinds = thing.texts("data_sensitivity")
            if not own:
                data = [_DATA[kind] for kind in kinds if kind in _DATA]
                for kind in kinds:
                    if kind not in _DATA:
                        self.lose(f"the type of data “{kind[:20]}”")
                fields["data"] = data[0] if data else None
                fields["stored_in"] = [store for store in dict.fromkeys(stores) if store]
                for place, store in zip(placements, stores, strict=True):
                    if store:
                        self._at_rest.setdefault(store, []).append(place.stated("encrypted"))
            thing.note_unread()
            self.add(Kind.ASSET, id, own, fields)
        for store, stated in self._at_rest.items():
            if {True, False} <= set(stated):
                self.lose("a store with both encrypted and unencrypted data: imported as not encrypted")
            answers = [one for one in stated if one is not None]
            self._state_fact(store, "encrypted_at_rest", all(answers) if answers else None)

    def _flows(self) -> None:
        for thing in self.document.things("data_flows", "a data flow"):
            id, own = self._named(thing, "data_flow")
            title = thing.text("title")
            source, target = (self._end(thing.thing(end, "an end")) for end in ("source", "destination"))
            if source is None or target is None:
                self.lose(f"the data flow “{title[:60]}”: its source or target is not in the file")
                continue
            fields: dict[str, Any] = {
                "name": extension_text(own, "name") if "name" in own else title,
                "description": thing.text("description"),
                "source": source,
                "target": target,
            }
            encrypted = thing.stated("encrypted")
            if own:
                thing.ignore("has_sensitive_data")
            thing.note_unread()
            self.add(Kind.DATA_FLOW, id, own, fields)
            # This bot writes `false` for an unanswered question, because the format requires a value.
            self._state_fact(id, "encrypted", encrypted or None if own else encrypted)

    def _state_fact(self, id: str, fact: str, stated: bool | None) -> None:  # noqa: FBT001  (as the file has it)
        if stated is not None:
            self.answer(ElementId(id), fact, Answer.YES if stated else Answer.NO)

    def _end(self, end: DocumentObject) -> str | None:
        """Return the component at an end of a flow, by its group if the file names it."""
        group = end.text("type").rpartition("/")[2].replace("-", "_")
        return self._id(end.text("object"), group, *_GROUPS.values())

    def _assumptions(self) -> tuple[ImportedAssumption, ...]:
        found: list[ImportedAssumption] = []
        for thing in self.document.things("assumptions", "an assumption"):
            text, validity = thing.text("description"), thing.text("validity")
            thing.note_unread()
            if validity == "rejected":
                self.lose("an assumption that was rejected")
            else:
                found.append(ImportedAssumption(text=text))
                if validity not in ("", "unconfirmed"):
                    self.lose(f"the validity “{validity[:20]}” of an assumption")
        return tuple(found)

    def _threats(self) -> None:
        controls = self.document.things("controls", "a control")
        active = {at for one in controls if one.text("status") == _ACTIVE for at in one.texts("threats")}
        for one in self.document.things("threats", "a threat"):
            id, own = self._named(one, "threat")
            if extension_text(own, "prevented"):
                if one.text("symbolic_name") in active:
                    continue  # it follows from the answers
                own = {}  # someone has changed the status of its control in the file
            title, event = one.text("title"), one.text("event")
            named = [self._id(at, *_GROUPS.values()) for at in one.texts("components_affected")]
            affected = [at for at in named if at]
            description = one.text("description")
            weaknesses = [each.text("cwe_id") for each in one.things("weaknesses", "a weakness of a threat")]
            if own:
                one.ignore("threat_persona", "sources")
            else:
                if len(affected) > 1:
                    self.lose("a threat to several components: imported for the first one")
                description = "\n\n".join(text for text in (description, event) if text)
                if weaknesses:
                    self.lose("“weaknesses” of a threat")
            self.add_threat(
                own,
                id=id,
                title=title,
                description=description,
                element=affected[0] if affected and not self._ours else None,
                weaknesses=weaknesses,
                called="name",
            )
            if one.text("threat_persona") not in ("", PERSONA):
                self.lose("the threat persona of a threat")
            one.note_unread()

    def _controls(self) -> None:
        for thing in self.document.things("controls", "a control"):
            _, own = self._named(thing, "control")
            title, status = thing.text("title"), thing.text("status")
            if extension_text(own, "prevented"):
                if status == _ACTIVE:
                    continue
                own = {}
            every = [self._id(threat, "threat") for threat in thing.texts("threats")]
            against = [threat for threat in every if threat in self.threats and threat]
            if not against:
                self.lose(f"the control “{title[:60]}”: no threat refers to it")
                continue
            description = thing.text("description")
            if own:
                thing.ignore("priority")
            thing.note_unread()
            state = {"state": _STATES.get(status, "planned"), "reason": f"It was “{status}”."}
            self.add_mitigation(own, state, against, title=title, description=description)
