"""A workspace with two models, people in their channels, and agents that call for them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.commands.command_handler import CommandHandler
from bot.commands.personal_tokens import PersonTokens, Scope
from bot.demo import load_story
from bot.mcp_server.agent_service import AgentService
from bot.mcp_server.callers import Caller, ModelLibrary, TokenAuthenticator, operator_of
from bot.mcp_server.proposals import DraftInbox
from bot.mcp_server.tool_table import TOOLS
from bot.metrics import Metrics
from bot.slack.queries.model_overviews import RegisterCache
from bot.store import Store, UnitOfWork
from bot.store.repositories.workspace_directory import Channel, Person
from domain.kernel.elements import ChannelId, PersonId
from tests.fresh_database import fresh_store

TEAM = "T0SHOP"
SHOP, HOUSE = ChannelId("C0SHOP"), ChannelId("C0HOUSE")
AMINA, BENJI, CHIYO, DARIO = (PersonId(f"U{name}") for name in ("AMINA", "BENJI", "CHIYO", "DARIO"))
OUTSIDER = PersonId("UEVE")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

EVIDENCE = "src/app.py:42"
ARGUMENTS: dict[str, dict[str, object]] = {
    "list_models": {},
    "get_model": {"model": "TM-1", "part": "components"},
    "open_questions": {"model": "TM-1"},
    "threats": {"model": "TM-1"},
    "mitigations_for": {"model": "TM-1", "element": "CO-3"},
    "report": {"model": "TM-1"},
    "propose_elements": {
        "model": "TM-1",
        "source": "shop@1a2b3c",
        "elements": [
            {
                "key": "cache",
                "kind": "component",
                "name": "Redis",
                "technology": "redis",
                "evidence": EVIDENCE,
            },
            {"key": "app", "kind": "component", "name": "Application", "evidence": EVIDENCE},
            {
                "key": "app-cache",
                "kind": "data_flow",
                "name": "Sessions",
                "source": "app",
                "target": "cache",
                "evidence": "compose.yaml:12",
            },
        ],
    },
    "propose_answers": {
        "model": "TM-1",
        "source": "shop@1a2b3c",
        "answers": [{"element": "CO-3", "fact": "least_privilege", "answer": "no", "evidence": EVIDENCE}],
    },
    "propose_threats": {
        "model": "TM-1",
        "source": "shop@1a2b3c",
        "threats": [
            {"title": "Sessions in a shared cache", "stride": ["I"], "element": "CO-3", "evidence": EVIDENCE}
        ],
    },
    "report_mitigation_progress": {
        "model": "TM-1",
        "source": "shop@1a2b3c",
        "progress": [{"mitigation": "MI-1", "state": "implemented", "done": "PR 412", "evidence": EVIDENCE}],
    },
}
"""Arguments that each tool accepts; a new tool finds its place here."""


class Agents:
    """A store with the web shop as TM-1 and the house as TM-2, and the service that answers agents."""

    def __init__(self, store: Store | None = None) -> None:
        self.now = NOON
        self.store: Store = store or fresh_store(_two_models)
        self.command_handler = CommandHandler(self.store)
        if store is not None:
            load_models(self.command_handler)
        people = (AMINA, BENJI, CHIYO, DARIO)
        for channel, members in ((SHOP, people), (HOUSE, (AMINA,)), (ChannelId("C0OTHER"), (OUTSIDER,))):
            self.unit.directory.learn_channel(Channel(id=channel, name=channel.lower()), NOON)
            self.unit.directory.learn_members(channel, members, NOON)
        for person in (*people, OUTSIDER):
            self.learn(Person(id=person, name=f"{person[1:].title()} Person"))
        self.installed = True
        self.metrics = Metrics()
        self.inbox = DraftInbox(self.store)
        self.library = ModelLibrary(self.store, self.command_handler, RegisterCache(), now=lambda: self.now)
        self.service = AgentService(self.store, self.library, self.inbox, count=self.metrics.agent_call)
        self.tokens = PersonTokens(self.unit, now=lambda: self.now)
        self.authenticator = TokenAuthenticator(
            self.store, is_installed=lambda _: self.installed, now=lambda: self.now
        )
        self._issued = 0

    @property
    def unit(self) -> UnitOfWork:
        """The data of the workspace."""
        return self.store.unit(TEAM)

    def learn(self, person: Person) -> None:
        """Store an account of a person as Slack reports it now."""
        self.now += timedelta(seconds=1)
        self.unit.directory.learn_person(person, self.now)

    def token(self, person: PersonId = AMINA, scopes: frozenset[Scope] = frozenset(Scope)) -> str:
        """Return the text of a new token."""
        self._issued += 1
        return self.tokens.issue(person, scopes, key=f"token {self._issued}").text.reveal()

    def caller(self, person: PersonId = AMINA, scopes: frozenset[Scope] = frozenset(Scope)) -> Caller:
        """Return a caller with a new token."""
        found = self.authenticator.authenticate(self.token(person, scopes))
        assert found is not None
        return found

    @property
    def operator(self) -> Caller:
        """The operator of the database."""
        return operator_of(TEAM)

    def call(self, caller: Caller, tool: str, **arguments: object) -> dict[str, Any]:
        """Call a tool with its example arguments, some of them replaced."""
        return self.service.call_tool(caller, tool, {**ARGUMENTS[tool], **arguments}, client="test agent")

    def operations(self, caller: Caller, model: str = "TM-1") -> dict[str, Callable[[], object]]:
        """Return everything that the server offers for a model, by name."""
        tools: dict[str, Callable[[], object]] = {
            name: (lambda name=name: self.call(caller, name, **_about(name, model))) for name in TOOLS
        }
        uri = f"threatmodel://{model}/register"
        return {
            **tools,
            "list of resources": lambda: [register.key for register in self.service.list_registers(caller)],
            "resource": lambda: self.service.read_register(caller, uri),
            "prompt": lambda: self.service.prompt(caller, "answer_from_code", {"model": model}),
        }

    def state(self) -> object:
        """Return what no call may change: the ends of all chains, and the version of each model."""
        return (
            self.store.heads(),
            [(stream.key, stream.version) for stream in self.store.streams(TEAM)],
            self.store.verify(),
        )


def load_models(command_handler: CommandHandler) -> None:
    """Create the web shop and the house."""
    for story, channel in (("web-shop", SHOP), ("house", HOUSE)):
        load_story(command_handler, story, workspace=TEAM, channel=channel)


def _two_models(store: Store) -> None:
    command_handler = CommandHandler(store)
    load_models(command_handler)


def _about(tool: str, model: str) -> dict[str, object]:
    return {"model": model} if "model" in ARGUMENTS[tool] else {}
