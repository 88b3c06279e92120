"""Ballots are sealed: of an open round nothing tells what is in them, afterwards nothing tells whose."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import Console

from bot.cli.model_queries.model_lookup import ModelHistory, ModelSnapshot
from bot.cli.output.json_document import history_json, json_text, model_json
from bot.cli.output.model_tables import history_table, print_model
from bot.report.sections import report_of
from bot.store.summaries import summary_of
from domain.changes import difference
from domain.commands import LeaveRound
from domain.dread.metrics import Confidence, Metric, Numbers
from domain.events import Erased, RecordedEvent
from domain.history import as_of, timeline
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.register import register
from domain.replay import EMPTY, replay
from domain.voting.turnout import rounds_due, turnouts, votes_owed
from domain.wording import summarize_answer
from tests.depth import examples
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    RD1,
    RD2,
    TH1,
    TH2,
    TH3,
    VOTERS,
    ballot_of,
    close_round_by_system,
    open_round,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all
from tests.report.report_sources import report_source_of

Content = Mapping[str, Any]

THREE = open_round(TH1, TH2, TH3)
PLACES = [(threat, voter) for threat in (TH1, TH2, TH3) for voter in VOTERS]

numbers = st.builds(Numbers, **dict[str, Any].fromkeys(Metric, st.none() | st.integers(1, 10)))
contents: st.SearchStrategy[Content] = st.fixed_dictionaries(
    {
        "numbers": numbers,
        "reason": st.sampled_from(["", "zebra", "the door was open", "10"]),
        "confidence": st.none() | st.sampled_from(Confidence),
    }
)
both = st.tuples(contents, contents)
# The last place stays empty, so that the round stays open.
some_places = st.lists(st.sampled_from(PLACES[:-1]), min_size=1, max_size=16)
"""Where is voted, in order; somebody may vote on the same thing again, with the same ballot or another."""
voted_twice = some_places.flatmap(
    lambda some: st.tuples(st.just(some), st.lists(both, min_size=len(some), max_size=len(some)))
)


def cast(places: Sequence[tuple[ThreatId, PersonId]], of: Sequence[Content]) -> list[RecordedEvent]:
    """A round of three threats in which these places were voted on with these contents."""
    return decide_all(
        *(
            replace(ballot_of(who, None, on=on), **content)
            for (on, who), content in zip(places, of, strict=True)
        ),
        after=THREE,
    )


def everything_shown(events: Sequence[RecordedEvent]) -> list[object]:
    """All that anybody can be shown of a model, but each voter's own ballots."""
    model = replay(events)
    return [*everything_shown_to_all(events), [votes_owed(model, voter) for voter in VOTERS]]


def everything_shown_to_all(events: Sequence[RecordedEvent]) -> list[object]:
    """All that everyone can be shown of a model."""
    model = replay(events)
    seen = register(model)
    return [
        seen,
        timeline(events),
        [summarize_answer([event], model) for event in events if not isinstance(event, Erased)],
        summary_of(model),
        rounds_due(model, at(10_000)),
        register(as_of(events, at(10_000))),
        report_of(report_source_of(events)),
        difference(register(EMPTY), seen, events),
        *printed(events),
    ]


def printed(events: Sequence[RecordedEvent]) -> tuple[str, str, str, str]:
    """What `show`, `show --json`, `history` and `history --json` print."""
    seen = register(replay(events))
    out = Console(record=True, width=250, file=io.StringIO())
    print_model(ModelSnapshot(register=seen, naming=str, as_of=at(0)), out)
    shown = out.export_text()
    out.print(history_table(ModelHistory(entries=timeline(events), naming=str), "UTC"))
    return shown, json_text(model_json(seen)), out.export_text(), json_text(history_json(timeline(events)))


@examples(5, deep=300)
@given(voted_twice)
def test_two_models_that_differ_only_in_open_ballots_look_the_same(
    told_twice: tuple[list[tuple[ThreatId, PersonId]], list[tuple[Content, Content]]],
) -> None:
    places, pairs = told_twice
    one = cast(places, [first for first, _ in pairs])
    other = cast(places, [second for _, second in pairs])

    assert replay(one).open_rounds()
    assert everything_shown(one) == everything_shown(other)


@examples(5, deep=300)
@given(st.lists(contents, min_size=4, max_size=4), st.permutations(range(4)))
def test_a_closed_round_does_not_reveal_the_voter_of_a_ballot(
    of: list[Content], order: Sequence[int]
) -> None:
    places = [(TH1, voter) for voter in VOTERS]
    rest = [ballot_of(voter, 5, on=on) for on in (TH2, TH3) for voter in VOTERS]
    one = decide_all(*rest, after=cast(places, of))
    other = decide_all(*rest, after=cast(places, [of[place] for place in order]))

    assert replay(one).rounds[RD1].ending is not None
    assert everything_shown(one) == everything_shown(other)


def test_what_is_voted_on_again_is_sealed_again() -> None:
    one = decide_all(ballot_of(ANA, 1, round=RD2), ballot_of(BEN, 2, round=RD2), after=CONTESTED)
    other = decide_all(ballot_of(ANA, 9, round=RD2), ballot_of(BEN, 10, round=RD2), after=CONTESTED)

    assert everything_shown(one) == everything_shown(other)


@pytest.mark.parametrize("left", [(BEN,), (BEN, DEE)])
def test_who_has_not_voted_again_does_not_show_when_people_leave(left: tuple[PersonId, ...]) -> None:
    """As many have voted, but not the same ones."""
    for one, other in (((ANA,), (BEN,)), ((ANA, CHI, DEE), (ANA, BEN, CHI))):
        shown: list[object] = []
        for again in (one, other):
            cast = [ballot_of(who, 6, round=RD2, minute=20) for who in again]
            leave = [LeaveRound(by=who, at=at(30), round=RD2) for who in left]
            shown.append(everything_shown_to_all(decide_all(*cast, *leave, after=CONTESTED)))
        assert shown[0] == shown[1]


def test_the_end_of_a_second_vote_does_not_depend_on_who_leaves() -> None:
    again = [ballot_of(who, 6, round=RD2, minute=20) for who in VOTERS[:3]]
    events = decide_all(*again, LeaveRound(by=DEE, at=at(30), round=RD2), after=CONTESTED)
    (open_one,) = turnouts(replay(events))
    assert (open_one.cast, open_one.missing, open_one.quorum_met) == (3, 1, True)
    assert not replay(decide_all(close_round_by_system(3 * DAY, RD2), after=events)).open_rounds()


def test_a_reason_of_an_open_ballot_is_printed_nowhere() -> None:
    events = decide_all(ballot_of(BEN, 7, reason="zebra"), after=THREE)

    for text in printed(events):
        assert "zebra" not in text
        assert "voted on TH-1" in text or "0 of 4" in text or "voters" in text


def test_a_ballot_that_leaked_would_be_noticed() -> None:
    """The comparison above sees a single number: closed rounds of different ballots look different."""
    fives = decide_all(*(ballot_of(voter, 5, on=on) for on, voter in PLACES), after=THREE)
    sixes = decide_all(*(ballot_of(voter, 6, on=on) for on, voter in PLACES), after=THREE)

    for one, other in zip(printed(fives)[:2], printed(sixes)[:2], strict=True):
        assert one != other
