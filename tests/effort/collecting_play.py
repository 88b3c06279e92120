"""The team describes its system: names, flows as lines, places, and the details of each element."""

import re
from collections.abc import Iterable, Mapping

from bot.sandbox.api import VisibleView
from bot.slack.ui.modals.collecting.element_form import NO_TECHNOLOGY
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import technology_typed
from domain.kernel.elements import ElementId, Kind
from tests.effort.counted_person import CountedPerson, initial_value, option_values
from tests.effort.described_systems import DescribedFlow
from tests.effort.played_system import PlayedSystem

_CHOSEN = {
    "Amazon CloudFront with AWS WAF": "Amazon CloudFront",
    "Amazon ECR": "artifact registry",
    "Amazon RDS for PostgreSQL": "PostgreSQL",
    "Azure API Management": "API gateway",
    "Azure Database for PostgreSQL": "PostgreSQL",
    "Azure Monitor Logs": "log store",
    "React single-page app": "React",
    "Argo CD": "CI/CD pipeline",
    "SAP": "partner system",
    "SAP ERP": "partner system",
    "Go": "server application",
    "REST client": "server application",
    "REST API and webhooks": "partner system",
    "macOS": "device",
    "person with a phone": "",
}
"""What the team chooses for a technology that the catalog does not list by this name; nothing for people."""
_NOTE = re.compile(r"\[([^\[\]]*)\]")


def collect(play: PlayedSystem) -> None:
    """Start the model and enter everything that the description holds."""
    play.counts.phase = "collect"
    ana, system = play.facilitator, play.system
    play.team.read_channel("#house")
    ana.command("start")
    ana.wait_for("start")
    ana.fill({"name": system.name, "description": system.purpose, "out_of_scope": system.out_of_scope})
    ana.submit()
    ana.press_first(ana.wait_for("flows"), "names")
    ana.wait_for("names")
    ana.fill(
        {
            "external_dependencies": _lines(dependency.name for dependency in system.dependencies),
            "entry_points": _lines(point.name for point in system.entry_points),
            "assets": _lines(asset.name for asset in system.assets),
            "trust_levels": _lines(system.trust_levels),
        }
    )
    ana.submit()
    ana.wait_for("flows")
    ana.fill({"flows": _lines(map(typed_line, system.flows))})
    ana.submit()
    place(play, ana)
    ana.close()
    _boundaries(play, ana)
    for person, kind, details in zip(
        play.people[1:], _DETAILED, (_dependencies, _entry_points, _assets), strict=True
    ):
        _describe_all(play, person, kind, details(play))
        person.close()
    _link(play, ana)


_DETAILED = (Kind.EXTERNAL_DEPENDENCY, Kind.ENTRY_POINT, Kind.ASSET)


def typed_line(flow: DescribedFlow) -> str:
    """Return what is typed for a flow, with technologies, boundaries and the protocol."""
    there, back = ", ".join(flow.carries), ", ".join(flow.back)
    ends, _, _ = flow.line.partition(f": {flow.name}")
    protocol = f" ({flow.protocol})" if flow.protocol else ""
    through = f" via {flow.through}" if flow.through else ""
    return f"{_NOTE.sub(_known_note, ends)}: {there}{' | ' + back if flow.two_way else ''}{protocol}{through}"


def _known_note(note: re.Match[str]) -> str:
    """Return the brackets after a name, with the listed one of several technologies, else as described."""
    parts = (part if part.startswith("in ") else _named(part) or part for part in note[1].split(", "))
    return f"[{', '.join(parts)}]"


def _listed(technology: str) -> str:
    """Return a technology as it is listed; of several the first, else the category that the team chooses."""
    named = [one.strip() for one in (technology, *technology.split(","))]
    return _named(technology) or next((_CHOSEN[one] for one in named if one in _CHOSEN), "")


def _named(technology: str) -> str:
    """Return the first listed one of several technologies; empty if none is listed."""
    each = (
        technology_typed(BUILT_IN, one.strip()) and one.strip()
        for one in (technology, *technology.split(","))
    )
    return next(filter(None, each), "")


def _lines(names: Iterable[str]) -> str:
    return "\n".join(names)


def place(play: PlayedSystem, ana: CountedPerson) -> None:
    """Place the components that have no place yet, as the description says."""
    places = {one.name: one for one in play.system.components}
    before = ""
    while (
        view := ana.wait_for("place", "saved", "notice", "after", other_than=before)
    ).callback_id == "place":
        before = view.private_metadata
        for component in play.model.of_kind(Kind.COMPONENT):
            described = places[component.name]
            _choose_technology(ana, component.id, described.technology)
            ana.correct(
                {
                    f"sort/{component.id}": described.kind,
                    f"trust_level/{component.id}": play.element_id(Kind.TRUST_LEVEL, described.trust),
                    f"boundary/{component.id}": described.within,
                }
            )
        ana.submit()
        if not play.register.unplaced:
            return


