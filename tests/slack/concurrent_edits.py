"""Concurrent edits of a form by two people: open, change and submit any form."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import NoSuchModel
from bot.sandbox.api import state_values
from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import ALL, SelectionTarget, StaleButton, Target, ThreatResponseTarget
from bot.slack.queries.tracker_queries import load_tracker_screen
from bot.slack.ui.forms.form import FormContext, FormData
from bot.slack.ui.forms.form_fields import BLANK, ShownValue, field_key, shown_values
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import CommandKey, StreamId, workspace_stream
from domain.commands import Command
from domain.events import Erased, Event, ThreatModelStarted
from domain.kernel.elements import Kind
from domain.kernel.threat import ResponseKind
from domain.kernel.tracked_issue import TrackerKind
from domain.rejections import Rejected
from domain.workspace_settings import ChooseWorkspaceSettings
from domain.workspace_trackers import ConnectTracker
from tests.slack.access_actions import form_target
from tests.slack.access_harness import TEAM, AccessHarness, person_id_of
from tests.slack.test_matrix import PLANNED, POSSIBLE_AFTER, PREPARED
from tests.slack.voting_setup import prepare_voting

ANA, BEN = "administrator", "member"
PEOPLE = ("administrator", "member", "guest")
NOW = datetime.now(UTC)
_NUMBERS = count(1)

State = dict[str, Json]
"""What is changed in a form: the state of each field, by its key."""


def editable_targets(name: str, stream: StreamId) -> list[Target]:
    """What a form may be opened about, so that each of its fields is there once."""
    first = {Kind.EXTERNAL_DEPENDENCY: "XD-1", Kind.ENTRY_POINT: "EP-1", Kind.ASSET: "AS-1"}
    more = {Kind.TRUST_LEVEL: "TL-1", Kind.DATA_FLOW: "DF-1", Kind.COMPONENT: "CO-1"}
    match name:
        case "element":
            kinds = {**first, **more, Kind.TRUST_BOUNDARY: "TB-1"}
            revised = [
                Target(name=name, stream=stream, kind=kind, element=one) for kind, one in kinds.items()
            ]
            return [*revised, *(Target(name=name, stream=stream, kind=kind) for kind in Kind)]
        case "assumption" | "threat":
            about = "AU-1" if name == "assumption" else "TH-1"
            return [Target(name=name, stream=stream, element=about), Target(name=name, stream=stream)]
        case "mitigation":
            return [Target(name=name, stream=stream, element=one) for one in ("MI-1", "TH-1")]
        case "respond":
            kinds_of_response = (ResponseKind.MITIGATE, ResponseKind.TRANSFER, ResponseKind.AVOID)
            return [
                ThreatResponseTarget(name=name, stream=stream, element="TH-1", response=kind)
                for kind in kinds_of_response
            ]
        case "consider":
            return [
                SelectionTarget(name=name, stream=stream, element=some) for some in ("CO-1", "CO-1,DF-1,EP-1")
            ]
        case "place":
            return [
                SelectionTarget(name=name, stream=stream, selection=ALL),
                Target(name=name, stream=stream),
            ]
        case _:
            return [form_target(name, "public", stream)]


def prepare_model(harness: AccessHarness, base: StreamId, name: str) -> StreamId:
    """A model in which a form can be opened; for the workspace's settings, their stream."""
    if name == "workspace":
        let_ben_administer(harness)
        return workspace_stream(TEAM)
    if name == "model_tracker" and not harness.services.settings.trackers.trackers:
        connect_two_trackers(harness)
    stream = copy_model(harness, base)
    harness.move(stream, *POSSIBLE_AFTER.get(name, ()))
    extra: tuple[Command, ...] = (PLANNED,) if name == "mitigation" else ()
    harness.tell(stream, *PREPARED.get(name, ()), *extra)
    prepare_voting(harness, stream, name)
    return stream


def let_ben_administer(harness: AccessHarness) -> None:
    """Name Ben as an administrator of the settings."""
    by = person_id_of(ANA)
    chosen = ChooseWorkspaceSettings(by=by, at=NOW, administrators=(person_id_of(BEN),))
    harness.command_handler.settings.choose(chosen, tenant=TEAM, key=CommandKey(f"ben:{next(_NUMBERS)}"))


def connect_two_trackers(harness: AccessHarness) -> None:
    """Connect two projects of a tracker, so that there is something to choose from."""
    for project in ("shop", "clinic"):
        connected = ConnectTracker(
            by=person_id_of(ANA),
            at=NOW,
            kind=TrackerKind.REDMINE,
            url="https://redmine.example",
            project=project,
        )
        key = CommandKey(f"connect:{next(_NUMBERS)}")
        harness.command_handler.settings.choose(connected, tenant=TEAM, key=key)


def copy_model(harness: AccessHarness, stream: StreamId) -> StreamId:
    """The same model once more; a workspace has one stream of settings."""
    if stream == workspace_stream(TEAM):
        return stream
    told = [event for event in harness.store.events(stream) if not isinstance(event, Erased)]

    def again(key: Any) -> list[Event]:
        begun, *rest = told
        assert isinstance(begun, ThreatModelStarted)
        return [replace(begun, key=key), *rest]

    number = next(_NUMBERS)
    done = harness.command_handler.import_model(
        again, tenant=TEAM, key=CommandKey(f"copy:{number}"), request=number.to_bytes(32, "big")
    )
    return done.stream


