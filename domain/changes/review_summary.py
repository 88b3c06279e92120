"""What a review of a closed model has led to, in one sentence."""

from collections import Counter
from collections.abc import Iterator

from domain.kernel.answer import Answer
from domain.kernel.elements import SINGULAR, Kind, kind_of_id
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.register import RegisterItem, ThreatRegister


def review_summary(before: ThreatRegister, after: ThreatRegister) -> str:
    """Return the changes between two closings, such as `3 data flows changed, 12 questions answered`."""
    return ", ".join(_counts(before, after)) or "no changes"


def _counts(before: ThreatRegister, after: ThreatRegister) -> Iterator[str]:
    was, now = ({one.id: one for one in _items(each)} for each in (before, after))
    kinds = Counter(
        kind_of_id(id)
        for id in {*was, *now}
        if id not in was or id not in now or was[id].element != now[id].element
    )
    yield from (f"{count_phrase(kinds[kind], SINGULAR[kind])} changed" for kind in Kind if kinds[kind])
    answered = sum(
        answer is not Answer.UNKNOWN and (id not in was or was[id].facts.get(fact) is not answer)
        for id, one in now.items()
        for fact, answer in one.facts.items()
    )
    if answered:
        yield f"{count_phrase(answered, 'question')} answered"
    old, new = ({one.id for one in each.threats} for each in (before, after))
    if new - old:
        yield count_phrase(len(new - old), "new threat")
    if gone := len((old - new) | _no_longer_suggested(before, after)):
        yield f"{gone} gone"


def _items(register: ThreatRegister) -> Iterator[RegisterItem]:
    return (one for kind in Kind for one in register.items(kind))


def _no_longer_suggested(before: ThreatRegister, after: ThreatRegister) -> set[ThreatId]:
    """Return the threats that rules suggested, and no rule suggests at any place now."""
    was, still = ({one.id for one in each.confirmed} for each in (before, after))
    return {
        one.id
        for one in before.threats
        if not was.isdisjoint(one.suggested_threats) and still.isdisjoint(one.suggested_threats)
    }
