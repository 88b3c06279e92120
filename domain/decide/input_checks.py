"""Checks of input: names, lengths, and references to existing elements."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from domain.kernel.due_dates import short_day
from domain.kernel.elements import TYPE_OF, Element, ElementId, Kind, kind_of
from domain.kernel.length_limits import LINES, LINK, NAME, TEXT, WORD
from domain.kernel.mitigation import TICKET_KEY, Mitigation, MitigationId
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import Threat, ThreatId
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel
from domain.model.element_labels import label, same_name
from domain.rejections import (
    ContentMissing,
    NameMissing,
    NameTaken,
    NoSuchElement,
    NoSuchMitigation,
    NoSuchQuestion,
    NoSuchRound,
    NoSuchThreat,
    NotALink,
    NotATicket,
    Rejected,
    RoundIsOver,
    ThreatGone,
    ThreatMerged,
    TooLong,
    TooMany,
    WrongKind,
)


def combine_rejections(*checks: Callable[[], Any]) -> tuple[Any, ...]:
    """Return what every check returns, or raise the first rejection, with the others attached to it.

    The checks must be independent of each other.
    """
    found: list[Rejected] = []
    results: list[Any] = []
    for check in checks:
        try:
            results.append(check())
        except Rejected as refused:
            found.append(refused)
    if found:
        first, *others = found
        first.also = (*first.also, *others)
        raise first
    return tuple(results)


MAX_DAY_AHEAD = timedelta(days=3653)
"""How far ahead a day may lie: ten years."""

_KEPT_CONTROLS = frozenset("\n\t")


def clean_name(text: str, *, what: str = "", field: str = "name") -> str:
    """Return a name on one line; raises Rejected if it is empty or too long."""
    name = " ".join(_visible(text).split())
    if not any(character.isprintable() for character in name):  # also if only invisible characters are left
        raise NameMissing(what, field=field)
    if len(name) > NAME:
        raise TooLong("The name", len(name), NAME, field=field)
    return name


def clean_text(text: str, *, what: str, field: str, limit: int = TEXT) -> str:
    """Return a text without invisible characters; raises Rejected if it is too long."""
    kept = _visible(text).strip()
    if len(kept) > limit:
        raise TooLong(what, len(kept), limit, field=field)
    return kept


def require_reason(text: str, hint: str) -> str:
    """Return the reason of a decision; raises Rejected with the hint if it is missing."""
    reason = clean_text(text, what="The reason", field="reason")
    if not reason:
        raise ContentMissing(hint, field="reason")
    return reason


def clean_word(text: str, *, what: str, field: str) -> str:
    """Return a short attribute on one line; raises Rejected if it is too long."""
    word = " ".join(_visible(text).split())
    if len(word) > WORD:
        raise TooLong(what, len(word), WORD, field=field)
    return word


def clean_link(text: str) -> str:
    """Return a web address or an empty string; raises Rejected for anything else."""
    link = text.strip()
    if len(link) > LINK:
        raise TooLong("The link", len(link), LINK, field="link")
    if link and not _LINK.fullmatch(link):
        raise NotALink(field="link")
    return link


def clean_ticket(text: str) -> str:
    """Return the key or web address of an issue, or an empty string; raises Rejected for anything else."""
    ticket = text.strip()
    if len(ticket) > LINK:
        raise TooLong("The ticket", len(ticket), LINK, field="ticket")
    if ticket and not (TICKET_KEY.fullmatch(ticket) or _LINK.fullmatch(ticket)):
        raise NotATicket(field="ticket")
    return ticket


def check_count(what: str, count: int, *, field: str | None = None) -> None:
    """Raise Rejected if a command holds more items than allowed."""
    if count > LINES:
        raise TooMany(what, count, LINES, field=field)


def find_by_name(model: ThreatModel, kind: Kind, name: str) -> Element | None:
    """Return the element of a kind with a name, ignoring case."""
    wanted, sort = same_name(name), TYPE_OF[kind]
    for element in values_of(model.elements):
        # A fast path: this runs over all elements for every name.
        if type(element) is sort and same_name(element.name or label(model, element)) == wanted:
            return element
    return None


def check_name_is_free(model: ThreatModel, kind: Kind, name: str, *, but: ElementId | None = None) -> None:
    """Raise Rejected if another element of the kind has the name."""
    other = find_by_name(model, kind, name)
    if other is not None and other.id != but:
        raise NameTaken(kind, name, other.id)


def require_element(
    model: ThreatModel, id: ElementId, kind: Kind | None = None, *, field: str | None = None
) -> Element:
    """Return the element with an id; raises Rejected if it does not exist or is of another kind."""
    element = model.elements.get(id)
    if element is None:
        raise NoSuchElement(id, field=field)
    if kind is not None and kind_of(element) is not kind:
        raise WrongKind(id, kind, field=field)
    return element


def require_question(model: ThreatModel, id: ElementId, fact: str) -> ElementId:
    """Return the id of an element that has a fact; raises Rejected if there is no such element or fact."""
    element, known = require_element(model, id), model.catalog.facts.get(fact)
    if known is None or kind_of(element) not in known.kinds:
        raise NoSuchQuestion(id, fact)
    return id


def require_elements(
    model: ThreatModel, ids: Iterable[ElementId], kind: Kind, *, field: str
) -> tuple[ElementId, ...]:
    """Return the ids without repetition; raises Rejected if one does not exist or is of another kind."""
    return tuple(require_element(model, id, kind, field=field).id for id in dict.fromkeys(ids))


def require_element_if_given(
    model: ThreatModel, id: ElementId | None, kind: Kind, *, field: str
) -> ElementId | None:
    """Return the id or None; raises Rejected if it does not exist or is of another kind."""
    return None if id is None else require_element(model, id, kind, field=field).id


def require_threat(model: ThreatModel, id: ThreatId) -> Threat:
    """Return the threat with an id; raises Rejected if it was merged, was withdrawn or does not exist."""
    found = model.threats.get(id)
    if found is not None:
        return found
    if id in model.merged:
        raise ThreatMerged(id, model.merged[id].into)
    raise ThreatGone(id) if id in model.withdrawn else NoSuchThreat(id)


def require_threats(model: ThreatModel, threats: Iterable[ThreatId]) -> tuple[Threat, ...]:
    """Return several threats, each once; raises Rejected if there is none, or one does not exist."""
    found = tuple(require_threat(model, threat) for threat in dict.fromkeys(threats))
    if not found:
        raise ContentMissing("Choose at least one threat.", field="threats")
    return found


def require_mitigation(model: ThreatModel, id: MitigationId) -> Mitigation:
    """Return the mitigation with an id; raises Rejected if it does not exist."""
    found = model.mitigations.get(id)
    if found is None:
        raise NoSuchMitigation(id)
    return found


def check_future_day(day: date, now: datetime, *, field: str) -> date:
    """Return the day; raises Rejected if it is over in every time zone, or implausibly far off."""
    # West of Greenwich it may still be the day before.
    if day < now.date() - timedelta(days=1):
        raise Rejected(f"{short_day(day)} is in the past. Choose a later day.", field=field)
    if day > now.date() + MAX_DAY_AHEAD:
        raise Rejected(f"{short_day(day)} is more than ten years ahead. Choose an earlier day.", field=field)
    return day


def require_round(model: ThreatModel, id: RoundId) -> Round:
    """Return the round with an id; raises Rejected if it does not exist."""
    found = model.rounds.get(id)
    if found is None:
        raise NoSuchRound(id)
    return found


def check_open(one: Round) -> None:
    """Raise Rejected if a round has ended."""
    if one.ending is not None:
        raise RoundIsOver(one.id)


def _visible(text: str) -> str:
    """Remove control characters, and characters that change the reading direction."""
    if text.isprintable():
        return text  # the common case: such characters are never printable
    return "".join(
        character
        for character in text
        if character in _KEPT_CONTROLS
        or (unicodedata.category(character) not in ("Cc", "Cs") and character not in _TURNING)
    )


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINK = re.compile(r"https?://[^\s<>|\"\\\x00-\x1f]+")
