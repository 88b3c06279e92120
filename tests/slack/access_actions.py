"""Actions of access tests: slash words, buttons, forms and shortcuts, with their subjects."""

from datetime import UTC, datetime
from itertools import count

from msgspec.structs import replace

from bot.formats.import_preview import ImportPreview
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.app_ids import START_SHORTCUT
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import (
    ALL,
    AccountTarget,
    Action,
    ButtonKind,
    DraftTarget,
    ImportTarget,
    MessageTarget,
    PhaseTarget,
    RatingTarget,
    SelectionTarget,
    StartTarget,
    Target,
    ThreatResponseTarget,
    VotingTarget,
)
from bot.slack.queries.pending_imports import PendingImport
from bot.slack.screens.tracker_screen import account_digest
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import CommandKey, StreamId
from bot.store.records import key_of
from domain.commands import StartThreatModel
from domain.decide import decide
from domain.drafts.draft import Draft
from domain.dread.metrics import Metric
from domain.kernel.elements import Kind
from domain.kernel.mitigation import MitigationId
from domain.kernel.thought_prompt import PromptKind
from domain.kernel.threat import ResponseKind
from domain.kernel.tracked_issue import TrackerId, TrackerKind
from domain.replay import EMPTY
from domain.tracker_accounts import ChooseTrackerAccount
from domain.workspace_trackers import ConnectTracker
from tests.domain.drafted_shop import COMPOSE, item
from tests.slack.access_harness import TEAM, AccessHarness, channel_id_of, outcome_of, person_id_of
from tests.slack.voting_setup import RD1, TH1, VOTING

MI1 = MitigationId("MI-1")

PRESSED = {
    "say": (ButtonKind.WORD,),
    "open": (ButtonKind.OPEN,),
    "show": (ButtonKind.SHOW, ButtonKind.TURN, ButtonKind.FILTER),
    "do": (ButtonKind.DO,),
    "choose": (ButtonKind.CHOOSE,),
    "turn": (ButtonKind.DRAFT,),
    "follow": (ButtonKind.LINK,),
    "track": (ButtonKind.TRACKER,),
}
"""The buttons that do what an act does."""


