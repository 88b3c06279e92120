"""Predicates over entry points."""

from domain.kernel.elements import ComponentKind, ElementId, EntryPoint, Exposure
from domain.rules import component_predicates
from domain.rules.conditions import (
    FALSE,
    TRUE,
    UNKNOWN,
    AllOf,
    AnyAmong,
    AnyOf,
    Structure,
    Truth,
    it_is,
    truth,
)
from domain.rules.model_index import RuleTarget


def door(about: RuleTarget) -> EntryPoint:
    """Return the target element, an entry point."""
    if not isinstance(about.element, EntryPoint):
        raise TypeError(f"{about.element.id} is not an entry point")
    return about.element


def behind(about: RuleTarget) -> ElementId:
    """Return the component behind an entry point; the entry point itself if none is known."""
    return about.survey.behind.get(about.element.id, about.element.id)


def reached_assets(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that the components behind an entry point store, receive or send."""
    return about.survey.handled_by.get(behind(about), ())


def _behind(about: RuleTarget) -> tuple[ElementId, ...]:
    found = about.survey.behind.get(about.element.id)
    return (found,) if found else ()


def _leads_to_ours(about: RuleTarget) -> Truth:
    """Return whether it leads to a component of the system; unknown while none is known."""
    kind = about.survey.kind(behind(about))
    return truth(None if kind is None else kind is not ComponentKind.EXTERNAL_ENTITY)


def _public(about: RuleTarget) -> Truth:
    exposure = door(about).exposure
    return truth(None if exposure is None else exposure is Exposure.INTERNET)


def _crossed(about: RuleTarget) -> Truth:
    flows = about.survey.through.get(about.element.id, ())
    return truth(any(flow.id in about.survey.crossings for flow in flows))


def _from_below(about: RuleTarget) -> Truth:
    """Return whether callers are less trusted than the component behind it."""
    goal, callers = about.survey.rank(behind(about)), _caller_ranks(about)
    known = [rank for rank in callers if rank is not None]
    if goal is None:
        return UNKNOWN
    if any(rank < goal for rank in known):
        return TRUE
    return truth(None if len(known) < len(callers) or not callers else False)


def _below_all_allowed(about: RuleTarget) -> Truth:
    """Return whether users of the entry point are less trusted than all readers and writers of the asset.

    Without readers and writers there is nothing to compare.
    """
    caller, allowed = _least_trusted_caller(about), _least_trusted_allowed(about, ElementId(about.peer or ""))
    if allowed is None:
        return FALSE
    return truth(None if caller is None else caller < allowed)


def _names_nobody_above(about: RuleTarget) -> Truth:
    """Return whether callers rank no lower than any asset's access list; otherwise X01 covers it."""
    caller = _least_trusted_caller(about)
    allowed = (_least_trusted_allowed(about, asset) for asset in reached_assets(about))
    return truth(caller is None or not any(one is not None and caller < one for one in allowed))


def _least_trusted_caller(about: RuleTarget) -> int | None:
    return min((rank for rank in _caller_ranks(about) if rank is not None), default=None)


def _least_trusted_allowed(about: RuleTarget, id: ElementId) -> int | None:
    """Return the lowest rank of an asset's readers and writers; None if it lists none."""
    asset = about.survey.assets.get(id)
    levels = (about.survey.level_rank(level) for level in (*asset.readers, *asset.writers)) if asset else ()
    return min((rank for rank in levels if rank is not None), default=None)


def _beside_a_public_one(about: RuleTarget) -> Truth:
    others = about.survey.doors_to.get(behind(about), ())
    return truth(any(other.exposure is Exposure.INTERNET for other in others))


def _strangers_have_a_level(about: RuleTarget) -> Truth:
    """Return whether there are several trust levels; with one, anonymous users share it with members."""
    return truth(len(about.survey.levels) > 1)


def _caller_ranks(about: RuleTarget) -> list[int | None]:
    said = about.survey.level_rank(door(about).lowest_trust_level)
    if said is not None:
        return [said]
    return [about.survey.rank(flow.source) for flow in about.survey.through.get(about.element.id, ())]


LEADS_TO_OURS = Structure(name="it leads into the system", holds=_leads_to_ours, telling=False)
CROSSED = Structure(name="a flow that crosses goes through it", holds=_crossed)
FROM_BELOW = Structure(name="who comes through is trusted less than what lies behind", holds=_from_below)
BELOW_ALL_ALLOWED = Structure(
    name="who comes through is trusted less than all who may touch the asset", holds=_below_all_allowed
)
NAMES_NOBODY_ABOVE = Structure(
    name="no asset behind it names only those who are trusted more", holds=_names_nobody_above, telling=False
)
STRANGERS_HAVE_A_LEVEL = Structure(name="there is a trust level for strangers", holds=_strangers_have_a_level)
PUBLIC = Structure(name="strangers can get to it", holds=_public, asking=it_is("public"))

ANSWERED = AllOf((LEADS_TO_OURS, AnyAmong(among=_behind, part=component_predicates.SPEAKS_DIGITAL)))
TAKES_INPUT = AllOf((ANSWERED, it_is("takes_input")))
LOGS_IN = AllOf((ANSWERED, it_is("logs_in")))
KEEPS_SESSION = AllOf((ANSWERED, it_is("keeps_session")))
ADMINISTERS = AllOf((ANSWERED, it_is("administers")))
BESIDE_STRANGERS = AnyOf(
    (Structure(name="strangers reach the same machine", holds=_beside_a_public_one), PUBLIC)
)
