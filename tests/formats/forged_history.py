"""A history that one person wrote alone, in the names of others, with a chain whose hashes fit."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from bot.formats.exporters.history_export import (
    FORMAT,
    VERSION,
    HistoryHeader,
    HistoryLine,
    first_hash,
    next_hash,
)
from bot.formats.format_detection import create_model_here, read_file
from bot.formats.importers.model_creation import CreatedModel
from bot.store import codec
from bot.store.codec import read_event
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AnswerScreening,
    ApproveAcceptance,
    BeginRemediation,
    ConfirmScreening,
    ImplementMitigation,
    PlanMitigation,
    ProposeAcceptance,
    ScreeningReply,
    StartMitigation,
    VerifyMitigation,
)
from domain.events import Erased, Event, RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.mitigation import MitigationId
from tests.domain.voting_story import IDENTIFIED, TH1, TH2, TH3, VOTERS, ballot_of, open_round_command
from tests.examples import ANA, BEN, CHI, DEE, HOUSE_CHANNEL, at, closed, decide_all, reasons_for_conditions

MI1 = MitigationId("MI-1")
LATER = at(600)
"""The time of the import."""

APPROVED = decide_all(
    open_round_command(TH1, TH2, TH3),
    *(ballot_of(voter, 1, on=threat) for threat in (TH1, TH2, TH3) for voter in VOTERS),
    AnswerScreening(
        by=ANA,
        at=at(20),
        replies=tuple(ScreeningReply(topic=topic, answer=Answer.NO) for topic in BUILT_IN.topics),
    ),
    ConfirmScreening(by=BEN, at=at(21)),
    BeginRemediation(by=ANA, at=at(22), reasons=reasons_for_conditions()),
    ProposeAcceptance(by=ANA, at=at(30), threat=TH1, reason="Rare", expires=date(2026, 5, 1), approver=BEN),
    ApproveAcceptance(by=BEN, at=at(31), threat=TH1),
    PlanMitigation(by=ANA, at=at(32), threat=TH2, title="Ask for a badge", owner=DEE, due=date(2026, 4, 1)),
    StartMitigation(by=DEE, at=at(33), mitigation=MI1),
    ImplementMitigation(by=DEE, at=at(34), mitigation=MI1, evidence="A sign at the door"),
    VerifyMitigation(by=BEN, at=at(35), mitigation=MI1),
    after=IDENTIFIED,
)
"""Proposed by Ana, approved by Ben; done by Dee, verified by Ben; four ballots in each vote: all by Chi."""

FORGED = closed(APPROVED, minute=40)
"""The same, closed."""


def forged_file(past: Sequence[RecordedEvent] = FORGED, words: Mapping[str, str] | None = None) -> bytes:
    """The file of a forger, with everything in it that an export would leave out; `words` replace others."""
    lines, seal = list[bytes](), first_hash("TM-7")
    events = [one for one in past if not isinstance(one, Erased)]
    for number, event in enumerate(events, start=1):
        stored = codec.encode(event)
        data = stored.data.decode()
        for old, new in (words or {}).items():
            data = data.replace(f'"{old}"', f'"{new}"')
        line = HistoryLine(number=number, type=stored.type, event=msgspec.Raw(data.encode()))
        seal = next_hash(seal, line)
        lines.append(msgspec.json.encode(replace(line, hash=seal)))
    header = HistoryHeader(
        format=FORMAT,
        version=VERSION,
        key="TM-7",
        name="The House",
        events=len(lines),
        head=seal,
        seal="0" * 64,
    )
    return b"\n".join([msgspec.json.encode(header), *lines])


def imported_by(
    person: PersonId = CHI,
    content: bytes | None = None,
    *,
    now: datetime = LATER,
    channel: ChannelId = HOUSE_CHANNEL,
) -> CreatedModel:
    """What becomes of a file that a person imports."""
    found = read_file(forged_file() if content is None else content, read_event)
    return create_model_here(found, channel=channel, by=person, at=now)


def imported_past(content: bytes | None = None) -> list[Event]:
    """The events of the forged model, imported by Chi."""
    return [*imported_by(CHI, content).events]