def use_word(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    """Run a slash word, typed and by its button; both must have the same outcome."""
    pressed = harness.press(
        who, place, ButtonKind.WORD, Target(name=what, channel=channel_id_of(place), stream=stream)
    )
    typed = harness.say(who, place, f"{what} The shed" if what == "start" else what)
    assert outcome_of(pressed) == outcome_of(typed), f"{what}: typed and pressed are not the same"
    return pressed + typed


def press_open(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    return harness.press(who, place, ButtonKind.OPEN, prepared_target(harness, what, place, stream))


def show_page(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    about = ABOUT.get(what, "") if what in ("response", "tracker_webhook", "tracker_accounts") else ""
    target = Target(name=what, stream=stream, kind=Kind.ASSET, element=about)
    if what in ("tracker_webhook", "tracker_accounts"):
        connect_tracker(harness)
    turned = harness.press(who, place, ButtonKind.TURN, target)
    shown = harness.press(who, place, ButtonKind.SHOW, target)
    assert outcome_of(turned) == outcome_of(shown)
    return turned + shown


def submit_form(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    """Submit a form that was opened while that was allowed."""
    if what == "import":
        harness.services.pending_imports.save(pending_import(who, place))
    # Others have no such form, or nothing in it.
    first = "facilitator" if what in (*VOTING, "approve_several") else who
    if what in ("workspace", "connect_tracker", "tracker_token", "tracker_labels", "account_owner"):
        first = "administrator"
    if what == "tracker_account":
        first = "member"  # a guest has it from the page of a model
    opened = _OPENED.get((what, stream)) or load_form(
        harness.services, prepared_target(harness, what, place, stream), person_id_of(first)
    )
    if what == "approve_several" or (what in ABOUT and what not in OF_ONES_OWN):
        _OPENED[what, stream] = opened  # whoever comes second finds it decided
    return harness.submit(who, opened, _with_a_file if what == "files" else None)


def _with_a_file(block: Json) -> Json:
    return {"type": block["element"]["type"], "files": [{"id": "F0FILE"}]}


def press_action(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    about = ABOUT.get(what, "TL-2")
    target = Target(name=what, stream=stream, kind=Kind.ASSET, element=about)
    if what == Action.NOTHING_HERE:
        target = SelectionTarget(name=what, stream=stream, element=about, selection=PromptKind.TAKEOVER)
    return harness.press(who, place, ButtonKind.DO, target)


def use_shortcut(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    return harness.use(who, what, "" if what == START_SHORTCUT else place)


def choose_model(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    target = Target(name=what, stream=stream)
    held = MessageTarget(name=what, stream=stream, channel=channel_id_of(place), message="2.2")
    return harness.press(
        who, place, ButtonKind.CHOOSE, target, load_form(harness.services, held, person_id_of(who))
    )


def turn_draft(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    """Turn the page of a draft that is open."""
    target = prepared_target(harness, what, place, stream)
    view = load_form(harness.services, target, person_id_of("member"))
    pressed = replace(DraftTarget.of(target), selection="next")
    return harness.press(who, place, ButtonKind.DRAFT, pressed, view)


def follow_link(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    return harness.press(who, place, ButtonKind.LINK, Target())


def press_tracker(harness: AccessHarness, who: str, what: str, place: str, stream: StreamId) -> str:
    connect_tracker(harness)
    target = Target(name=what, stream=stream, element="TR-1")
    return harness.press(who, place, ButtonKind.TRACKER, target)


ABOUT: dict[str, str] = {
    "tracker_webhook": "TR-1",
    "tracker_accounts": "TR-1",
    Action.REMOVE: "XD-1",
    Action.WITHDRAW_ASSUMPTION: "AU-1",
    Action.WITHDRAW_THREAT: "TH-1",
    Action.CONFIRM: "X02@DF-5",
    Action.ADD_PLACES: "X02@DF-5",
    Action.REOPEN_SUGGESTED_THREAT: "X02@DF-5",
    Action.REOPEN_ROW: "CO-1",
    Action.NOTHING_HERE: "CO-1",
    Action.CLOSE_ROUND: RD1,
    Action.EXTEND_ROUND: RD1,
    Action.TAKE_MEDIANS: "RD-2",
    Action.MARK_REFERENCE_THREAT: TH1,
    Action.UNMARK_REFERENCE_THREAT: TH1,
    "ballot": TH1,
    "explain": TH1,
    "dismiss": "X02@DF-5",
    "group": "X02@DF-5",
    "change_answers": "TH-3",
    "places": "TH-3",
    "ask": "EP-1",
    "consider": "CO-1",
    "think": "EP-1",
    "merge": "TH-1",
    "merge_elements": "AS-1",
    "remove_used": "TL-2",
    **dict.fromkeys((Action.START_MITIGATION, Action.VERIFY, Action.RESUME), MI1),
    **dict.fromkeys((Action.UNLINK_ISSUE, Action.DISMISS_ISSUE, Action.REQUEST_ISSUE), MI1),
    **dict.fromkeys(("implement", "verify_links", "refuse", "drop"), MI1),
    **dict.fromkeys(("reassign", "reschedule"), MI1),
    **dict.fromkeys(("respond", "accept", "mitigation"), TH1),
    **dict.fromkeys(("decline", "reassign_approval"), TH1),
    **dict.fromkeys((Action.APPROVE, "response"), TH1),
    "decline_closing": "",
}
"""What a press or form is about, where any does not do."""

ACCOUNT = "member-in-the-tracker"
"""The account that the member stated to be theirs."""

OF_ONES_OWN = ("respond", "accept", "mitigation")
"""Forms that offer whoever opens them as the owner."""

_OPENED: dict[tuple[str, StreamId], View] = {}

ACTS = {
    "say": use_word,
    "open": press_open,
    "show": show_page,
    "submit": submit_form,
    "do": press_action,
    "use": use_shortcut,
    "choose": choose_model,
    "turn": turn_draft,
    "follow": follow_link,
    "track": press_tracker,
}


DIGEST = "f" * 64


def pending_import(who: str, place: str) -> PendingImport:
    """What was read from a file for somebody."""
    begin = StartThreatModel(
        by=person_id_of(who), at=datetime.now(UTC), name="The shed", channel=channel_id_of(place)
    )
    events = tuple(decide(begin, EMPTY))
    seen = ImportPreview(title="Open Threat Model", name="The shed", parts=(), events=1, past=False, notes=())
    return PendingImport(
        channel=channel_id_of(place),
        person=person_id_of(who),
        digest=DIGEST,
        preview=seen,
        events=events,
        at=datetime.now(UTC),
    )


def prepared_target(harness: AccessHarness, what: str, place: str, stream: StreamId) -> Target:
    """Return the target of a form; that of a draft is a new one, of which nothing was accepted yet."""
    if "tracker" in what or what == "account_owner":
        connect_tracker(harness)
    if what != "draft":
        return form_target(what, place, stream)
    key, number = key_of(stream), next(_DRAFTED)
    draft = Draft(sources=(COMPOSE,), items=(item(f"Service {number}"),))
    stored = harness.services.unit.drafts.add(
        key, draft, person=person_id_of("member"), client="", at=harness.now()
    )
    return DraftTarget(name=what, stream=stream, element=stored.id.rpartition("/")[2])


_DRAFTED = count(1)


def connect_tracker(harness: AccessHarness) -> None:
    """Have a tracker connected, once."""
    settings = harness.command_handler.settings
    if not settings.current(TEAM).trackers.trackers:
        command = ConnectTracker(
            by=person_id_of("administrator"),
            at=harness.now(),
            kind=TrackerKind.GITHUB,
            url="https://github.com",
            project="acme/shop",
        )
        settings.choose(command, tenant=TEAM, key=CommandKey("connect"))
        member, tracker = person_id_of("member"), TrackerId("TR-1")
        stated = ChooseTrackerAccount(
            by=member, at=harness.now(), tracker=tracker, person=member, account=ACCOUNT, name="Member"
        )
        settings.choose(stated, tenant=TEAM, key=CommandKey("account"))


def form_target(what: str, place: str, stream: StreamId) -> Target:
    match what:
        case "start":
            # An administrator has read there who else will see the model.
            warning = Action.ALLOW_SHARING if place == "shared" else None
            return StartTarget(name=what, channel=channel_id_of(place), shown_warning=warning)
        case "import":
            return ImportTarget(name=what, channel=channel_id_of(place), element="F0FILE", sha256=DIGEST)
        case "hours" | "workspace":
            return Target(name=what)
        case "connect_tracker":
            return SelectionTarget(name=what, selection=TrackerKind.GITHUB.value)
        case "tracker_token" | "tracker_labels" | "tracker_account":
            return Target(name=what, element="TR-1")
        case "account_owner":
            digest = account_digest(person_id_of("member"), ACCOUNT)
            return AccountTarget(name=what, element="TR-1", account=digest)
        case "place":
            return SelectionTarget(name=what, stream=stream, selection=ALL)
        case "where":
            return SelectionTarget(name=what, stream=stream, selection="xml.takes_xml")
        case "controls":
            return SelectionTarget(name=what, stream=stream, selection="controls")
        case "answers":
            return SelectionTarget(name=what, stream=stream, selection="availability_critical")
        case "change_answers" | "merge_elements":
            return SelectionTarget(name=what, stream=stream, element=ABOUT[what])
        case "think":
            element, prompt = ABOUT[what], PromptKind.ALLOWED_HARM
            return SelectionTarget(name=what, stream=stream, element=element, selection=prompt)
        case "move":
            return PhaseTarget(name=what, stream=stream, move=Action.BEGIN_ANALYSIS)
        case "respond":
            return ThreatResponseTarget(name=what, stream=stream, element=TH1, response=ResponseKind.AVOID)
        case "ballot" | "settle_round":
            return VotingTarget(name=what, stream=stream, element=ABOUT.get(what, ""), voting_round=RD1)
        case "explain":
            return RatingTarget(name=what, stream=stream, element=TH1, rating=f"{RD1}/{Metric.DAMAGE}")
        case _:
            kind = Kind.ASSET if what in ("element", "details", "add_names") else None
            element = ABOUT[what] if what in set(FORMS) & set(ABOUT) else ""
            return Target(name=what, stream=stream, kind=kind, element=element)
