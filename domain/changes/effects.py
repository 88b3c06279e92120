"""What a change of answers leads to: the findings that come, and those that go."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.analysis.rule_findings import ControlInPlace, SuggestedThreat
from domain.kernel.text_formatting import count_phrase, join_list
from domain.register import ThreatRegister


def effects(before: ThreatRegister, after: ThreatRegister) -> tuple[str, ...]:
    """Return the findings that differ between two states of a model, in sentences; none without any."""
    return tuple(_effects(before, after))


def _effects(before: ThreatRegister, after: ThreatRegister) -> Iterator[str]:
    suggested, now = _by_id(before.suggested_threats), _by_id(after.suggested_threats)
    yield from _listed("no longer suggested", _only_in(suggested, now))
    yield from _listed("newly suggested", _only_in(now, suggested))
    yield from _unfounded(before, after)
    prevented, still = _by_id(before.prevented), _by_id(after.prevented)
    yield from _listed("no longer prevented", _only_in(prevented, still | now))
    yield from _listed("prevented by a control", _only_in(still, prevented | suggested))
    more = len(after.questions) - len(before.questions)
    if more:
        asked = count_phrase(abs(more), "open question")
        yield f"There {'is' if abs(more) == 1 else 'are'} {asked} {'more' if more > 0 else 'fewer'}."


_Finding = SuggestedThreat | ControlInPlace


def _by_id(findings: Iterable[_Finding]) -> dict[str, _Finding]:
    return {one.id: one for one in findings}


def _only_in(these: Mapping[str, _Finding], others: Mapping[str, _Finding]) -> list[_Finding]:
    return [one for id, one in these.items() if id not in others]


def _listed(what: str, findings: list[_Finding]) -> Iterator[str]:
    """Yield one sentence about findings, each rule once with its places."""
    places: dict[str, list[str]] = {}
    for one in findings:
        places.setdefault(one.rule.title, []).append(one.about)
    if not places:
        return
    named = [f"“{title}” ({_first(about)})" for title, about in places.items()]
    verb = "is" if len(findings) == 1 else "are"
    yield f"{count_phrase(len(findings), 'threat')} {verb} {what}: {_first(named)}."


def _first(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return join_list([*names[:_NAMED], f"{rest} more"] if rest > 0 else names)


def _unfounded(before: ThreatRegister, after: ThreatRegister) -> Iterator[str]:
    """Yield the confirmed threats that a rule no longer suggests: they stay, for people to decide."""
    silent = {one.id for one in before.confirmed} - {one.id for one in after.confirmed}
    left = [one.id for one in before.threats if not silent.isdisjoint(one.suggested_threats)]
    if left:
        verb, them = ("stays", "it") if len(left) == 1 else ("stay", "them")
        yield f"{_first(left)} {verb}, although no rule suggests {them} at each place now."


_NAMED = 3
