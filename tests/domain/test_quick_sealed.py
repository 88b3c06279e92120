"""Quick ballots and requests for a follow-up are sealed like any ballot."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.commands import BallotEntry
from domain.dread.metrics import Metric, Numbers
from domain.events import RecordedEvent
from domain.replay import replay
from tests.depth import examples
from tests.domain.quick_story import PANEL, RD1, TH1, TH2, cast, open_quick_round
from tests.domain.test_sealed import everything_shown, everything_shown_to_all
from tests.examples import decide_all

numbers = st.builds(Numbers, **dict[str, Any].fromkeys(Metric, st.none() | st.integers(1, 10)))
entries = st.builds(BallotEntry, threat=st.just(TH1), numbers=numbers, follow_up=st.booleans())
panels = st.lists(entries, min_size=4, max_size=4)


def ballots(given_entries: Sequence[BallotEntry], *, last: bool) -> list[RecordedEvent]:
    """All vote on TH-1, and on TH-2 all but the last person, who may vote as well."""
    plain = BallotEntry(threat=TH2, numbers=Numbers(damage=3, exploitability=3))
    steps = [cast(who, one, plain) for who, one in zip(PANEL[:-1], given_entries, strict=False)]
    steps.append(cast(PANEL[-1], *(given_entries[-1:] if not last else (given_entries[-1], plain))))
    return decide_all(*steps, after=open_quick_round(TH1, TH2))


@examples(3, deep=160)
@given(panels, panels)
def test_two_models_that_differ_only_in_open_quick_ballots_look_the_same(
    first: list[BallotEntry], second: list[BallotEntry]
) -> None:
    one, other = ballots(first, last=False), ballots(second, last=False)
    assert replay(one).rounds[RD1].ending is None
    assert everything_shown(one) == everything_shown(other)


@examples(3, deep=160)
@given(panels, st.permutations(range(4)))
def test_a_closed_round_does_not_reveal_who_voted_what_or_who_requested_a_follow_up(
    given_entries: list[BallotEntry], order: Sequence[int]
) -> None:
    one = ballots(given_entries, last=True)
    other = ballots([given_entries[place] for place in order], last=True)
    assert replay(one).rounds[RD1].ending is not None
    assert everything_shown_to_all(one) == everything_shown_to_all(other)
