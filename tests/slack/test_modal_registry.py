"""The registry finds each form and page by its own declaration; buttons name only what is declared."""

import ast
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

import bot.slack
from bot.slack import slack_bot
from bot.slack.handlers.dispatcher import decode_button_target
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.handlers.submissions.form_submission import TARGETS
from bot.slack.projectors.event_table import (
    EDITED,
    EVENT_TABLE,
    Announcement,
    Projector,
    announcement_of,
    caused_by,
)
from bot.slack.protocol.block_builders import button
from bot.slack.protocol.targets import (
    NOTICE,
    Action,
    ButtonKind,
    DayTarget,
    ImportTarget,
    OpenRoundTarget,
    PhaseTarget,
    ProposalTarget,
    RatingTarget,
    ReminderTarget,
    SelectionTarget,
    StaleButton,
    StartTarget,
    Target,
    ThreatResponseTarget,
    VotingTarget,
    WordTarget,
    decode_target,
    encode_target,
    mark_attempt,
)
from bot.slack.screens.handover_details import HandoverEvent
from bot.slack.slots.work_scheduler import WorkKind
from bot.slack.ui import modals
from bot.slack.ui.modals.modal_registry import FORMS, PAGES, find_form, find_page
from deploy.docs.generator.syntax import nodes
from domain.commands import NameElements
from domain.dread.metrics import Metric
from domain.events import EVENT_TYPES, AssetAdded, Erased, Event, RoundClosed
from domain.kernel.elements import Kind, PersonId
from domain.kernel.threat import ResponseKind
from domain.kernel.voting_round import RoundId, RoundKind
from tests.for_each import for_each
from tests.sample_events import ONE_OF_EACH
from tests.slack.slack_team import QUICK, run_bot

SLACK = Path(bot.slack.__path__[0])
MODALS = Path(modals.__path__[0])


