"""What agents propose waits as drafts, the same one once, and a limited number of them."""

from bot.mcp_server.callers import TooManyDrafts
from bot.mcp_server.proposals import MAX_OPEN, UNNAMED_CLIENT
from bot.store import CommandKey
from domain.draft_comparison.choices import DraftChoices, accept_chosen
from domain.draft_comparison.compared_draft import all_proposals, compare_draft
from domain.drafts.draft import (
    Certainty,
    DraftAnswer,
    DraftItem,
    ProposedAnswer,
    ProposedThreat,
    SourceKey,
    SourcePlace,
)
from domain.drafts.settlement import DraftId
from domain.kernel.answer import Answer
from domain.kernel.elements import SYSTEM, ElementId, Kind
from domain.kernel.threat import Stride
from tests.mcp_server.agents import AMINA, BENJI, NOON, TEAM, Agents
from tests.mcp_server.test_tools import refusal
from tests.queue_rows import subjects_of

PLACE = SourcePlace(file="src/app.py", line=42)


def test_elements_become_items_with_their_places() -> None:
    agents = Agents()
    answer = agents.call(agents.caller(), "propose_elements")

    assert (answer["draft"], answer["items"], answer["state"]) == ("TM-1/D-1", 3, "submitted")
    stored = agents.unit.drafts.find(DraftId("TM-1/D-1"))
    assert stored is not None
    assert (stored.person, stored.client) == (AMINA, "test agent")
    assert [(source.name, source.format) for source in stored.draft.sources] == [("shop@1a2b3c", "agent")]
    assert stored.draft.items[0] == DraftItem(
        key=SourceKey("agent:shop/cache"),
        kind=Kind.COMPONENT,
        name="Redis",
        place=PLACE,
        certainty=Certainty.LIKELY,
        technology="redis",
    )
    flow = stored.draft.items[2]
    assert (flow.source, flow.target, flow.place.text) == (
        "agent:shop/app",
        "agent:shop/cache",
        "compose.yaml:12",
    )


def test_answers_and_threats_name_elements_of_the_model() -> None:
    agents = Agents()
    caller = agents.caller()
    agents.call(caller, "propose_answers")
    agents.call(caller, "propose_threats")

    answers, threats = (one.draft for one in agents.unit.drafts.of_home("TM-1"))
    assert answers.answers == (
        ProposedAnswer(
            key=SourceKey("agent:CO-3/least_privilege"),
            element=ElementId("CO-3"),
            answer=DraftAnswer(
                fact="least_privilege", answer=Answer.NO, place=PLACE, certainty=Certainty.LIKELY
            ),
        ),
    )
    (threat,) = threats.threats
    assert threat == ProposedThreat(
        key=threat.key,
        title="Sessions in a shared cache",
        stride=(Stride.INFORMATION_DISCLOSURE,),
        place=PLACE,
        element=ElementId("CO-3"),
    )


def test_the_same_proposal_is_the_same_draft_also_of_someone_else() -> None:
    agents = Agents()
    for caller, state in ((agents.caller(), "submitted"), (agents.caller(BENJI), "known already")):
        answer = agents.call(caller, "propose_threats")
        assert (answer["draft"], answer["state"]) == ("TM-1/D-1", state)
    assert subjects_of(agents.store.work, TEAM, "proposals") == ["TM-1"], "people are told in Slack"
    changed = agents.call(agents.caller(), "propose_threats", source="shop@9f9f9f")
    assert (changed["draft"], changed["state"]) == ("TM-1/D-2", "submitted")


def test_a_person_has_a_limited_number_of_drafts_in_a_model() -> None:
    agents = Agents()
    caller = agents.caller()
    for number in range(MAX_OPEN):
        agents.call(caller, "propose_threats", source=f"commit {number}")

    again = refusal(agents.call, agents.caller(), "propose_threats", source="one more")
    assert again == str(TooManyDrafts(MAX_OPEN))
    assert agents.call(caller, "propose_threats", source="commit 0")["state"] == "known already"
    assert agents.call(agents.caller(BENJI), "propose_threats", source="one more")["state"] == "submitted"
    agents.unit.drafts.forget(DraftId("TM-1/D-1"))
    assert agents.call(caller, "propose_threats", source="one more")["state"] == "known already"


def test_characters_that_are_not_seen_do_not_enter_a_draft() -> None:
    agents = Agents()
    element = {
        "key": "a",
        "kind": "component",
        "name": "  Re\u200bdis\u202e  cache\U000e0041 ",
        "description": "ok\x1b[31m",
        "evidence": "src/\u2066app.py:7",
    }
    agents.service.call_tool(
        agents.operator,
        "propose_elements",
        {"model": "TM-1", "source": "\u202e", "elements": [element]},
        client="\x00",
    )

    (stored,) = agents.unit.drafts.of_home("TM-1")
    assert (stored.person, stored.client) == (SYSTEM, UNNAMED_CLIENT)
    (item,) = stored.draft.items
    assert (item.name, item.description, item.place.text) == ("Redis cache", "ok[31m", "src/app.py:7")
    assert stored.draft.sources[0].name == "agent"


def test_a_draft_that_people_decided_no_longer_counts() -> None:
    agents = Agents()
    caller = agents.caller()
    for number in range(MAX_OPEN):
        agents.call(caller, "propose_threats", source=f"shop@{number}", threats=[threat(number)])
    stream = agents.store.streams(TEAM)[0].stream
    (first, *_) = agents.unit.drafts.of_home("TM-1")
    model = agents.command_handler.model(stream)
    comparison = compare_draft(first.draft, model)
    every = DraftChoices(seen=frozenset(proposal.key for proposal in all_proposals(first.draft)))
    command = accept_chosen(first.draft, first.origin, comparison, every, by=AMINA, at=NOON)
    assert refusal(agents.call, caller, "propose_threats", source="one more")

    agents.command_handler.execute(command, stream=stream, key=CommandKey("accept"))

    assert agents.call(caller, "propose_threats", source="one more")["state"] == "submitted"


def threat(number: int) -> dict[str, object]:
    return {"title": f"Threat {number}", "stride": ["I"], "evidence": "src/app.py:42"}
