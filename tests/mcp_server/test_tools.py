"""Every tool answers those who may see a model, and no call of any changes one."""

from collections.abc import Callable, Iterator

import pytest

from bot.commands.personal_tokens import Scope
from bot.mcp_server.agent_service import MAX_BYTES, MAX_CALLS
from bot.mcp_server.callers import (
    NO_MODEL,
    AccountRefused,
    Caller,
    CallFailed,
    CallRefused,
    CallsLimited,
    CallTooLarge,
    ScopeMissing,
    Unavailable,
)
from bot.mcp_server.tool_table import TOOLS
from bot.store import CommandKey, StoreUnavailable
from bot.store.repositories.workspace_directory import Person
from domain.commands import BeginRemediation, PlanMitigation
from domain.kernel.threat import ThreatId
from tests.depth import deep_also
from tests.emptied_database import empty_database, open_shared
from tests.examples import reasons_for_conditions
from tests.mcp_server.agents import AMINA, ARGUMENTS, BENJI, MINUTE, NOON, OUTSIDER, SHOP, TEAM, Agents

READ_ONLY = frozenset({Scope.READ})
LISTS = {"list_models", "list of resources"}
"""What shows the models that a person may see, and refuses none."""


@pytest.fixture(params=["file", *deep_also(("server",))])
def agents(request: pytest.FixtureRequest) -> Iterator[Agents]:
    """A workspace in a file, and in the deep run on a server, too."""
    if request.param == "file":
        yield Agents()
        return
    store = open_shared(empty_database(), timeout=10)
    yield Agents(store)
    store.close()


def refusal(call: Callable[..., object], *given: object, **arguments: object) -> str:
    """The sentence with which a call is refused; empty if it is answered."""
    try:
        call(*given, **arguments)
    except CallRefused as refused:
        return str(refused)
    return ""


def planned(agents: Agents) -> None:
    """Plan a mitigation in the web shop, so that its progress can be reported."""
    stream = agents.store.streams(TEAM)[0].stream
    for number, command in enumerate(
        (
            BeginRemediation(by=AMINA, at=NOON, reasons=reasons_for_conditions()),
            PlanMitigation(by=AMINA, at=NOON, threat=ThreatId("TH-2"), title="Parameterize all queries"),
        )
    ):
        agents.command_handler.execute(command, stream=stream, key=CommandKey(f"plan {number}"))


def test_every_tool_has_example_arguments() -> None:
    assert set(ARGUMENTS) == set(TOOLS)


def test_no_call_of_anyone_changes_a_model(agents: Agents) -> None:
    planned(agents)
    callers = {
        "operator": agents.operator,
        "member": agents.caller(),
        "reader": agents.caller(BENJI, READ_ONLY),
        "outsider": agents.caller(OUTSIDER),
    }
    before = agents.state()
    answered = {
        (who, name)
        for who, caller in callers.items()
        for name, call in agents.operations(caller).items()
        if not refusal(call)
    }

    assert agents.state() == before
    every = set(agents.operations(agents.operator))
    proposals = {name for name, tool in TOOLS.items() if tool.scope is Scope.PROPOSE}
    assert {name for who, name in answered if who == "operator"} == every
    assert {name for who, name in answered if who == "member"} == every
    assert {name for who, name in answered if who == "reader"} == every - proposals
    assert {name for who, name in answered if who == "outsider"} == LISTS


def test_a_model_of_another_channel_and_one_that_does_not_exist_are_refused_alike(agents: Agents) -> None:
    caller = agents.caller(BENJI)
    for model in ("TM-2", "TM-99", "", "<!channel>"):
        said = {refusal(call) for name, call in agents.operations(caller, model).items() if name not in LISTS}
        assert said == {NO_MODEL}, model
    assert [one["key"] for one in _models(agents, caller)] == ["TM-1"]
    assert [one["key"] for one in _models(agents, agents.caller(OUTSIDER))] == []
    assert [one["key"] for one in _models(agents, agents.caller(AMINA))] == ["TM-1", "TM-2"]


def test_a_departed_member_is_refused_by_the_next_call(agents: Agents) -> None:
    caller = agents.caller(BENJI)
    assert agents.call(caller, "threats")
    agents.unit.directory.learn_members(SHOP, [AMINA], agents.now)
    assert {refusal(call) for name, call in agents.operations(caller).items() if name not in LISTS} == {
        NO_MODEL
    }

    agents.learn(Person(id=BENJI, name="Benji", deactivated=True))
    assert {refusal(call) for call in agents.operations(caller).values()} == {str(AccountRefused())}


def test_a_token_that_only_reads_proposes_nothing(agents: Agents) -> None:
    caller = agents.caller(BENJI, READ_ONLY)
    for name, tool in TOOLS.items():
        expected = str(ScopeMissing("propose")) if tool.scope is Scope.PROPOSE else ""
        assert refusal(agents.call, caller, name) == expected, name


def test_a_token_makes_a_limited_number_of_calls_a_minute(agents: Agents) -> None:
    caller, other = agents.caller(), agents.caller()
    for _ in range(MAX_CALLS):
        agents.call(caller, "list_models")

    assert refusal(agents.call, caller, "list_models") == str(CallsLimited(MAX_CALLS))
    assert refusal(agents.call, other, "list_models") == ""
    agents.now += MINUTE
    assert refusal(agents.call, caller, "list_models") == ""
    assert len(agents.unit.agent_calls.of_token(caller.token)) == MAX_CALLS + 1
    for _ in range(MAX_CALLS + 1):
        agents.call(agents.operator, "list_models")


