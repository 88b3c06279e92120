"""Options of technologies: the whole catalog in groups, or the neighbors of one technology."""

from typing import Final

from bot.slack.ui.forms.form_fields import Option
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import nearest_technologies
from domain.kernel.elements import Component, ComponentKind, DataFlow, Element, EntryPoint
from domain.register import ThreatRegister
from domain.technologies.technology import Category, Technology

NO_TECHNOLOGY: Final = "none"
"""Value of the option that something has no technology."""

_GROUPS: Final = {
    ComponentKind.DATA_STORE: "Data stores",
    ComponentKind.PROCESS: "Processes",
    ComponentKind.EXTERNAL_ENTITY: "External services and clients",
}


def technology_options(known: str) -> tuple[Option, ...]:
    """Return every technology by the kind of element, then every category for one that is not listed."""
    listed = tuple(
        _option(one, group)
        for kind, group in _GROUPS.items()
        for one in _by_name(BUILT_IN.technologies)
        if one.kind is kind
    )
    return (*_unknown(known, "Not in the catalog"), *listed, *_categories())


def nearby_technologies(known: str) -> tuple[Option, ...]:
    """Return the technologies of the same category as one, then every category: few enough for many rows."""
    category = BUILT_IN.category_of(known)
    near = (one for one in _by_name(BUILT_IN.technologies) if category and one.category == category.key)
    listed = tuple(_option(one, category.name if category else "") for one in near)
    return (*_unknown(known, "Not in the catalog"), *listed, *_categories())


def closest_technologies(typed: str, name: str) -> tuple[Option, ...]:
    """Return options for a technology that the catalog lacks: the closest ones, none, then every category."""
    near = nearest_technologies(BUILT_IN, typed, name)
    closest = (_option(entry, "Closest") for key in near if (entry := BUILT_IN.technology_of(key)))
    none = Option(value=NO_TECHNOLOGY, text="None, such as a person", group="No technology")
    return (*closest, none, *(one for one in _categories() if one.value not in near))


def ask_first_words(key: str) -> str:
    """Return what to ask first about a technology, as the hint of a field; empty if nothing."""
    questions = BUILT_IN.ask_first(key)
    return f"Ask first: {' '.join(questions)}" if questions else ""


def usual_protocol_hint(register: ThreatRegister, element: Element | None) -> str:
    """Return the usual protocol of what a flow or an entry point leads to, as the hint of a field."""
    match element:
        case DataFlow(target=id) | EntryPoint(component=id) if id:
            item = register.item(id)
            component = item.element if item else None
        case _:
            return ""
    entry = BUILT_IN.technology_of(component.technology) if isinstance(component, Component) else None
    return f"Default for {entry.name}: {entry.protocol}" if entry and entry.protocol else ""


def _categories() -> tuple[Option, ...]:
    return tuple(
        _option(one, f"Not listed: {_GROUPS[one.kind].lower()}")
        for one in sorted(BUILT_IN.categories, key=_place)
    )


def _place(one: Category) -> int:
    return tuple(_GROUPS).index(one.kind)


def _unknown(known: str, group: str) -> tuple[Option, ...]:
    """Return the option for a technology that this release's catalog lacks, so that it stays chosen."""
    return (
        (Option(value=known, text=BUILT_IN.technology_name(known), group=group),)
        if known and not BUILT_IN.category_of(known)
        else ()
    )


def _by_name(technologies: tuple[Technology, ...]) -> list[Technology]:
    return sorted(technologies, key=lambda one: one.name.casefold())


def _option(one: Technology | Category, group: str) -> Option:
    return Option(value=one.key, text=one.name, group=group)