def open_form_of(harness: AccessHarness, who: str, target: Target) -> View:
    return load_form(harness.services, target, person_id_of(who))


def current_values(
    harness: AccessHarness, who: str, target: Target, view: View
) -> dict[str, ShownValue] | None:
    """What the fields of a form would show now; None where it cannot be opened any more."""
    keys = tuple(field_key(block["block_id"]) for block in fillable_blocks(view))
    try:
        opening = FormContext(target=target, person=person_id_of(who), keys=keys)
        if target.name == "workspace":
            opening = replace(opening, loaded=harness.services.settings)
        else:
            if FORMS[target.name].needs is FormData.TRACKERS:
                opening = replace(
                    opening, loaded=load_tracker_screen(harness.services, target, opening.person)
                )
            known = harness.services.register(harness.services.stream(target))
            opening = replace(opening, register=known)
        return shown_values(FORMS[target.name].parts(opening))
    except (StaleButton, NoSuchModel, Rejected):
        return None


def fillable_blocks(view: View) -> list[Json]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def submit_changes(
    harness: AccessHarness, who: str, view: View, changed: State, *, number: int = 0
) -> HandlerResponse:
    """Hand in a form in which these fields were changed; what must be filled in is.

    The same form under the same `number` is the same submission.
    """
    answer = harness.dispatcher.answer("submission", submission_payload(who, view, changed, number=number))
    if FORMS[view["callback_id"]].shows_effects and "This would follow" in str(answer.ack):
        return submit_changes(harness, who, answer.ack["view"], {})
    return answer


def submission_payload(who: str, view: View, changed: State, *, number: int = 0) -> Json:
    """The payload of such a form."""
    values = state_values(view["blocks"], {})
    for block in fillable_blocks(view):
        key, (action,) = field_key(block["block_id"]), values[block["block_id"]]
        if key in changed:
            values[block["block_id"]][action] = changed[key]
        elif not block["optional"] and _empty(values[block["block_id"]][action]):
            values[block["block_id"]][action] = next(possible_changes(block))
    number = number or next(_NUMBERS) + 1_000
    handed = {**view, "id": f"V{number}", "hash": "h", "state": {"values": values}}
    user = {"id": person_id_of(who), "team_id": TEAM}
    return {
        "user": user,
        "team": {"id": TEAM},
        "view": handed,
        "trigger_id": f"two.{number}",
        "api_app_id": "A0THREATM",
    }


def possible_changes(block: Json) -> Iterator[Json]:
    """Values that a field could be given in place of the one that it shows."""
    element: Json = block["element"]
    kind, key = element["type"], field_key(block["block_id"])
    options = [
        one
        for group in element.get("option_groups") or [{"options": element.get("options", [])}]
        for one in group["options"]
    ]
    match kind:
        case "plain_text_input" if key == "holidays":
            for days in ("2026-12-25", "2027-01-01\n2027-01-06", "2027-05-01"):
                if days != element.get("initial_value"):
                    yield {"type": kind, "value": days}
        case "timepicker":
            for hour in ("08:15", "19:30", "07:45"):
                if hour != element.get("initial_time"):
                    yield {"type": kind, "selected_time": hour}
        case "plain_text_input":
            link = "https://example.org/" if key == "ticket" else ""
            for word in ("first", "second"):
                yield {"type": kind, "value": f"{link}{word}-{key.partition('/')[0]}"}
        case "static_select" | "radio_buttons":
            for option in options:
                if option != element.get("initial_option") and option["value"] != BLANK:
                    yield {"type": kind, "selected_option": option}
        case "multi_static_select" | "checkboxes":
            for some in (options[:1], options[1:2], options[:2], options):
                if some and some != element.get("initial_options"):
                    yield {"type": kind, "selected_options": some}
        case "users_select":
            for who in PEOPLE:
                if person_id_of(who) != element.get("initial_user"):
                    yield {"type": kind, "selected_user": person_id_of(who)}
        case "multi_users_select":
            for some in (PEOPLE[:2], PEOPLE, PEOPLE[1:]):
                chosen = [person_id_of(one) for one in some]
                if chosen != element.get("initial_users"):
                    yield {"type": kind, "selected_users": chosen}
        case "file_input":
            yield {"type": kind, "files": [{"id": "F0FILE"}]}
        case "datepicker":
            for days in (40, 50):
                yield {"type": kind, "selected_date": (NOW.date() + timedelta(days=days)).isoformat()}
        case "datetimepicker":
            for days in (3, 4):
                yield {"type": kind, "selected_date_time": int((NOW + timedelta(days=days)).timestamp())}
        case _:
            raise AssertionError(f"{kind}: say here how such a field is changed")


def is_conflict_shown(answer: HandlerResponse, view: View) -> bool:
    """Whether the form came back with what somebody else changed."""
    back = answer.ack.get("view", {})
    return back.get("callback_id") == view["callback_id"] and "in the meantime, so nothing is saved" in str(
        back
    )


def all_texts(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _empty(state: Json) -> bool:
    return all(value in (None, "", []) for key, value in state.items() if key != "type")