def test_arguments_are_limited_and_checked(agents: Agents) -> None:
    caller = agents.caller()
    element = {"key": "a", "kind": "component", "name": "A", "evidence": "a.py:1"}
    many = [{**element, "key": f"k{number}"} for number in range(501)]
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("propose_elements", {"elements": many}, "length <= 500"),
        ("propose_elements", {"elements": []}, "length >= 1"),
        ("propose_elements", {"elements": [{**element, "name": "x" * 151}]}, "length <= 150"),
        ("propose_elements", {"elements": [{**element, "evidence": "a.py"}]}, "matching regex"),
        ("propose_elements", {"elements": [element, element]}, "occurs twice"),
        ("propose_elements", {"elements": [{**element, "component": "b"}]}, "refers to b"),
        ("propose_elements", {"elements": [{**element, "kind": "data_flow"}]}, "needs source and target"),
        ("propose_elements", {"elements": [{**element, "name": "\u200b"}]}, "no visible text"),
        ("propose_elements", {"surplus": True}, "unknown field"),
        (
            "propose_answers",
            {"answers": [{"element": "CO-3", "fact": "least_privilege", "answer": "yes"}]},
            "evidence",
        ),
        ("propose_answers", {"answers": [answer_of("CO-99", "least_privilege")]}, "no element"),
        ("propose_answers", {"answers": [answer_of("CO-3", "no_such_fact")]}, "no fact"),
        ("propose_answers", {"answers": [answer_of("AS-1", "least_privilege")]}, "no fact"),
        ("report_mitigation_progress", {}, "no such mitigation"),
        ("get_model", {"part": "ballots"}, "Invalid enum value"),
        ("get_model", {"limit": 501}, "<= 500"),
        ("mitigations_for", {"element": "CO-99"}, "no such element"),
        ("open_questions", {"element": "CO-999"}, "Its elements: XD-1,"),
    ]
    for tool, arguments, words in wrong:
        assert words in refusal(agents.call, caller, tool, **arguments), (tool, words)
    large = {"elements": [{**element, "key": f"k{n}", "description": "x" * 2900} for n in range(90)]}
    assert refusal(agents.call, caller, "propose_elements", **large) == str(CallTooLarge(MAX_BYTES // 1000))
    with pytest.raises(KeyError):
        agents.service.call_tool(caller, "vote", {})


def test_every_call_is_recorded_with_its_outcome(agents: Agents) -> None:
    caller = agents.caller(BENJI, READ_ONLY)
    agents.call(caller, "threats")
    for tool, arguments in (
        ("threats", {"model": "TM-2"}),
        ("propose_threats", {}),
        ("threats", {"model": 7}),
    ):
        refusal(agents.call, caller, tool, **arguments)

    calls = agents.unit.agent_calls.of_token(caller.token)
    assert sorted((call.person, call.operation, call.model, call.outcome) for call in calls) == sorted(
        [
            (BENJI, "threats", "TM-1", "answered"),
            (BENJI, "threats", "TM-2", "model_not_found"),
            (BENJI, "propose_threats", "TM-1", "scope_missing"),
            (BENJI, "threats", "", "arguments_invalid"),
        ]
    )


def test_a_fault_of_the_server_is_not_told_to_agents(agents: Agents, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = agents.caller()
    for fault, expected in (
        (StoreUnavailable("disk /secret"), Unavailable()),
        (ValueError("secret"), CallFailed()),
    ):

        def fail(*_: object, fault: Exception = fault) -> None:
            raise fault

        monkeypatch.setattr(type(agents.library), "register", fail)
        assert refusal(agents.call, caller, "threats") == str(expected)
    recorded = {one.outcome for one in agents.unit.agent_calls.of_token(caller.token)}
    assert recorded == {"failed", "unavailable"}


def test_calls_are_counted_by_operation_and_outcome(agents: Agents) -> None:
    caller = agents.caller(BENJI)
    agents.call(caller, "threats")
    agents.call(caller, "threats")
    refusal(agents.call, caller, "report", model="TM-2")
    counted = agents.metrics.text().decode()
    for operation, outcome, times in (("threats", "answered", 2), ("report", "model_not_found", 1)):
        labels = f'operation="{operation}",outcome="{outcome}"'
        assert f"threatmodel_agent_calls_total{{{labels}}} {times}.0" in counted


def test_lists_are_read_page_by_page(agents: Agents) -> None:
    caller, left, offset = agents.caller(), 1, 0
    seen: list[str] = []
    while left:
        answer = agents.call(caller, "get_model", part="data_flows", offset=offset, limit=7)
        left = answer["left"]
        seen += [str(one["id"]) for one in answer["data_flows"]]
        offset += 7
    assert len(seen) == len({*seen}) == 17


def answer_of(element: str, fact: str) -> dict[str, str]:
    return {"element": element, "fact": fact, "answer": "yes", "evidence": "a.py:1"}


def _models(agents: Agents, caller: Caller) -> list[dict[str, object]]:
    return list(agents.call(caller, "list_models")["models"])
