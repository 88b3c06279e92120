"""Harness of access tests, without a network: nine kinds of people act in five kinds of channels."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.demo import house_story
from bot.metrics import Metrics
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.settings import Secret, read_settings
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.directory.member_directory import Directory
from bot.slack.handlers.dispatcher import Dispatcher
from bot.slack.handlers.handler_responses import CheckPending, FollowUp, HandlerResponse
from bot.slack.handlers.pending_request_checks import PendingRequestChecks
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.installation import Installation
from bot.slack.protocol.payload_parsing import RequestReader
from bot.slack.protocol.requests import Json, RequestKind
from bot.slack.protocol.targets import Action, ButtonKind, Target, encode_target
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.slack.queries.form_snapshots import FormSnapshots
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import BLANK
from bot.slack.ui.modals.steering.model_forms import MOVES
from bot.store import CommandKey, SqliteStore, StreamId, open_store, workspace_stream
from bot.store.repositories.file_slots import FileSlots
from bot.token_cipher import TokenCipher
from bot.trackers.connection_secrets import ConnectionSecrets
from bot.trackers.open_tracker import Addressed
from bot.trackers.tracker import Tracker
from bot.trackers.tracker_requests import TrackerRequests
from domain.commands import Command, ConfirmClosing, ReportThreat, StartThreatModel
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import SYSTEM, ChannelId, PersonId
from domain.kernel.threat import Stride
from domain.reminders import Reachability
from domain.replay import EMPTY
from tests.examples import reasons_for_conditions
from tests.fresh_database import copy_fresh_file
from tests.slack.installing import FIRST_KEY

TEAM = "T0HOUSE"
PEOPLE: dict[str, Json] = {
    "member": {},
    "facilitator": {},
    "administrator": {"is_admin": True},
    "guest": {"is_restricted": True},
    "stranger": {},
    "former": {},
    "bot": {"is_bot": True},
    "gone": {"deleted": True},
    "alien": {"team_id": "T0PARTNER"},
}
OUTSIDE = ("stranger", "former")
PLACES: dict[str, Json] = {
    "public": {},
    "private": {"is_private": True},
    "shared": {"is_ext_shared": True},
    "archived": {"is_archived": True},
    "left": {"is_private": True},
}
"""Shared after the model was started, and left by the bot, which saw it before."""

REFUSALS = {
    "no": "Only members of this model's channel can see it",
    "bot": "Bots cannot answer in a threat model",
    "gone": "This account is deactivated",
    "alien": "People from other organizations cannot see this threat model",
    "unseen": "The bot is not in this channel, so it cannot check who may answer",
    "steer": "Only the facilitator",
    "guest": "Guests cannot be the facilitator",
    "hide": "Guests do not see the accounts of other people",
    "admin": "Only an administrator of this workspace",
    "set": "Only administrators can change the workspace settings",
    "share": "shared with another organization, whose members would see",
    "over": "This channel is archived",
    "STALE": "from an earlier version of the bot",
    "UNREADABLE": "request from Slack could not be read",
}
"""What people read, by the word that the table has for it; what begins none of them was allowed."""

_GATED = (Action.BEGIN_ANALYSIS, Action.BEGIN_REMEDIATION, Action.CLOSE)

SECRETS = ("The House", "Valuables", "Front door")
"""Words of the model, which nobody reads who may not see it."""


class AccessHarness:
    """Dispatcher with its store; each channel has a model of the House."""

    def __init__(self, store: SqliteStore, now: Callable[[], datetime] | None = None) -> None:
        self.now = now or _now
        self._numbers = count(1)
        self.metrics = Metrics()
        self.store = store
        self.command_handler = CommandHandler(store)
        self.slack = _Slack()
        self.directory = Directory(store.unit(TEAM))
        files = FileSlots(store.unit(TEAM).deliveries)
        self.services = Services(
            installation=Installation(
                team=TEAM,
                url="https://house.slack.com/",
                bot_user=PersonId("U0THREATM"),
                bot_name="threatmodel",
            ),
            command_handler=self.command_handler,
            operator_settings=read_settings({"MCP_PORT": "0"}),
            unit=store.unit(TEAM),
            directory=self.directory,
            now=self.now,
            order_diagram=lambda stream, key: files.order_diagram(stream, key, "C1")[1],
            order_export=lambda order: files.order(order, "C1") is not None,
            form_snapshots=FormSnapshots(
                store.unit(TEAM).open_forms,
                run_later=lambda work: work(),
                token=lambda: f"t{next(self._numbers)}",
            ),
            people=lambda _: lambda _: Reachability(),
            settings_changed=lambda: None,
            portfolio=PortfolioReader(self.command_handler, store.unit(TEAM), zones=utc_zone),
            compute_portfolio=lambda: None,
            tracker_requests=TrackerRequests(
                store.unit(TEAM),
                self.command_handler.settings,
                cipher=TokenCipher([Secret(FIRST_KEY)]),
                hosts=frozenset(),
                open_tracker=_no_tracker,
                now=self.now,
                touch=lambda _: None,
                changed=lambda: None,
            ),
        )
        api = cast("SlackApi", self.slack)
        lookup = DirectoryLookup(self.directory, api, tenant=TEAM, now=self.now, renamed=lambda: None)
        waiting = store.unit(TEAM).pending
        self.dispatcher = Dispatcher(
            services=self.services,
            request_reader=RequestReader(app="A0THREATM", api_url="https://slack.com/api/"),
            orphan=lambda _target, _channel, _ts: False,
            pressed=lambda _target, _ts, _url: None,
            refused=lookup.recently_refused,
            metrics=self.metrics,
        )
        self._late: list[FollowUp] = []
        self._checking = PendingRequestChecks(waiting, lookup, self.dispatcher, self.services)
        for place in PLACES:
            lookup.read_channel(channel_id_of(place))
            lookup.read_people([person_id_of("former")])
        self.slack.left = True
        lookup.read_channel(channel_id_of("left"))

    def begin(self, place: str) -> StreamId:
        """Start a model in a channel, by its facilitator, with all members as participants."""
        for stream in self.store.streams(TEAM, channel=channel_id_of(place)):
            if stream.phase == "archived":
                continue
            self.move(stream.stream, Action.ARCHIVE)
        begin, *story = house_story(channel_id_of(place))[:5]
        start = cast("StartThreatModel", begin(EMPTY))
        started = replace(start, by=person_id_of("facilitator"), facilitator=None, participants=())
        done = self.command_handler.start(started, tenant=TEAM, key=self._key())
        for following in story:
            command: Command = replace(following(done.model), by=person_id_of("facilitator"))
            done = self.command_handler.execute(command, stream=done.stream, key=self._key())
        for title in ("The plumber is none", "The postman is none"):
            report = ReportThreat(
                by=person_id_of("facilitator"), at=self.now(), title=title, stride=(Stride.SPOOFING,)
            )
            self.command_handler.execute(report, stream=done.stream, key=self._key())
        return done.stream

    def move(self, stream: StreamId, *moves: Action) -> None:
        """Move a model to another phase directly."""
        for one in moves:
            reason = "so that it can be tried"
            reasons: dict[str, Any] = {"reasons": reasons_for_conditions(reason)} if one in _GATED else {}
            self.do(stream, MOVES[one](by=SYSTEM, at=self.now(), reason=reason, **reasons))
            if self.command_handler.model(stream).closing is not None:
                self.do(stream, ConfirmClosing(by=person_id_of("facilitator"), at=self.now()))

    def do(self, stream: StreamId, *commands: Command) -> None:
        """Execute commands directly."""
        for command in commands:
            self.command_handler.execute(command, stream=stream, key=self._key())

    def tell(self, stream: StreamId, *commands: Command) -> None:
        """Execute commands on a model directly."""
        for command in commands:
            self.command_handler.execute(command, stream=stream, key=self._key())

    def version(self, stream: StreamId) -> int:
        if stream == workspace_stream(TEAM):
            return self.services.settings.version
        return self.command_handler.model(stream).version

    # What people do

    def say(self, who: str, place: str, text: str, **more: str) -> str:
        asked = {**self._from(who), "channel_id": channel_id_of(place), "text": text, **more}
        return self._ask("slash", asked)

    def press(
        self, who: str, place: str, trigger: ButtonKind, target: Target, view: View | None = None
    ) -> str:
        """Press a button of a message in the channel, or of a view."""
        action = {
            "action_id": str(trigger),
            "block_id": "b",
            "value": encode_target(target),
            "action_ts": self._ts(),
        }
        where: Json = {"container": {"message_ts": "1.1", "channel_id": channel_id_of(place)}}
        if view is not None:
            held: Json = {"id": f"V{next(self._numbers)}", "hash": "h", "state": {"values": {}}}
            where = {"view": {**view, **held}, "container": {}}
        return self._ask("click", {**self._by(who), **where, "actions": [action]})

    def choose(self, who: str, view: View, menu: str, *values: str) -> str:
        """Choose options in a menu of a view; `menu` is its action ID."""
        action = {
            "action_id": menu,
            "block_id": "b",
            "selected_options": [{"value": value} for value in values],
            "action_ts": self._ts(),
        }
        held: Json = {"id": f"V{next(self._numbers)}", "hash": "h", "state": {"values": {}}}
        where: Json = {"view": {**view, **held}, "container": {}}
        return self._ask("click", {**self._by(who), **where, "actions": [action]})

    def submit(self, who: str, view: View, fill: Callable[[Json], Json] | None = None) -> str:
        """Submit a form, filled in by `fill` or with valid defaults."""
        filled = {block["block_id"]: {"value": (fill or self._filled)(block)} for block in input_blocks(view)}
        handed_in = {**view, "id": f"V{next(self._numbers)}", "hash": "h", "state": {"values": filled}}
        return self._ask("submission", {**self._by(who), "view": handed_in})

    def use(self, who: str, callback_id: str, place: str = "") -> str:
        """Use a shortcut, from anywhere or on a message of a channel."""
        on: Json = {
            "channel": {"id": channel_id_of(place)},
            "message_ts": "2.2",
            "message": {"text": "look", "files": [{"id": "F0FILE"}]},
        }
        return self._ask("shortcut", {**self._by(who), **(on if place else {}), "callback_id": callback_id})

    def _ask(self, kind: RequestKind, body: Json) -> str:
        """Return everything that the person is shown, immediately or after a look-up."""
        body = {**body, "trigger_id": f"{next(self._numbers)}.1", "api_app_id": "A0THREATM"}
        answer = self.dispatcher.answer(kind, body)
        self._late.clear()
        for one in answer.after:
            if isinstance(one, CheckPending):
                self._checking.check(one.key, self._late.append)
        return _words(answer, self._late)

    def _from(self, who: str) -> Json:
        told = PEOPLE[who].get("team_id", TEAM)
        return {
            "user_id": person_id_of(who),
            "team_id": told,
            "response_url": "https://hooks.slack.com/commands/1",
        }

    def _by(self, who: str) -> Json:
        home = PEOPLE[who].get("team_id", TEAM)
        user = {"id": person_id_of(who), "team_id": home}
        return {"user": user, "team": {"id": home}, "response_url": "https://hooks.slack.com/actions/1"}

    def _filled(self, block: Json) -> Json:
        element: Json = block["element"]
        return {"type": element["type"], **_FILL[element["type"]](block, element, next(self._numbers))}

    def _key(self) -> CommandKey:
        return CommandKey(f"told:{next(self._numbers)}")

    def _ts(self) -> str:
        return f"9.{next(self._numbers)}"


@contextmanager
def open_access_harness(path: Path, now: Callable[[], datetime] | None = None) -> Generator[AccessHarness]:
    copy_fresh_file(path)
    store = open_store(f"sqlite:///{path}")
    opened = AccessHarness(store, now)
    try:
        yield opened
    finally:
        store.close()


def outcome_of(said: str) -> str:
    """The table's word for what somebody was told."""
    return next((word for word, sentence in REFUSALS.items() if sentence in said), "yes")