def calls(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each text that a call of the code passes by name: the function, the parameter, and the text."""
    for path in folder.rglob("*.py"):
        for node in nodes(path.read_text(encoding="utf-8")):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for keyword in node.keywords:
                    if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                        yield node.func.id, keyword.arg or "", keyword.value.value
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                named = node.args[1] if node.func.attr in BUTTONS and len(node.args) > 1 else None
                if isinstance(named, ast.Constant) and isinstance(named.value, str):
                    yield Target.__name__, "name", named.value


BUTTONS = ("opens", "shows", "turns", "does", "runs")
"""The methods of `ModelButtons`, whose second argument is the name in a target."""


@pytest.mark.parametrize(("kind", "registry"), [("Form", FORMS), ("Page", PAGES)])
def test_each_declaration_is_found_once_and_by_its_own_name(kind: str, registry: dict[str, object]) -> None:
    declared = [
        text for function, parameter, text in calls(MODALS) if function.endswith(kind) and parameter == "name"
    ]
    assert sorted(declared) == sorted(registry)
    assert all(one.name == name for name, one in (*FORMS.items(), *PAGES.items()))


def test_no_name_means_two_modals() -> None:
    assert not FORMS.keys() & PAGES.keys()
    assert NOTICE not in {*FORMS, *PAGES}


def test_buttons_name_only_forms_pages_actions_and_words_that_are_declared() -> None:
    targets = {one.__name__ for one in (Target, *Target.__subclasses__())} | {"replace"}
    named = {
        text for function, parameter, text in calls(SLACK) if function in targets and parameter == "name"
    }
    assert len(named) > len(FORMS)  # the search finds them
    assert named - {*FORMS, *PAGES, *Action, *SLASH_WORDS} == set()
    back = {text for _, parameter, text in calls(SLACK) if parameter == "back"}
    assert back - {*PAGES, ""} == set()


def test_an_unknown_name_is_a_stale_button() -> None:
    with pytest.raises(StaleButton):
        find_form("register")
    with pytest.raises(StaleButton):
        find_page("respond")


def test_every_type_of_event_is_in_the_table() -> None:
    assert set(EVENT_TABLE) == set(EVENT_TYPES), "say in EVENT_TABLE what the event causes"


@for_each("event", ONE_OF_EACH, ids=lambda one: type(one).__name__)
def test_what_is_announced_by_a_message_of_its_own_has_content(event: Event) -> None:
    aloud = announcement_of(event) is Announcement.MESSAGE

    assert not aloud or EVENT_TABLE[type(event)].message is not None


def test_every_event_shows_on_home_tabs() -> None:
    assert all(Projector.HOMES in effects.causes for effects in EVENT_TABLE.values())


def test_several_events_cause_what_each_of_them_does() -> None:
    asset = next(one for one in ONE_OF_EACH if isinstance(one, AssetAdded))
    closed = next(one for one in ONE_OF_EACH if isinstance(one, RoundClosed))

    assert Projector.INVITATIONS not in caused_by([asset])
    assert set(caused_by([asset, closed])) == EVENT_TABLE[AssetAdded].causes | EVENT_TABLE[RoundClosed].causes
    assert caused_by([]) == ()


def test_without_anything_to_edit_only_events_that_add_something_run_what_edits() -> None:
    for event in ONE_OF_EACH:
        caused, needed = set(caused_by([event])), set(caused_by([event], ()))
        adds = {Projector.HANDOVERS} if isinstance(event, HandoverEvent) else set[Projector]()

        assert needed == caused - set(EDITED) | adds, event
        for projector, edited in EDITED.items():
            assert set(caused_by([event], {"card", edited.kind})) == needed | {projector}, event


def test_what_is_edited_are_kinds_of_slots_and_of_work() -> None:
    assert {edited.kind for edited in EDITED.values()} < set(get_args(WorkKind))


def test_an_erased_event_may_have_been_anything() -> None:
    erased = next(one for one in ONE_OF_EACH if isinstance(one, AssetAdded))

    assert set(caused_by([erased, Erased()])) == set(caused_by([erased, Erased()], ())) == set(Projector)


def test_a_change_is_projected_once_and_where_it_left_off(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=QUICK) as team:
        team.start()
        team.card("TM-1")
        (stream,) = team.streams
        team.command_handler.execute(
            NameElements(by=PersonId(team.person("ben").id), at=team.now(), assets=("Papers",)),
            stream=stream,
            key=team.key(),
        )
        team.card("Assets  1")
        team.wait(lambda: team.unit.projections.find("changes", stream) == team.unit.events.state(stream))


FIRST_USES = """
import sys, threading
from typing import Optional
import msgspec
from bot.struct_types import prepare_struct_types

sys.setswitchinterval(1e-6)
for _ in range(300):
    text = ("text", Optional[str], None)
    Inner = msgspec.defstruct("Inner", [text])
    Outer = msgspec.defstruct("Outer", [("inner", Optional[list[Inner]], None), text])
    prepare_struct_types()
    start = threading.Barrier(4)

    def read():
        start.wait()
        assert msgspec.convert({"text": "a", "inner": [{"text": "b"}]}, Outer).text == "a"

    threads = [threading.Thread(target=read) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
print("all read")
"""


def test_threads_that_read_a_type_first_at_the_same_moment_end_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_USES], capture_output=True, text=True, check=False)
    assert done.stdout == "all read\n", done.stderr


def test_a_bot_prepares_the_types_before_it_starts_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = []
    before = threading.active_count()
    monkeypatch.setattr(
        slack_bot, "prepare_struct_types", lambda: running.append(threading.active_count() - before)
    )
    with run_bot(tmp_path / "threatmodel.db") as team:
        (at_start,) = running
        assert threading.active_count() - before > at_start
        assert team.bot.readiness_problem() == ""


S = "T1/TM-7"
REMINDER = "TM-7:UANA:overdue:MI-1:"
SHA = "f" * 64

# Values as the release before the types wrote them into channels, one of each meaning that its field `d` had.
EARLIER: list[tuple[ButtonKind, str, Target]] = [
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"respond","s":"T1/TM-7","e":"TH-1","d":"avoid","b":"response"}',
        ThreatResponseTarget(
            name="respond", stream=S, element="TH-1", response=ResponseKind.AVOID, back="response"
        ),
    ),
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"move","s":"T1/TM-7","d":"close"}',
        PhaseTarget(name="move", stream=S, move=Action.CLOSE),
    ),
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"place","s":"T1/TM-7","d":"all","k":"component"}',
        SelectionTarget(name="place", stream=S, selection="all", kind=Kind.COMPONENT),
    ),
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"questions","s":"T1/TM-7","d":"mine"}',
        SelectionTarget(name="questions", stream=S, selection="mine"),
    ),
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"start","c":"C1","d":"allow_sharing"}',
        StartTarget(name="start", channel="C1", shown_warning=Action.ALLOW_SHARING),
    ),
    (
        ButtonKind.OPEN,
        f'{{"v":1,"w":"import","c":"C1","e":"F1","d":"{SHA}"}}',
        ImportTarget(name="import", channel="C1", element="F1", sha256=SHA),
    ),
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"open_round","s":"T1/TM-7","d":"residual"}',
        OpenRoundTarget(name="open_round", stream=S, round_kind=RoundKind.RESIDUAL),
    ),
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"settle_round","s":"T1/TM-7","d":"RD-1"}',
        VotingTarget(name="settle_round", stream=S, voting_round=RoundId("RD-1")),
    ),
    (
        ButtonKind.OPEN,
        '{"v":1,"w":"explain","s":"T1/TM-7","e":"TH-1","d":"RD-1/damage"}',
        RatingTarget(name="explain", stream=S, element="TH-1", rating="RD-1/damage"),
    ),
    (
        ButtonKind.OPEN,
        f'{{"v":1,"w":"implement","s":"T1/TM-7","e":"MI-1","d":"{REMINDER}"}}',
        ReminderTarget(name="implement", stream=S, element="MI-1", reminder=REMINDER),
    ),
    (
        ButtonKind.SHOW,
        f'{{"v":1,"w":"why","s":"T1/TM-7","e":"MI-1","d":"{REMINDER}"}}',
        ReminderTarget(name="why", stream=S, element="MI-1", reminder=REMINDER),
    ),
    # A reminder wrote its key into every button; where nothing reads it, it is ignored.
    (
        ButtonKind.SHOW,
        f'{{"v":1,"w":"response","s":"T1/TM-7","e":"TH-1","d":"{REMINDER}"}}',
        Target(name="response", stream=S, element="TH-1"),
    ),
    (
        ButtonKind.TURN,
        '{"v":1,"w":"as_of","s":"T1/TM-7","y":"2026-11-20"}',
        DayTarget(name="as_of", stream=S, day=date(2026, 11, 20)),
    ),
    (
        ButtonKind.DO,
        f'{{"v":1,"w":"approve","s":"T1/TM-7","e":"TH-1","d":"{REMINDER}","a":"2026-11-20T08:00:00Z"}}',
        ProposalTarget(
            name="approve",
            stream=S,
            element="TH-1",
            reminder=REMINDER,
            proposed=datetime(2026, 11, 20, 8, tzinfo=UTC),
        ),
    ),
    (
        ButtonKind.WORD,
        '{"v":1,"w":"report","s":"T1/TM-7","d":"pdf","y":"2026-11-01","u":"2026-11-20"}',
        WordTarget(
            name="report", stream=S, argument="pdf", day=date(2026, 11, 1), until=date(2026, 11, 20)
        ),
    ),
    (
        ButtonKind.WORD,
        '{"v":1,"w":"vote","s":"T1/TM-7","d":"RD-1"}',
        WordTarget(name="vote", stream=S, argument="RD-1"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "target"), EARLIER)
def test_a_button_of_the_release_before_the_types_is_read_as_its_declaration_says(
    kind: ButtonKind, value: str, target: Target
) -> None:
    assert decode_button_target(kind, value) == target


@pytest.mark.parametrize(("kind", "value", "target"), EARLIER)
def test_a_target_is_written_as_that_release_reads_it(kind: ButtonKind, value: str, target: Target) -> None:
    assert decode_button_target(kind, encode_target(target)) == target
    assert button("Go", kind, target)["value"] == encode_target(target)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ButtonKind.OPEN, '{"v":1,"w":"respond","s":"T1/TM-7","e":"TH-1","d":"ignore"}'),
        (ButtonKind.OPEN, '{"v":1,"w":"respond","s":"T1/TM-7","e":"TH-1"}'),
        (ButtonKind.OPEN, '{"v":1,"w":"move","s":"T1/TM-7","d":"everything"}'),
        (ButtonKind.OPEN, '{"v":1,"w":"open_round","s":"T1/TM-7","d":"RD-1"}'),
        (ButtonKind.OPEN, '{"v":1,"w":"start","c":"C1","d":"yes"}'),
        (ButtonKind.OPEN, '{"v":1,"w":"scope","s":"T1/TM-7","unknown":1}'),
        (ButtonKind.OPEN, '{"v":2,"w":"scope","s":"T1/TM-7"}'),
        (ButtonKind.WORD, '{"v":1,"w":"report","s":"T1/TM-7","y":"soon"}'),
        (ButtonKind.DO, '{"v":1,"w":"approve","a":7}'),
        (ButtonKind.DO, "[1]"),
        (ButtonKind.DO, ""),
    ],
)
def test_a_value_that_no_release_wrote_is_refused_as_a_stale_button(kind: ButtonKind, value: str) -> None:
    with pytest.raises(StaleButton, match="earlier version"):
        decode_button_target(kind, value)


@pytest.mark.parametrize("key", ["w", "s", "e", "d"])
def test_half_a_character_in_a_value_is_read_as_a_question_mark(key: str) -> None:
    value = f'{{"v":1,"{key}":"a\ud800"}}'
    assert decode_target(value) == decode_target(value.replace("\ud800", "?"))
    assert mark_attempt(value, "a1") == mark_attempt(value.replace("\ud800", "?"), "a1")


def test_what_only_another_purpose_has_is_not_taken_over() -> None:
    voting = VotingTarget(name="ballot", stream=S, element="TH-1", voting_round=RoundId("RD-1"))
    assert ReminderTarget.of(voting) == ReminderTarget(name="ballot", stream=S, element="TH-1")
    assert VotingTarget.of(voting) is voting
    with pytest.raises(StaleButton):
        ThreatResponseTarget.of(voting)


def test_an_unknown_metric_is_a_stale_button() -> None:
    assert RatingTarget(rating="RD-1/damage").metric is Metric.DAMAGE
    with pytest.raises(StaleButton):
        _ = RatingTarget(rating="RD-1/beauty").metric


@pytest.mark.parametrize(("kind", "value", "target"), EARLIER)
def test_the_mark_of_an_attempt_leaves_the_rest_of_a_value_as_it_is(
    kind: ButtonKind, value: str, target: Target
) -> None:
    read = decode_button_target(kind, mark_attempt(value, "a1"))
    assert (read.attempt, replace(read, attempt="")) == ("a1", target)


def test_every_type_is_declared_by_what_it_opens() -> None:
    declared: set[Any] = {form.target for form in (*FORMS.values(), *PAGES.values())}
    declared |= {*TARGETS.values(), WordTarget}
    subtypes = {subclass for subclass in Target.__subclasses__() if not subclass.__name__.startswith("_")}
    assert subtypes <= declared
