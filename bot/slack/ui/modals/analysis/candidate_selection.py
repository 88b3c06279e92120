"""Candidates in the value of a button: as many IDs as fit, the rule named once."""

from collections.abc import Iterable, Iterator, Sequence

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from domain.kernel.candidate_decisions import CandidateId, rule_of

MOST = 100
"""The largest number of candidates that one button decides."""

_CHARACTERS = 1_500
"""Characters of their IDs; the rest of a button's value holds the model and the page."""


def encode_candidates(ids: Iterable[str]) -> str:
    """Return IDs in one text; the rule is left out where it is that of the one before: `I01@DF-1,DF-2`."""
    parts: list[str] = []
    rule = ""
    for id in map(CandidateId, ids):
        same = rule_of(id) == rule
        parts.append(id.partition("@")[2] if same else id)
        rule = rule_of(id)
    return ",".join(parts)


def candidate_ids(target: Target) -> tuple[CandidateId, ...]:
    """Return the candidates that a button or form is about; raises StaleButton for none."""
    ids = tuple(_decoded(target.element.split(",")))
    if not ids:
        raise StaleButton
    return ids


def chunks_of_candidates(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield runs of IDs that fit into the value of a button."""
    first = 0
    while first < len(ids):
        last = min(first + MOST, len(ids))
        while len(encode_candidates(ids[first:last])) > _CHARACTERS:
            last -= 1
        yield ids[first:last]
        first = last


def _decoded(parts: Iterable[str]) -> Iterator[CandidateId]:
    rule = ""
    for part in filter(None, parts):
        head = rule_of(CandidateId(part))
        is_whole = "-" not in head or not rule  # the ID of an element has a hyphen, that of a rule has none
        rule = head if is_whole else rule
        yield CandidateId(part if is_whole else f"{rule}@{part}")
