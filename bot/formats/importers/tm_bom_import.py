"""Import of TM-BOM, the format of the OWASP Threat Model Library, with this bot's extensions."""

from typing import Any

from bot.formats.exporters.tm_bom_export import EXTENSION, FORMER_PERSONA, OUTSIDE, PERSONA, SENSITIVE
from bot.formats.importers.imported_model import (
    ImportCollector,
    ImportedAssumption,
    ImportedMitigation,
    ImportedModel,
    ImportedThreat,
    extension_text,
    read_mitigation,
    read_threat,
    without_none,
)
from bot.formats.importers.stride_mapping import cwe_numbers
from bot.formats.importers.untrusted_document import (
    DocumentObject,
    ImportNotes,
    UnreadableFile,
    convert_or_note,
)
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
_STATES = {
    "assumed": "planned",
    "suggested": "planned",
    "under_review": "planned",
    "approved": "planned",
    "scheduled": "started",
    "active": "implemented",
    "retired": "dropped",
    "wont_do": "dropped",
}


def import_tm_bom(document: DocumentObject) -> ImportedModel:
    """Return the content of a file; raises UnreadableFile."""
    return _Bom(document).found()


class _Bom:
    def __init__(self, document: DocumentObject) -> None:
        self._document = document
        self._notes: ImportNotes = document.notes
        self._gathering = ImportCollector(document.notes)
        self._ours = False
        self._objects: dict[str, dict[str, Any]] = {}
        self._ids: dict[tuple[str, str], str] = {}
        """The new IDs of parts, by group and symbolic name."""
        self._at_rest: dict[str, list[bool | None]] = {}
        """For each store, whether each data set in it is encrypted."""

    def found(self) -> ImportedModel:
        document, notes = self._document, self._notes
        scope = document.thing("scope", "the scope")
        name, described, covers = scope.text("title"), document.text("description"), scope.text("description")
        extensions = document.thing("extensions", "the extensions")
        told = extensions.extension(EXTENSION)
        extensions.note_unread()
        self._ours = bool(told)
        self._objects = (
            convert_or_note(told.get("objects", {}), dict[str, dict[str, Any]], notes, "its objects") or {}
        )
        own = self._gathering.read_extension(told)
        document.ignore("$schema", "version", "frozen")
        if told:
            scope.ignore("business_criticality", "data_sensitivity", "exposure", "tier")
            document.ignore("trust_boundaries", "threat_personas", "risks", "assumptions")
        scope.note_unread()
        self._zones()
        self._components("actors", "an actor", ComponentKind.EXTERNAL_ENTITY)
        self._components("components", "a component", ComponentKind.PROCESS)
        self._components("data_stores", "a data store", ComponentKind.DATA_STORE)
        self._data_sets()
        self._flows()
        assumptions = own.assumptions if told else self._assumptions()
        threats = self._threats(ours=bool(told))
        mitigations = self._controls({one.id for one in threats})
        document.note_unread()
        description = own.description if told else "\n\n".join(one for one in (covers, described) if one)
        return self._gathering.build(
            own,
            title="TM-BOM",
            name=name,
            description=description,
            assumptions=assumptions,
            threats=threats,
            mitigations=mitigations,
        )

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
        for one in self._document.things("trust_zones", "a trust zone"):
            symbol = one.text("symbolic_name")
            said = {"name": one.text("title"), "description": one.text("description")}
            if symbol == OUTSIDE and self._ours:
                continue
            id, own = self._named(one, _ZONE)
            one.note_unread()
            self._gathering.add(Kind.TRUST_BOUNDARY, id, own, said)

    def _components(self, name: str, what: str, sort: ComponentKind) -> None:
        for one in self._document.things(name, what):
            id, own = self._named(one, _GROUPS[sort])
            zone = one.text("trust_zone")
            said: dict[str, Any] = {
                "name": one.text("title"),
                "description": one.text("description"),
                "boundary": self._id(zone, _ZONE),
            }
            if not own or own.get("sort"):
                said["sort"] = sort
            if zone and self._id(zone, _ZONE) is None and not own:
                self._notes.note_loss(f"the trust zone “{zone[:60]}”: not in the file")
            if own:
                one.ignore("type")
            one.note_unread()
            self._gathering.add(Kind.COMPONENT, id, own, said)

    def _data_sets(self) -> None:
        for one in self._document.things("data_sets", "a data set"):
            id, own = self._named(one, "data_set")
            placements = one.things("placements", "a placement")
            stores = [self._id(place.text("data_store"), _STORE) for place in placements]
            said: dict[str, Any] = {"name": one.text("title"), "description": one.text("description")}
            kinds = one.texts("data_sensitivity")
            if not own:
                data = [_DATA[kind] for kind in kinds if kind in _DATA]
                for kind in kinds:
                    if kind not in _DATA:
                        self._notes.note_loss(f"the type of data “{kind[:20]}”")
                said["data"] = data[0] if data else None
                said["stored_in"] = [store for store in dict.fromkeys(stores) if store]
                for place, store in zip(placements, stores, strict=True):
                    if store:
                        self._at_rest.setdefault(store, []).append(place.stated("encrypted"))
            one.note_unread()
            self._gathering.add(Kind.ASSET, id, own, said)
        for store, stated in self._at_rest.items():
            if {True, False} <= set(stated):
                self._notes.note_loss(
                    "a store with both encrypted and unencrypted data: imported as not encrypted"
                )
            answers = [one for one in stated if one is not None]
            self._answer(store, "encrypted_at_rest", all(answers) if answers else None)

    def _flows(self) -> None:
        for one in self._document.things("data_flows", "a data flow"):
            id, own = self._named(one, "data_flow")
            title = one.text("title")
            source, target = (self._end(one.thing(end, "an end")) for end in ("source", "destination"))
            if source is None or target is None:
                self._notes.note_loss(
                    f"the data flow “{title[:60]}”: its source or target is not in the file"
                )
                continue
            said: dict[str, Any] = {
                "name": extension_text(own, "name") if "name" in own else title,
                "description": one.text("description"),
                "source": source,
                "target": target,
            }
            encrypted = one.stated("encrypted")
            if own:
                one.ignore("has_sensitive_data")
            one.note_unread()
            self._gathering.add(Kind.DATA_FLOW, id, own, said)
            # This bot writes `false` for an unanswered question, because the format requires a value.
            self._answer(id, "encrypted", encrypted or None if own else encrypted)

    def _answer(self, id: str, fact: str, stated: bool | None) -> None:  # noqa: FBT001  (as the file has it)
        if stated is not None:
            self._gathering.answer(ElementId(id), fact, Answer.YES if stated else Answer.NO)

    def _end(self, end: DocumentObject) -> str | None:
        """Return the component at an end of a flow, by its group if the file names it."""
        group = end.text("type").rpartition("/")[2].replace("-", "_")
        return self._id(end.text("object"), group, *_GROUPS.values())

    def _assumptions(self) -> tuple[ImportedAssumption, ...]:
        found: list[ImportedAssumption] = []
        for one in self._document.things("assumptions", "an assumption"):
            text, validity = one.text("description"), one.text("validity")
            one.note_unread()
            if validity == "rejected":
                self._notes.note_loss("an assumption that was rejected")
            else:
                found.append(ImportedAssumption(text=text))
                if validity not in ("", "unconfirmed"):
                    self._notes.note_loss(f"the validity “{validity[:20]}” of an assumption")
        return tuple(found)

    def _threats(self, *, ours: bool) -> tuple[ImportedThreat, ...]:
        found: dict[str, ImportedThreat] = {}
        for one in self._document.things("threats", "a threat"):
            id, own = self._named(one, "threat")
            if id in found:
                raise UnreadableFile(f"Two threats in the file have the name “{id}”. Make the names unique.")
            title, event = one.text("title"), one.text("event")
            named = [self._id(at, *_GROUPS.values()) for at in one.texts("components_affected")]
            affected = [at for at in named if at]
            if len(affected) > 1 and not own:
                self._notes.note_loss("a threat to several components: imported for the first one")
            description = one.text("description")
            weaknesses = [each.text("cwe_id") for each in one.things("weaknesses", "a weakness of a threat")]
            if own:
                one.ignore("threat_persona", "sources")
            else:
                description = "\n\n".join(text for text in (description, event) if text)
                if weaknesses:
                    self._notes.note_loss("“weaknesses” of a threat")
            found[id] = read_threat(
                own,
                self._notes,
                id=id,
                title=title,
                description=description,
                categories=(),
                weaknesses=cwe_numbers(weaknesses),
                element=affected[0] if affected and not ours else None,
            )
            if one.text("threat_persona") not in ("", PERSONA, FORMER_PERSONA):
                self._notes.note_loss("the threat persona of a threat")
            one.note_unread()
        return tuple(found.values())

    def _controls(self, known: set[str]) -> tuple[ImportedMitigation, ...]:
        found: list[ImportedMitigation] = []
        for one in self._document.things("controls", "a control"):
            _, own = self._named(one, "control")
            title, status = one.text("title"), one.text("status")
            every = [self._id(threat, "threat") for threat in one.texts("threats")]
            against = [threat for threat in every if threat in known and threat]
            if not against:
                self._notes.note_loss(f"the control “{title[:60]}”: no threat refers to it")
                continue
            said = {"title": title, "description": one.text("description")}
            if own:
                one.ignore("priority")
            one.note_unread()
            state = {"state": _STATES.get(status, "planned"), "reason": f"It was “{status}”."}
            threats = {"threat": against[0], "also": against[1:]}
            found.append(read_mitigation({**state, **without_none(own), **said, **threats}, self._notes))
        return tuple(found)