def _choose_technology(person: CountedPerson, component: ElementId, described: str) -> None:
    """Choose the technology, or its category where the product is not offered; a fitting guess is left."""
    asked = person.field(f"category/{component}")
    control = asked or person.field(f"technology/{component}")
    wanted = technology_typed(BUILT_IN, _listed(described))
    category = BUILT_IN.category_of(wanted)
    if asked is not None and category is None:
        person.enter(asked, NO_TECHNOLOGY)
        return
    if control is None or category is None:
        return
    guess = initial_value(control)
    if guess == wanted or (guess and BUILT_IN.category_of(guess) == category and wanted == category.key):
        return
    offered = wanted in option_values(control)
    person.enter(control, wanted if offered else category.key)


def _link(play: PlayedSystem, ana: CountedPerson) -> None:
    """State which external dependencies are components: those that the description places outside."""
    if not play.register.link_proposals:
        return
    places = {component.name: component for component in play.system.components}
    play.open_more(ana)
    ana.press_first(ana.wait_for("more"), "links")
    ana.wait_for("links")
    ana.fill(
        {
            f"link/{proposal.dependency}/{proposal.component}": "same"
            if places[play.register.name_of(proposal.component)].kind == "external_entity"
            else "apart"
            for proposal in play.register.link_proposals
        }
    )
    ana.submit()
    ana.close()


def _boundaries(play: PlayedSystem, ana: CountedPerson) -> None:
    """Put the boundaries into each other; one that no component lies in is added."""
    for boundary in play.system.boundaries:
        if not play.element_id(Kind.TRUST_BOUNDARY, boundary.name):
            _add(play, ana, Kind.TRUST_BOUNDARY, {"name": boundary.name})
    nested = {
        one.name: {"parent": play.element_id(Kind.TRUST_BOUNDARY, one.within)}
        for one in play.system.boundaries
        if one.within
    }
    if nested:
        _revise_each(play, ana, Kind.TRUST_BOUNDARY, nested)
    ana.close()


def _add(play: PlayedSystem, person: CountedPerson, kind: Kind, values: Mapping[str, object]) -> None:
    open_list(play, person, kind)
    view = person.wait_for("register")
    person.press_first(view, "element", k=kind.value)
    person.wait_for("element")
    person.fill(values)
    person.submit()
    person.wait_for("register")
    person.close()


def open_list(play: PlayedSystem, person: CountedPerson, kind: Kind) -> None:
    """Open the list of the elements of a kind."""
    play.open_more(person)
    person.press_first(person.wait_for("more"), "register", k=kind.value)
    person.wait_for("register")


def _revise_each(
    play: PlayedSystem, person: CountedPerson, kind: Kind, details: Mapping[str, Mapping[str, object]]
) -> None:
    open_list(play, person, kind)
    for name, values in details.items():
        element = play.element_id(kind, name)
        view = person.wait_for("register")
        while not person.press_first(view, "element", e=element):
            shown = view.private_metadata
            assert person.press_first(view, "register"), f"{name} is on no page"
            view = person.wait_for("register", other_than=shown)
        person.wait_for("element")
        person.fill(values)
        person.submit()
        person.wait_for("register")


def _describe_all(
    play: PlayedSystem, person: CountedPerson, kind: Kind, details: Mapping[str, Mapping[str, object]]
) -> None:
    """Enter the details of all elements of a kind; of a single one in its own form."""
    open_list(play, person, kind)
    if not person.press_first(person.wait_for("register"), "details"):
        person.close()
        _revise_each(play, person, kind, details)
        return
    view: VisibleView | None = person.wait_for("details")
    while view is not None and view.callback_id == "details":
        for name, values in details.items():
            element = play.element_id(kind, name)
            person.fill({f"{key}/{element}": value for key, value in values.items()})
        person.submit()
        view = person.wait_for_change(view)


def _ids(play: PlayedSystem, kind: Kind, names: tuple[str, ...]) -> list[str]:
    return [play.element_id(kind, name) for name in names]


def _dependencies(play: PlayedSystem) -> Mapping[str, Mapping[str, object]]:
    return {
        dependency.name: {"owner": dependency.owner, "sort": dependency.what, "outage": dependency.outage}
        for dependency in play.system.dependencies
    }


def _entry_points(play: PlayedSystem) -> Mapping[str, Mapping[str, object]]:
    return {
        point.name: {
            "description": point.purpose,
            "exposure": point.exposure,
            "protocol": point.protocol,
            "component": play.element_id(Kind.COMPONENT, point.at),
            "lowest_trust_level": play.element_id(Kind.TRUST_LEVEL, point.lowest),
        }
        for point in play.system.entry_points
    }


def _assets(play: PlayedSystem) -> Mapping[str, Mapping[str, object]]:
    return {
        asset.name: {
            "data": asset.data,
            **dict(zip(("confidentiality", "integrity", "availability"), asset.ratings, strict=True)),
            "stored_in": _ids(play, Kind.COMPONENT, asset.stored),
            "readers": _ids(play, Kind.TRUST_LEVEL, asset.readers),
            "writers": _ids(play, Kind.TRUST_LEVEL, asset.writers),
        }
        for asset in play.system.assets
    }