def person_id_of(who: str) -> PersonId:
    return PersonId(f"U0{who.upper()}")


def channel_id_of(place: str) -> ChannelId:
    return ChannelId(f"C0{place.upper()}")


class _Slack:
    """What Slack says of these people and places."""

    def __init__(self) -> None:
        self.left = False

    def call(self, method: str, **arguments: Any) -> Json:
        place = next((one for one in PLACES if channel_id_of(one) == arguments.get("channel")), "")
        if self.left and place == "left":
            raise ApiRefused("channel_not_found")
        match method:
            case "conversations.info":
                return {
                    "channel": {"id": channel_id_of(place), "name": place, "is_member": True, **PLACES[place]}
                }
            case "conversations.members":
                return {"members": [person_id_of(who) for who in PEOPLE if who not in OUTSIDE]}
            case _:
                (who,) = (person for person in PEOPLE if person_id_of(person) == arguments["user"])
                return {"user": {"id": person_id_of(who), "team_id": TEAM, "name": who, **PEOPLE[who]}}


def _words(answer: HandlerResponse, late: Iterable[FollowUp]) -> str:
    return b"\n".join(map(msgspec.json.encode, (answer.ack, answer.after, tuple(late)))).decode()


def input_blocks(view: View) -> list[Json]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def _text(block: Json, element: Json, number: int) -> Json:
    if block["block_id"].startswith("flows"):
        return {"value": f"Room {number} -> Room {number + 1}"}
    empty = "" if block["block_id"].startswith(("link", "ticket")) else f"Thing {number}"
    return {"value": element.get("initial_value") or empty}


