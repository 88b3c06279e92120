"""Import of exported histories, and refusal of modified ones."""

import json
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bot.formats import FORMATS
from bot.formats.exporters.history_export import HistoryLine, first_hash, next_hash
from bot.formats.importers.untrusted_document import UnreadableFile
from domain.events import WorkspaceSettingsApplied
from domain.kernel.elements import SYSTEM
from domain.kernel.inherited_settings import InheritedSettings
from domain.kernel.tracked_issue import ModelTracker
from domain.remediation.issue_proposals import tracker_in_force
from tests.domain.issue_story import LINKED, OPEN, TR1, see
from tests.domain.remediation_story import MI1
from tests.examples import ANA, CHI, DEE, at, decide_all
from tests.formats.export_sources import export_source_named, export_source_of
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
    return b"\n".join(json.dumps(one, separators=(",", ":")).encode() for one in lines)


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
    (reported,) = [one["event"]["threat"] for one in lines[1:] if one["type"] == "ThreatReported"][:1]
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
    "a nudge for an event": (
        sealed([*history()[:2], {"type": "NudgeSent", "event": {}}]),
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
