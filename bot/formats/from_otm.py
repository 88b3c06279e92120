"""Reads Open Threat Model 0.2, with what this bot wrote in its free attributes."""

from collections.abc import Mapping
from typing import Any

from bot.formats.found import Found, FoundMitigation, FoundThreat
from bot.formats.gathering import Gathering, no_circles
from bot.formats.otm import OUTSIDE, TYPES
from bot.formats.reading import Thing, Unreadable, converted
from bot.formats.reading_ours import text_in, threat_of, without_none
from domain.elements import ComponentKind, Kind, Rating

_SORTS = {word: sort for sort, word in TYPES.items()}
_GUESSES = (
    (ComponentKind.DATA_STORE, ("database", "storage", "store", "bucket", "queue", "cache", "file")),
    (ComponentKind.EXTERNAL_ENTITY, ("client", "user", "actor", "external", "browser", "person", "mobile")),
)


def from_otm(document: Thing) -> Found:
    """What a file has; raises Unreadable."""
    return _Otm(document).found()


class _Otm:
    def __init__(self, document: Thing) -> None:
        self._document = document
        self._notes = document.notes
        self._gathering = Gathering(document.notes)
        self._places: dict[str, str] = {}
        """The element at which each threat is shown first."""
        self._answers: dict[str, tuple[str, str]] = {}
        """The threat that each mitigation is first named at, and the state it has there."""
        self._stored: dict[str, list[str]] = {}

    def found(self) -> Found:
        document = self._document
        document.ignore("otmVersion", "representations")
        project = document.thing("project", "the project")
        name, description = project.text("name"), project.text("description")
        project.ignore("id")
        own = self._gathering.own(_own(project))
        project.done()
        zones = document.things("trustZones", "a trust zone")
        levels = self._zones(zones)
        self._components(document.things("components", "a component"), levels)
        self._assets(document.things("assets", "an asset"))
        self._flows(document.things("dataflows", "a data flow"))
        threats = self._threats(document.things("threats", "a threat"))
        mitigations = self._mitigations(document.things("mitigations", "a mitigation"), threats)
        document.done()
        return self._gathering.found(
            own,
            title="Open Threat Model 0.2",
            name=name,
            description=description,
            assumptions=own.assumptions,
            threats=threats,
            mitigations=mitigations,
        )

    def _zones(self, zones: list[Thing]) -> dict[str, str]:
        """Take the boundaries, and a trust level for each rating of zones that this bot did not write."""
        ratings: dict[str, float] = {}
        parents: dict[str, str | None] = {}
        for zone in zones:
            id, name = zone.text("id"), zone.text("name")
            rating = zone.thing("risk", "the risk of a trust zone").number("trustRating")
            parent = zone.thing("parent", "the parent of a trust zone").text("trustZone") or None
            description = zone.text("description")
            own = _own(zone)
            zone.ignore("representations", "type")
            zone.done()
            if own.get("outside"):
                continue
            parents[id] = parent
            said = {"name": name, "description": description, "parent": parent}
            self._gathering.add(Kind.TRUST_BOUNDARY, id, own, said)
            if not own and rating is not None:
                ratings[id] = rating
        no_circles(parents, "trust zone")
        named = {rating: f"trust rating {rating:g}" for rating in sorted(set(ratings.values()))}
        for rank, (rating, name) in enumerate(named.items()):
            said = {"name": name.capitalize(), "rank": rank}
            self._gathering.add(Kind.TRUST_LEVEL, f"level {rating:g}", {}, said)
        return {id: f"level {rating:g}" for id, rating in ratings.items()}

    def _components(self, components: list[Thing], levels: dict[str, str]) -> None:
        parents: dict[str, tuple[str, str]] = {}
        for one in components:
            parent = one.thing("parent", "the parent of a component")
            parents[one.text("id")] = parent.text("trustZone"), parent.text("component")
        no_circles({id: inside or None for id, (_, inside) in parents.items()}, "component")
        zones = _zones_of(parents)
        for one in components:
            id, name, sort = one.text("id"), one.text("name"), one.text("type")
            own = _own(one)
            zone = zones[id]
            if parents[id][1]:
                self._notes.lose(f"“{name}” lies in another component: it is put beside it")
            said: dict[str, Any] = {
                "name": name,
                "description": one.text("description"),
                "boundary": zone if zone and zone != OUTSIDE else None,
            }
            if not own:
                said["sort"] = self._guess(sort)
                said["trust_level"] = levels.get(zone)
            self._gathering.add(Kind.COMPONENT, id, own, said)
            handled = one.thing("assets", "the assets of a component")
            for asset in handled.texts("stored"):
                self._stored.setdefault(asset, []).append(id)
            if not own and handled.texts("processed"):
                self._notes.lose(f"which assets “{name}” processes, where no data flow says so")
            self._at(one, id)
            one.ignore("representations", "parent")
            one.done()

    def _guess(self, word: str) -> ComponentKind:
        if word in _SORTS and (known := _SORTS[word]):
            return known
        said = word.lower()
        fits = (sort for sort, words in _GUESSES if any(one in said for one in words))
        sort = next(fits, ComponentKind.PROCESS)
        self._notes.lose(f"the component type “{word[:60]}”: it is read as: {sort.replace('_', ' ')}")
        return sort

    def _assets(self, assets: list[Thing]) -> None:
        for one in assets:
            id = one.text("id")
            own = _own(one)
            risk = one.thing("risk", "the risk of an asset")
            said: dict[str, Any] = {"name": one.text("name"), "description": one.text("description")}
            qualities = {name: risk.number(name) for name in ("confidentiality", "integrity", "availability")}
            if not own:
                said |= {name: _rating(number) for name, number in qualities.items()}
                said["stored_in"] = list(dict.fromkeys(self._stored.get(id, [])))
            risk.done()
            one.done()
            self._gathering.add(Kind.ASSET, id, own, said)

    def _flows(self, flows: list[Thing]) -> None:
        for one in flows:
            id, name = one.text("id"), one.text("name")
            own = _own(one)
            said: dict[str, Any] = {
                "name": text_in(own, "name") if "name" in own else name,
                "description": one.text("description"),
                "source": one.text("source"),
                "target": one.text("destination"),
                "assets": one.texts("assets"),
            }
            self._gathering.add(Kind.DATA_FLOW, id, own, said)
            if one.flag("bidirectional"):
                back = {
                    "source": said["target"],
                    "target": said["source"],
                    "name": f"{name} (back)" if name else "",
                }
                self._gathering.add(Kind.DATA_FLOW, f"{id} (back)", {}, said | back)
                self._notes.lose("a data flow that goes both ways: it has become two")
            self._at(one, id)
            one.ignore("representations")
            one.done()

    def _at(self, bearer: Thing, id: str) -> None:
        """Note where threats are shown, and which mitigations are named with them."""
        for shown in bearer.things("threats", "a threat of an element"):
            threat = shown.text("threat")
            shown.ignore("state")
            if self._places.setdefault(threat, id) != id:
                self._notes.lose("a threat at several elements: it stays at the first one")
            for one in shown.things("mitigations", "a mitigation of a threat"):
                self._answers.setdefault(one.text("mitigation"), (threat, one.text("state")))
                one.done()
            shown.done()

    def _threats(self, threats: list[Thing]) -> tuple[FoundThreat, ...]:
        found: dict[str, FoundThreat] = {}
        for one in threats:
            id, title = one.text("id"), one.text("name")
            if id in found:
                raise Unreadable(f"Two threats in the file have the id “{id}”: give each its own.")
            own = _own(one)
            if own:
                one.ignore("risk", "cwes", "categories")
            found[id] = threat_of(
                own,
                self._notes,
                id=id,
                title=title,
                description=one.text("description"),
                categories=() if own else one.texts("categories"),
                element=self._places.get(id),
            )
            one.done()
        return tuple(found.values())

    def _mitigations(
        self, mitigations: list[Thing], threats: tuple[FoundThreat, ...]
    ) -> tuple[FoundMitigation, ...]:
        known = {one.id for one in threats}
        found: list[FoundMitigation] = []
        for one in mitigations:
            title, own = one.text("name"), _own(one)
            at, state = self._answers.get(one.text("id"), ("", ""))
            threat = text_in(own, "threat") or at
            if threat not in known:
                self._notes.lose(f"the mitigation “{title[:60]}”, which is named at no threat")
                one.ignore("description", "riskReduction")
                continue
            said = {"threat": threat, "title": title, "description": one.text("description")}
            done = {"state": "implemented"} if state.lower() in ("implemented", "tested", "complete") else {}
            one.ignore("riskReduction")
            one.done()
            told = converted(
                {**done, **without_none(own), **said}, FoundMitigation, self._notes, f"“{title}”"
            )
            found.append(told or FoundMitigation(threat=threat, title=title, description=said["description"]))
        return tuple(found)


def _own(one: Thing) -> dict[str, Any]:
    """This bot's own words in an object's attributes."""
    attributes = one.thing("attributes", f"the attributes of {one.what.partition(' ')[2]}")
    own = attributes.own()
    attributes.done()
    return own


def _zones_of(parents: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The trust zone of each component, also of one that lies in another component; no circles."""
    zones: dict[str, str] = {}
    for id in parents:
        passed, here = [id], id
        while here not in zones and not parents[here][0]:
            inside = parents[here][1]
            if not inside or inside not in parents:  # a component without an id is refused later
                break
            here = inside
            passed.append(here)
        zones.update(dict.fromkeys(passed, zones.get(here, parents[here][0])))
    return zones


def _rating(number: float | None) -> Rating | None:
    if number is None:
        return None
    return Rating.LOW if number <= 33 else Rating.MEDIUM if number <= 66 else Rating.HIGH