def _option(block: Json, element: Json, number: int) -> Json:
    groups = element.get("option_groups") or [{"options": element["options"]}]
    chosen = element.get("initial_option")
    is_open = chosen is None or chosen["value"] == BLANK
    return {"selected_option": groups[0]["options"][0] if is_open else chosen}


def _somebody(block: Json, element: Json, number: int) -> Json:
    filled_in = element.get("initial_user")
    nobody = filled_in is None and not block.get("optional")
    chosen = person_id_of("member") if nobody or filled_in == person_id_of("facilitator") else filled_in
    return {"selected_user": chosen}


def _several(block: Json, element: Json, number: int) -> Json:
    return {"selected_options": element.get("initial_options") or element["options"][:1]}


def _everybody(block: Json, element: Json, number: int) -> Json:
    return {
        "selected_users": [person_id_of(one) for one in ("member", "facilitator", "administrator", "guest")]
    }


def _day(block: Json, element: Json, number: int) -> Json:
    return {"selected_date": element.get("initial_date") or _now().date().isoformat()}


def _moment(block: Json, element: Json, number: int) -> Json:
    return {"selected_date_time": element["initial_date_time"]}


def _time(block: Json, element: Json, number: int) -> Json:
    return {"selected_time": element.get("initial_time") or "09:00"}


_FILL: dict[str, Callable[[Json, Json, int], Json]] = {
    "plain_text_input": _text,
    "static_select": _option,
    "radio_buttons": _option,
    "multi_static_select": _several,
    "checkboxes": _several,
    "users_select": _somebody,
    "multi_users_select": _everybody,
    "file_input": lambda block, element, number: {"files": []},
    "datepicker": _day,
    "datetimepicker": _moment,
    "timepicker": _time,
}


def _now() -> datetime:
    return datetime.now(UTC)


def _no_tracker(tracker: Addressed, _: ConnectionSecrets) -> Tracker:
    raise AssertionError(tracker.kind)
