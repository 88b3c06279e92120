"""Whose agent proposed a draft learns of it in Slack, until its parts are decided."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.delivery.slot_kinds import Desired, Gone, content_digest
from bot.slack.projectors.direct_message_slots import person_of
from bot.slack.protocol.block_builders import Message
from bot.slack.slots.proposal_messages import ProposalMessages
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.salted_digests import salted_digest
from domain.draft_comparison.choices import DraftChoices, accept_chosen
from domain.draft_comparison.compared_draft import all_proposals, compare_draft
from domain.drafts.draft import AGENT, Draft, DraftItem, DraftSource, SourceKey, SourcePlace
from domain.drafts.settlement import DraftId
from domain.kernel.elements import SYSTEM, Kind, PersonId
from tests.slack.access_harness import TEAM, AccessHarness, open_access_harness, person_id_of
from tests.slack.view_contents import view_text

MEMBER, FACILITATOR = person_id_of("member"), person_id_of("facilitator")


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AccessHarness]:
    with open_access_harness(tmp_path / "threatmodel.db") as opened:
        yield opened


def proposed(
    harness: AccessHarness, stream: StreamId, *names: str, by: PersonId, client: str = "coder"
) -> DraftId:
    """A draft with components of these names."""
    place = SourcePlace(file="src/<!channel>.py", line=1)
    draft = Draft(
        sources=(DraftSource(name="shop@1a2b", format=AGENT, sha256="0" * 64),),
        items=tuple(
            DraftItem(key=SourceKey(f"agent:{name}"), kind=Kind.COMPONENT, name=name, place=place)
            for name in names
        ),
    )
    home = stream.rpartition("/")[2]
    return harness.services.unit.drafts.add(home, draft, person=by, client=client, at=harness.now()).id


def messages(harness: AccessHarness) -> ProposalMessages:
    return ProposalMessages(harness.store.unit(TEAM).deliveries, harness.services)


def content(kind: ProposalMessages, record: DeliveryRecord) -> Desired[Message]:
    found = kind.desired(record)
    assert isinstance(found, Desired)
    return found


def test_the_person_of_the_agent_is_told_and_a_file_tells_no_one(harness: AccessHarness) -> None:
    stream, kind = harness.begin("public"), messages(harness)
    proposed(harness, stream, "Cache", "Queue", by=MEMBER)
    proposed(harness, stream, "Mailer", by=SYSTEM)
    proposed(harness, stream, "Store", by=MEMBER, client="")

    plan = kind.plan(stream)

    assert [person_of(one) for one in plan.added] == [MEMBER, FACILITATOR]
    assert plan.due == plan.added
    own, foreign = (view_text(content(kind, one).content) for one in plan.added)
    assert "Your agent (coder) proposed 2 items for" in own
    assert "from shop@1a2b. 2 items to accept or reject." in own
    assert "An agent (coder) proposed 1 item" in foreign


def test_a_message_is_updated_when_parts_are_decided_and_gone_with_the_draft(harness: AccessHarness) -> None:
    stream, kind = harness.begin("public"), messages(harness)
    id = proposed(harness, stream, "Cache", "Queue", by=MEMBER)
    (record,) = kind.plan(stream).added
    shown = salted_digest(content_digest(content(kind, record).content))
    record = replace(record, external_id="1.1", place="D1", shown=shown)
    deliveries = harness.store.unit(TEAM).deliveries
    deliveries.add_missing(record)
    assert kind.plan(stream).due == (), "it is shown as it is"

    stored = harness.services.unit.drafts.find(id)
    assert stored is not None
    model = harness.command_handler.model(stream)
    every = DraftChoices(seen=frozenset(one.key for one in all_proposals(stored.draft)))
    comparison = compare_draft(stored.draft, model)
    harness.do(
        stream, accept_chosen(stored.draft, stored.origin, comparison, every, by=MEMBER, at=harness.now())
    )

    decided = content(kind, record)
    assert decided.last
    assert "Nothing is left to decide." in view_text(decided.content)
    assert [one.slot for one in kind.plan(stream).due] == [record.slot]
    harness.services.unit.drafts.forget(id)
    assert isinstance(kind.desired(record), Gone)
