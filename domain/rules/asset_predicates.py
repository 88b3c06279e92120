"""Predicates over assets; a missing rating is asked for as a question."""

from domain.kernel.elements import Asset, ComponentKind, DataKind, ElementId, Rating
from domain.rules import component_predicates
from domain.rules.conditions import (
    FALSE,
    TRUE,
    AllOf,
    AnyAmong,
    AnyOf,
    Structure,
    Truth,
    it_is,
    truth,
)
from domain.rules.model_index import RuleTarget


def asset(about: RuleTarget) -> Asset:
    """Return the target element, an asset."""
    if not isinstance(about.element, Asset):
        raise TypeError(f"{about.element.id} is not an asset")
    return about.element


def holder(about: RuleTarget) -> ElementId:
    """Return where an asset is stored or received; the asset itself if nowhere."""
    return next(iter(about.index.holders.get(about.element.id, ())), about.element.id)


def holders(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the components of the system that hold an asset."""
    return about.index.holders.get(about.element.id, ())


def accepted_threats(about: RuleTarget) -> tuple[str, ...]:
    """Return the accepted threats that touch an asset."""
    return tuple(one.threat for one in about.index.accepted if about.element.id in one.assets)


def _confidential(about: RuleTarget) -> Truth:
    """Return whether an asset is confidential; credentials and personal data always are."""
    one = asset(about)
    if one.confidentiality is None:
        return truth(True if one.data in _NEVER_PUBLIC else None)
    return truth(one.confidentiality is not Rating.LOW)


def _secret(about: RuleTarget) -> Truth:
    one = asset(about)
    if one.confidentiality is None:
        return truth(True if one.data is DataKind.CREDENTIAL else None)
    return truth(one.confidentiality is Rating.HIGH)


def _integrity_critical(about: RuleTarget) -> Truth:
    rating = asset(about).integrity
    return truth(None if rating is None else rating is Rating.HIGH)


def _availability_critical(about: RuleTarget) -> Truth:
    rating = asset(about).availability
    return truth(None if rating is None else rating is Rating.HIGH)


def _personal(about: RuleTarget) -> Truth:
    data = asset(about).data
    return truth(None if data is None else data is DataKind.PERSONAL)


def _credential(about: RuleTarget) -> Truth:
    data = asset(about).data
    return truth(None if data is None else data is DataKind.CREDENTIAL)


def _recorded_as_credential(about: RuleTarget) -> Truth:
    return truth(asset(about).data is DataKind.CREDENTIAL)


def _held(about: RuleTarget) -> Truth:
    return truth(bool(holders(about)))


def _is_evaluated(about: RuleTarget) -> Truth:
    """Return whether it reaches a place that evaluates data, of the system or of a supplier."""
    index, id = about.index, about.element.id
    return truth(
        any(
            id in held and component_predicates.evaluates(index, place)
            for place, held in index.handled_by.items()
        )
    )


def _credential_held_nowhere(about: RuleTarget) -> Truth:
    """Return whether it is a credential of a system with software that no component is said to hold."""
    recorded = asset(about).data is DataKind.CREDENTIAL
    return truth(recorded and not holders(about) and bool(about.index.digital))


def _no_less_trusted_writer(about: RuleTarget) -> Truth:
    """Return whether no writer ranks below the places that hold the asset; unknown without writers.

    An asset is as integrity-critical as the place that stores it, wherever else it travels.
    """
    one = asset(about)
    writers = [about.index.level_rank(level) for level in one.writers]
    places = [about.index.rank(place) for place in one.stored_in or holders(about)]
    known = [rank for rank in writers if rank is not None]
    floor = [rank for rank in places if rank is not None]
    return truth(bool(known and floor) and min(known) >= min(floor))


def _is_stored_log(about: RuleTarget) -> Truth:
    """Return whether it is a log in a store; R02 covers whether its subjects can alter it."""
    stores = (about.index.kind(place) is ComponentKind.DATA_STORE for place in holders(about))
    return truth(asset(about).data is DataKind.LOG and any(stores))


def _rating_increased(about: RuleTarget) -> Truth:
    one = asset(about)
    now = (one.confidentiality, one.integrity, one.availability)
    for acceptance in about.index.accepted:
        if acceptance.threat == about.peer:
            rated = acceptance.assets[one.id]
            then = (rated.confidentiality, rated.integrity, rated.availability)
            steps = [
                today.weight > before.weight if today and before else None
                for today, before in zip(now, then, strict=True)
                if today or before
            ]
            if True in steps:
                return TRUE
            return truth(None if None in steps else False)
    return FALSE


_NEVER_PUBLIC = frozenset({DataKind.CREDENTIAL, DataKind.PERSONAL})

CONFIDENTIAL = Structure(
    name="its confidentiality is medium or high", holds=_confidential, question=it_is("confidential")
)
SECRET = Structure(name="its confidentiality is high", holds=_secret, question=it_is("confidential"))
INTEGRITY_CRITICAL = Structure(
    name="its integrity is high", holds=_integrity_critical, question=it_is("integrity_critical")
)
AVAILABILITY_CRITICAL = Structure(
    name="its availability is high", holds=_availability_critical, question=it_is("availability_critical")
)
PERSONAL = Structure(name="it is personal data", holds=_personal, question=it_is("personal"))
CREDENTIAL = Structure(name="it is a credential", holds=_credential, question=it_is("credential"))
STORED_BY_SOFTWARE = AnyAmong(among=holders, part=component_predicates.IS_SOFTWARE)
IS_EVALUATED = Structure(name="it reaches a place that evaluates data", holds=_is_evaluated)
CREDENTIAL_OF_SOFTWARE = AnyOf(
    (
        Structure(name="no component holds the credential", holds=_credential_held_nowhere, explains=False),
        AllOf((STORED_BY_SOFTWARE, CREDENTIAL)),
    )
)
"""A credential that stands in no flow and no store is kept somewhere all the same."""
HELD = Structure(name="a component of the system holds it", holds=_held, explains=False)
NO_LESS_TRUSTED_WRITER = Structure(
    name="no writer is less trusted than its store", holds=_no_less_trusted_writer
)
IS_STORED_LOG = Structure(name="it is a log in a data store", holds=_is_stored_log)
RATING_INCREASED = Structure(
    name="its rating has risen since the risk was accepted",
    holds=_rating_increased,
    question=it_is("value_increased"),
)
RECORDED_AS_CREDENTIAL = Structure(name="it is a credential", holds=_recorded_as_credential)
SECRET_OR_CREDENTIAL = AnyOf((RECORDED_AS_CREDENTIAL, SECRET))
VALUABLE = AnyOf((SECRET_OR_CREDENTIAL, INTEGRITY_CRITICAL))
