"""Targets: each purpose has its type; buttons of earlier releases are read, and forged values are refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from bot.slack.handlers.dispatcher import decode_button_target
from bot.slack.handlers.submissions.form_submission import TARGETS
from bot.slack.protocol.block_builders import button
from bot.slack.protocol.targets import (
    Action,
    ButtonKind,
    DayTarget,
    ImportTarget,
    MessageTarget,
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
from bot.slack.ui.modals.modal_registry import FORMS, PAGES, target_of
from domain.dread.metrics import Metric
from domain.kernel.elements import Kind
from domain.kernel.threat import ResponseKind
from domain.kernel.voting_round import RoundId, RoundKind

S = "T1/TM-7"
NUDGE = "TM-7:UANA:overdue:MI-1:"
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
        f'{{"v":1,"w":"implement","s":"T1/TM-7","e":"MI-1","d":"{NUDGE}"}}',
        ReminderTarget(name="implement", stream=S, element="MI-1", reminder=NUDGE),
    ),
    (
        ButtonKind.SHOW,
        f'{{"v":1,"w":"why","s":"T1/TM-7","e":"MI-1","d":"{NUDGE}"}}',
        ReminderTarget(name="why", stream=S, element="MI-1", reminder=NUDGE),
    ),
    # A reminder wrote its key into every button; where nothing reads it, it is ignored.
    (
        ButtonKind.SHOW,
        f'{{"v":1,"w":"response","s":"T1/TM-7","e":"TH-1","d":"{NUDGE}"}}',
        Target(name="response", stream=S, element="TH-1"),
    ),
    (
        ButtonKind.TURN,
        '{"v":1,"w":"as_of","s":"T1/TM-7","y":"2026-11-20"}',
        DayTarget(name="as_of", stream=S, day=date(2026, 11, 20)),
    ),
    (
        ButtonKind.DO,
        f'{{"v":1,"w":"approve","s":"T1/TM-7","e":"TH-1","d":"{NUDGE}","a":"2026-11-20T08:00:00Z"}}',
        ProposalTarget(
            name="approve",
            stream=S,
            element="TH-1",
            reminder=NUDGE,
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


def test_an_open_form_of_that_release_is_read() -> None:
    held = '{"v":1,"w":"threat","s":"T1/TM-7","c":"C1","m":"1764000000.000100","n":3,"o":"abc"}'
    read = target_of({"callback_id": "threat", "private_metadata": held})
    assert isinstance(read, MessageTarget)
    assert (read.message, read.opened, read.from_message) == ("1764000000.000100", "abc", True)


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
    declared: set[Any] = {one.target for one in (*FORMS.values(), *PAGES.values())}
    declared |= {*TARGETS.values(), WordTarget}
    subtypes = {one for one in Target.__subclasses__() if not one.__name__.startswith("_")}
    assert subtypes <= declared
