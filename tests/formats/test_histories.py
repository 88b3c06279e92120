"""Import of exported histories, refusal of modified ones, and results of rounds in place of ballots."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bot.formats import FORMATS
from bot.formats.exporters.history_export import HistoryLine, first_hash, next_hash
from bot.formats.importers.untrusted_document import UnreadableFile
from bot.picture.ballots_chart import count_ballots, draw_ballots
from domain.commands import ExplainBallot, SettleRound
from domain.dread.metrics import Metric
from domain.events import RecordedEvent, WorkspaceSettingsApplied
from domain.history import timeline
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.inherited_settings import InheritedSettings
from domain.kernel.tracked_issue import ModelTracker
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel
from domain.remediation.issue_proposals import tracker_in_force
from domain.replay import replay
from domain.voting.scores import Score, scores_of, sealed_results
from tests.domain.remediation_story import LINKED, MI1, OPEN, TR1, see
from tests.domain.voting_story import (
    CONTESTED,
    DAY,
    RD1,
    RD2,
    TH1,
    VOTERS,
    ballot_of,
    close_round_by_system,
    open_round,
    open_round_command,
)
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all
from tests.formats.export_sources import export_all_formats, export_source_named, export_source_of
from tests.formats.test_round_trips import read_back


@cache
def _written() -> list[str | bytes]:
    return [*FORMATS["events"].write(export_source_named("house")).splitlines()]


def history() -> list[dict[str, Any]]:
    return [json.loads(line) for line in _written()]


def sealed(lines: list[dict[str, Any]], **header: Any) -> bytes:
    """A history whose hashes fit, as a forger would write it."""
    first, *rest = lines
    seal = first_hash(first["key"])
    told: list[bytes] = []
    for number, one in enumerate(rest, start=1):
        event = msgspec.Raw(json.dumps(one["event"]).encode())
        line = HistoryLine(number=number, type=one["type"], event=event)
        seal = next_hash(seal, line)
        told.append(msgspec.json.encode(msgspec.structs.replace(line, hash=seal)))
    head = {**first, "events": len(rest), "head": seal, **header}
    return b"\n".join([json.dumps(head, separators=(",", ":")).encode(), *told])


def plainly(lines: list[dict[str, Any]]) -> bytes:
    return b"\n".join(json.dumps(line, separators=(",", ":")).encode() for line in lines)


def test_a_history_that_was_cut_or_changed_is_refused() -> None:
    lines = history()
    cut = plainly(lines[:-1])
    with pytest.raises(UnreadableFile, match=f"The file is incomplete: it has {len(lines) - 2} of"):
        read_back(cut)
    changed = json.loads(json.dumps(lines))
    changed[5]["event"]["at"] = "2020-01-01T00:00:00Z"
    with pytest.raises(UnreadableFile, match="Event 5 was altered"):
        read_back(plainly(changed))
    swapped = [*lines[:3], lines[4], lines[3], *lines[5:]]
    with pytest.raises(UnreadableFile, match="Event 3 was altered"):
        read_back(plainly(swapped))


def forged(number: int, **fields: Any) -> bytes:
    lines = history()
    lines[number]["event"] |= fields
    return sealed(lines)


def with_result(**fields: Any) -> bytes:
    """A history in which the first result of a round says something else."""
    lines = history()
    results = lines[_first("RoundClosed")]["event"]["results"]
    results[0] |= fields
    return sealed(lines)


def counted(*counts: int) -> list[dict[str, Any]]:
    return [{"metric": "damage", "counts": [*counts, *[0] * (10 - len(counts))]}]


def merged_into_itself() -> bytes:
    lines = history()
    said = {"by": "UAMINA", "at": "2026-03-03T02:00:00Z", "answer": 1}
    (reported,) = [line["event"]["threat"] for line in lines[1:] if line["type"] == "ThreatReported"][:1]
    merge = {**said, "type": "ThreatsMerged", "kept": reported, "merged": reported["id"]}
    lines.append({"type": "ThreatsMerged", "event": merge})
    return sealed(lines)


def asking(whom: str) -> bytes:
    """A risk is proposed to be accepted, and somebody is asked to agree."""
    lines, at = history(), "2026-03-03T02:00:00Z"
    proposal = {
        "threat": "TH-1",
        "kind": "accept",
        "by": "UAMINA",
        "at": at,
        "owner": "UAMINA",
        "asked": whom,
    }
    proposed = {"type": "AcceptanceProposed", "by": "UAMINA", "at": at, "answer": 1, "proposal": proposal}
    return sealed([*lines, {"type": "AcceptanceProposed", "event": proposed}])


def _first(sort: str) -> int:
    return next(number for number, one in enumerate(history()) if one.get("type") == sort)


def many_assets(count: int) -> bytes:
    lines = history()
    (one,) = [line for line in lines[1:] if line["type"] == "AssetAdded"][:1]
    for number in range(count):
        asset = {**one["event"]["asset"], "id": f"AS-{number + 50}", "name": f"Coin {number}"}
        lines.append({**one, "event": {**one["event"], "asset": asset}})
    return sealed(lines)


FORGED: dict[str, tuple[bytes, str]] = {
    "a mention for a person": (forged(2, by="<!channel>"), "a person by an ID that is not a Slack"),
    "a mention for who is asked": (
        asking("<!channel>"),
        "a person by an ID that is not a Slack",
    ),
    "an id that is none": (
        with_result(threat="TH-x"),
        "has an invalid ID",
    ),
    "more votes than voters": (with_result(ballots=900, metrics=counted(900)), "are inconsistent"),
    "more votes than ballots": (with_result(ballots=1, metrics=counted(1, 1)), "are inconsistent"),
    "a negative count": (with_result(ballots=1, metrics=counted(2, -1)), "cannot be read"),
    "counts of eleven numbers": (with_result(metrics=counted(*[0] * 11)), "cannot be read"),
    "a book for a name": (forged(1, description="x" * 9_999), "has a text of 9,999 characters"),
    "the future": (forged(-1, at="2199-01-01T00:00:00Z"), "which is in the"),
    "the year 1": (
        forged(2, at="0001-01-01T00:00:00Z"),
        "is dated in the year 1. Only the years 1990 to 2199",
    ),
    "the year 9999": (forged(1, answers_by="9999-12-31"), "Event 1 is dated in the year 9999"),
    "no beginning": (
        sealed([history()[0], *history()[2:]]),
        "must be the start of the threat model,",
    ),
    "two beginnings": (sealed([*history(), history()[1]]), "must be the start of the threat model,"),
    "an unknown kind": (
        sealed([*history()[:3], {**history()[3], "type": "Magic"}]),
        "Event 3 cannot be read",
    ),
    "a reminder for an event": (
        sealed([*history()[:2], {"type": "ReminderSent", "event": {}}]),
        "Event 2 cannot be read",
    ),
    "a threat in itself": (merged_into_itself(), "are inconsistent"),
    "another version": (sealed(history(), version=9), "this release imports versions 1 to 2."),
    "too many elements": (many_assets(2_100), "At most 2,000"),
}


def test_neither_issues_nor_settings_of_another_workspace_are_imported() -> None:
    settings = WorkspaceSettingsApplied(
        by=SYSTEM,
        at=at(60),
        answer=len(LINKED) + 2,
        version=9_999,
        settings=InheritedSettings(tracker=TR1),
        chosen_by=ANA,
    )
    past = (*decide_all(see(replace(OPEN, person=DEE)), after=LINKED), settings)
    content = FORMATS["events"].write(export_source_of(past))
    model = read_back(content).model

    assert (len(model.issues), model.tracker, model.inherited_version) == (0, ModelTracker(), 0)
    assert tracker_in_force(model) is None
    assert model.mitigations[MI1].owned_by == (CHI, DEE), "what followed from an issue stays"


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_history_is_refused_though_its_hashes_fit(case: str) -> None:
    content, sentence = FORGED[case]
    with pytest.raises(UnreadableFile, match=sentence):
        read_back(content)


def test_a_file_cannot_grant_sharing_with_other_organizations() -> None:
    assert read_back(forged(1, sharing_allowed=True)).model.sharing_allowed is False


def test_an_id_that_does_not_fit_into_a_button_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="has an invalid ID"):
        read_back(with_result(threat="TH-1" + ".1" * 61))


D = Metric.DAMAGE
CAST = [(5, 5, 5, 5, 5), (6, 5, 5, 5, 5), (7, 5, 5, 5, 5)]


def second_vote_without(missing: PersonId) -> list[RecordedEvent]:
    """The same three ballots of the others, closed at the deadline."""
    again = [voter for voter in VOTERS if voter != missing]
    cast = [
        ballot_of(one, *numbers, round=RD2, minute=20 + place)
        for place, (one, numbers) in enumerate(zip(again, CAST, strict=True))
    ]
    return decide_all(*cast, close_round_by_system(DAY + 10, RD2), after=CONTESTED)


def test_the_file_does_not_reveal_who_did_not_vote_again() -> None:
    files = {missing: export_all_formats(second_vote_without(missing)) for missing in VOTERS}
    assert all(file == files[ANA] for file in files.values())
    (second,) = [round for round in closed_rounds(files[ANA]) if round["round"] == RD2]
    (result,) = second["results"]
    assert result == {"threat": TH1, "ballots": 3, "stands": [D]}, "as many as voted, and nothing else"


def test_the_file_does_not_reveal_who_voted_last() -> None:
    asked = open_round(TH1, voters=VOTERS)
    for order in (VOTERS, VOTERS[::-1]):
        first = decide_all(*(ballot_of(one, 9 if one == ANA else 2, minute=6) for one in order), after=asked)
        second = decide_all(*(ballot_of(one, 6, round=RD2, minute=20) for one in order), after=first)
        ends = [
            one["event"]["by"]
            for one in map(json.loads, export_all_formats(second)["events"].splitlines()[1:])
            if one["type"] == "RoundClosed"
            or (one["event"].get("round") and "revote_of" in one["event"]["round"])
        ]
        assert ends == ["system"] * 3, "the end of both votes, and the opening of the second one"
        assert all(
            one.by == SYSTEM for one in timeline(second) if "RD-2" in one.text and "voted" not in one.text
        )


def test_the_numbers_of_those_who_explained_begin_again_in_each_round() -> None:
    explain = ExplainBallot(by=BEN, at=at(15), round=RD1, threat=TH1, metric=D, text="it was open")
    events = decide_all(
        explain,
        *(ballot_of(one, 6, round=RD2, minute=20) for one in (ANA, BEN, CHI, *VOTERS)),
        after=CONTESTED,
    )
    lines = [json.loads(line) for line in export_all_formats(events)["events"].splitlines()[1:]]
    by = [(one["event"]["round"], one["event"]["by"]) for one in lines if one["type"] == "BallotExplained"]
    for round in {of for of, _ in by}:
        numbers = [voter for of, voter in by if of == round]
        assert numbers == [f"voter-{number}" for number in range(1, len(numbers) + 1)]


def test_the_ballots_of_a_sealed_result_leave_without_numbers_and_reasons() -> None:
    late = 2 * DAY + 5
    events = decide_all(
        ballot_of(BEN, 9, 8, 7, 6, 5, reason="zebra"),
        close_round_by_system(late),
        close_round_by_system(late + DAY),
        SettleRound(by=ANA, at=at(late + DAY), round=RD1, reason="holidays"),
        after=open_round(TH1, voters=(ANA, BEN, CHI)),
    )
    file = export_all_formats(events)
    (ended,) = closed_rounds(file)
    assert ended["results"] == [{"threat": TH1, "ballots": 1}]
    assert all(b"zebra" not in one for one in file.values())
    sealed = sealed_results(read_back(file["events"], now=at(9 * DAY)).model)[TH1]
    assert (sealed.voted, sealed.panel) == (1, 3), "how many voted is in it"


def test_no_file_has_numbers_of_one_ballot_beside_each_other() -> None:
    """The same numbers of each metric, given by others, make the same files."""
    cast = [(4, 5, 5, 4, 5), (5, 4, 5, 4, 4), (4, 4, 4, 5, 5), (5, 5, 5, 4, 4)]
    files: list[dict[str, bytes]] = []
    for turn in range(4):
        shifts = [turn * place % 4 for place in range(5)]
        columns = [[row[place] for row in cast] for place in range(5)]
        rows = zip(*(one[by:] + one[:by] for one, by in zip(columns, shifts, strict=True)), strict=True)
        ballots = (ballot_of(who, *row, minute=10) for who, row in zip(VOTERS, rows, strict=True))
        files.append(export_all_formats(decide_all(*ballots, after=open_round(TH1, voters=VOTERS))))
    assert all(file == files[0] for file in files)
    (ended,) = closed_rounds(files[0])
    assert ended["results"][0]["metrics"][0] == {"metric": D, "counts": [0, 0, 0, 2, 2, 0, 0, 0, 0, 0]}
    assert not any(b"BallotCast" in file for file in files[0].values())


def test_an_imported_history_has_the_same_scores_and_charts() -> None:
    again = [ballot_of(one, 5 + place, round=RD2) for place, one in enumerate(VOTERS)]
    events = [CONTESTED, second_vote_without(CHI), decide_all(*again, after=CONTESTED)]
    other = open_round_command(TH1, voters=VOTERS[:3], at=at(5 * DAY))
    ballots = (ballot_of(voter, 9, round=RoundId("RD-3"), minute=5 * DAY + 1) for voter in VOTERS[:3])
    events.append(decide_all(other, *ballots, after=events[-1]))
    for past in events:
        known, read = replay(past), read_back(export_all_formats(past)["events"], now=at(9 * DAY)).model
        assert replace(scored(read), to_vote_again=()) == replace(scored(known), to_vote_again=())
        assert sealed_results(read) == sealed_results(known)
        assert drawn(read) == drawn(known)
        assert not len(read.ballots)


def drawn(model: ThreatModel) -> str:
    return draw_ballots(count_ballots(model.threats[TH1], replace(scored(model), to_vote_again=())))


def closed_rounds(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The ends of rounds in a file of events."""
    lines = map(json.loads, files["events"].splitlines()[1:])
    return [line["event"] for line in lines if line["type"] == "RoundClosed"]


def scored(model: ThreatModel) -> Score:
    return scores_of(model)[TH1]
