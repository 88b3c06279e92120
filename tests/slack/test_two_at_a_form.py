"""Two people with the same form open: of any form, in any field, nothing is written over unseen."""

from collections.abc import Generator, Iterator
from datetime import time
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.sandbox.api import value_key
from bot.slack.handlers.modal_loading import form_command_type
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import Action, PhaseTarget, Target
from bot.slack.ui.forms.form import WriteEffect
from bot.slack.ui.forms.form_fields import BLANK, ShownValue, field_key, plain_value
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import StreamId
from domain.commands import TakeOver
from domain.decide.permissions import FACILITATORS
from domain.events import (
    AssumptionRecorded,
    ElementAdded,
    Erased,
    Event,
    MitigationPlanned,
    PromptAnswered,
    ResponseChosen,
    RoundOpened,
    ThreatReported,
)
from tests.depth import count
from tests.slack.access_harness import AccessHarness, open_access_harness, person_id_of
from tests.slack.concurrent_edits import (
    ANA,
    BEN,
    all_texts,
    copy_model,
    current_values,
    editable_targets,
    fillable_blocks,
    is_conflict_shown,
    open_form_of,
    possible_changes,
    prepare_model,
    submit_changes,
)

DECIDED_ONCE = {"change_answers", "implement", "refuse", "drop", "decline", "dismiss"}
"""Revising forms after which the same form can be opened no more: whoever comes second is refused."""

BY_ONE = {"hand_over"}
"""Only one person may hand such a form in, and after that no more."""

ADDED = (
    AssumptionRecorded,
    ElementAdded,
    MitigationPlanned,
    PromptAnswered,
    ResponseChosen,
    RoundOpened,
    ThreatReported,
)
"""What adds something; a first mitigation also settles that its threat is mitigated."""

PLAYED_ELSEWHERE = {
    "start": "test_idempotence.test_a_start_that_comes_twice_starts_one_model",
    "import": "test_importing",
    "files": "test_drafts.test_files_are_brought_from_the_form_of_data_flows",
    "draft": "test_drafts.test_a_changed_source_shows_the_difference_and_the_thread_hears_of_it",
    "snooze": "test_reminder_posts",
    "hours": "test_settings.test_hours_that_come_twice_are_kept_once_and_changed_ones_replace_them",
    "look_back": "test_day_argument",
    "changes_since": "test_day_argument",
    "questions": "test_question_pages.test_two_people_on_one_page_lose_nothing",
    "where": "test_question_pages.test_yes_asks_where_and_ticked_elements_have_it",
    "controls": "test_controls_form.test_two_people_on_one_page_of_controls_lose_nothing",
    "confirm_answers": "test_question_pages.test_two_people_on_one_page_lose_nothing",
    "group": "test_deciding_groups.test_two_people_who_decide_one_group_lose_nothing",
    "respond_several": "test_responding",
    "approve_several": "test_responding",
    "ballot": "test_voting",
    "explain": "test_voting",
    "connect_tracker": "test_trackers",
    "tracker_token": "test_trackers",
    "tracker_labels": "test_trackers.test_labels_that_another_administrator_changed_are_not_replaced",
    "account_owner": "test_trackers.test_an_account_that_has_changed_meanwhile_is_not_corrected",
    "tracker_account": "test_trackers",
    "retrospective": "test_settings",
}
"""Forms about nothing of a model that two people share, and where they are tried."""


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    path: Path = tmp_path_factory.mktemp("two")
    with open_access_harness(path / "threatmodel.db") as running:
        yield running


@pytest.fixture(scope="module")
def base(harness: AccessHarness) -> StreamId:
    return harness.begin("public")


def revising() -> Iterator[str]:
    for name, form in FORMS.items():
        if any(
            form.does(target) is WriteEffect.REVISES
            for target in editable_targets(name, StreamId("T0HOUSE/TM-1"))
        ):
            yield name


def test_every_form_declares_what_it_writes_and_is_played_here_or_elsewhere() -> None:
    played = {name for name in FORMS if name not in PLAYED_ELSEWHERE}
    for name, where in PLAYED_ELSEWHERE.items():
        (does,) = {FORMS[name].does(target) for target in editable_targets(name, StreamId("T0HOUSE/TM-1"))}
        assert does is not WriteEffect.REVISES, name
        module, _, test = where.partition(".")
        assert not test or hasattr(import_module(f"tests.slack.{module}"), test)
        import_module(f"tests.slack.{module}")
    for name in played:
        assert editable_targets(name, StreamId("T0HOUSE/TM-1"))


@pytest.mark.parametrize("name", list(revising()))
def test_what_someone_else_changed_stays_and_what_both_changed_is_shown_side_by_side(
    harness: AccessHarness, base: StreamId, name: str
) -> None:
    ready = prepare_model(harness, base, name)
    played = 0
    for target in editable_targets(name, ready):
        if FORMS[name].does(target) is not WriteEffect.REVISES:
            continue
        view = open_form_of(harness, opener(name), target)
        keys = dict.fromkeys(field_key(block["block_id"]) for block in fillable_blocks(view))
        for key in list(keys)[: MAX_FIELDS.get(name, USUAL_FIELDS)]:
            if key.startswith(NOTHING_STANDS):
                continue
            assert stays(harness, ready, target, key), f"{name} about {target.element}: {key} was not saved"
            played += shown_side_by_side(harness, ready, target, key)
    assert played or name in DECIDED_ONCE | BY_ONE


def stays(harness: AccessHarness, ready: StreamId, target: Target, key: str) -> bool:
    """Ana changes one field; Ben saves another one, from a form that he opened before."""
    for change in range(MAX_TRIES):
        stream, ana, ben = both_open(harness, ready, target)
        mine = changes(ana, key)
        if change >= len(mine):
            return False
        if not saved(harness, stream, opener(target.name), ana, {key: mine[change]}):
            continue
        if target.name in BY_ONE:
            return True
        hers = plain_of(mine[change])
        known = current_values(harness, ANA, of(target, stream), ana)
        assert known is None or hers in stored(known, key), f"{key}: Ana's value was not written"
        others = [
            one for one in (field_key(block["block_id"]) for block in fillable_blocks(ben)) if one != key
        ]
        other = next((one for one in others if not one.startswith("urgent")), None)
        before = harness.version(stream)
        taken_over(harness, target, stream)
        changed = {other: changes(ben, other)[0]} if other and other not in required(ben) else {}
        submit_changes(harness, BEN, ben, {**changed, **same_words(ben, ana, but=key)})
        after = current_values(harness, ANA, of(target, stream), ana)
        if known is None:
            assert not by_ben(harness, stream, before), "it was decided already"
        else:
            assert after is not None
            assert hers in stored(after, key), f"{key}: Ben never touched it"
        return True
    return False


def shown_side_by_side(harness: AccessHarness, ready: StreamId, target: Target, key: str) -> bool:
    """Both change the same field to something else; False where it has no two other values."""
    if target.name in BY_ONE:
        return False
    some = range(MAX_TRIES)
    for first, second in product(some, some):
        stream, ana, ben = both_open(harness, ready, target)
        hers, his = changes(ana, key), changes(ben, key)
        if first >= len(hers) or second >= len(his) or plain_of(hers[first]) == plain_of(his[second]):
            continue
        if not saved(harness, stream, opener(target.name), ana, {key: hers[first]}):
            continue
        taken_over(harness, target, stream)
        before = harness.version(stream)
        answer = submit_changes(harness, BEN, ben, {key: his[second], **same_words(ben, ana, but=key)})
        assert harness.version(stream) == before, f"{key}: written over unseen"
        if target.name in DECIDED_ONCE:
            assert answer.ack["response_action"], "he is told that it was decided"
            return False
        assert is_conflict_shown(answer, ben), f"{key}: {answer.ack}"
        again: View = answer.ack["view"]
        beside, *_ = (one for one in again["blocks"] if one.get("fields") and names(one, again, key))
        assert beside["fields"][0]["text"].startswith(f"*{opener(target.name)}, <!date^")
        block = next(one for one in fillable_blocks(again) if field_key(one["block_id"]) == key)
        assert holds(block, his[second]), "his value is in the box"
        if not saved(harness, stream, BEN, again, {}):
            continue  # his value is refused for a reason of its own
        now = current_values(harness, BEN, of(target, stream), ben)
        assert now is not None
        assert plain_of(his[second]) in stored(now, key), f"{key}: saved on purpose"
        return True
    return False


@pytest.mark.parametrize("name", [form for form in FORMS if form not in PLAYED_ELSEWHERE])
def test_a_form_that_only_adds_or_decides_replaces_nothing(
    harness: AccessHarness, base: StreamId, name: str
) -> None:
    ready = prepare_model(harness, base, name)
    for target in editable_targets(name, ready):
        does = FORMS[name].does(target)
        if does is WriteEffect.REVISES:
            continue
        stream, ana, ben = both_open(harness, ready, target)
        if not fillable_blocks(ana):
            continue
        assert saved(harness, stream, opener(name), ana, filled(ana, 0)), f"{name} about {target.kind}"
        taken_over(harness, target, stream)
        before = harness.version(stream)
        submit_changes(harness, BEN, ben, filled(ben, 1))
        told = by_ben(harness, stream, before)
        if does is WriteEffect.ONCE:
            assert not told, f"{name} was decided already"
        else:
            assert all(isinstance(one, ADDED) for one in told), f"{name} adds no {told}"


def both_open(harness: AccessHarness, ready: StreamId, target: Target) -> tuple[StreamId, View, View]:
    """A model in which both have the same form open."""
    stream = copy_model(harness, ready)
    about = of(target, stream)
    return stream, open_form_of(harness, opener(target.name), about), open_form_of(harness, BEN, about)


def opener(name: str) -> str:
    """Who comes first: Ana, or the facilitator where only they may."""
    command = form_command_type(PhaseTarget(name=name, move=Action.BEGIN_ANALYSIS))
    return "facilitator" if command in FACILITATORS else ANA


def taken_over(harness: AccessHarness, target: Target, stream: StreamId) -> None:
    """Let Ben be the facilitator by now where only they may."""
    if opener(target.name) == "facilitator":
        harness.tell(stream, TakeOver(by=person_id_of(BEN), at=harness.now()))


def of(target: Target, stream: StreamId) -> Target:
    return target if target.name == "workspace" else replace(target, stream=stream)


def saved(harness: AccessHarness, stream: StreamId, who: str, view: View, changed: dict[str, Json]) -> bool:
    before = harness.version(stream)
    submit_changes(harness, who, view, changed)
    return harness.version(stream) > before


def changes(view: View, key: str) -> list[Json]:
    block = next(one for one in fillable_blocks(view) if field_key(one["block_id"]) == key)
    return list(possible_changes(block))


def required(view: View) -> set[str]:
    return {field_key(block["block_id"]) for block in fillable_blocks(view) if must_be_filled(block)}


def must_be_filled(block: Json) -> bool:
    """Return whether a field can neither be empty nor be left open by an option."""
    return not block["optional"] and f"'value': '{BLANK}'" not in str(block["element"])


def same_words(ben: View, ana: View, *, but: str) -> dict[str, Json]:
    """What both must fill in is the same, so that they differ in one field alone."""
    empty = [block for block in fillable_blocks(ben) if not block["optional"] and not initial(block)]
    return {
        key: changes(ana, key)[0] for key in (field_key(block["block_id"]) for block in empty) if key != but
    }


def initial(block: Json) -> bool:
    return any(key.startswith("initial_") for key in block["element"])


def plain_of(state: Json) -> object:
    value: Any = state[value_key({"type": state["type"]}) or "value"]
    if isinstance(value, list):
        return plain_value(tuple(_value_of(one) for one in cast("list[Any]", value)))
    if state["type"] == "timepicker":
        return time.fromisoformat(str(value)).isoformat()
    return _value_of(value)


def _value_of(one: Any) -> str:
    return str(cast("Json", one)["value"] if isinstance(one, dict) else one)


def stored(known: dict[str, ShownValue], key: str) -> list[object]:
    """What stands in a field; whom somebody asks is told of each question instead, a reason of each row."""
    apart = ("asked/", "reviewed/")
    return [held.stored for one, held in known.items() if one == key or one.startswith(apart)]


def names(beside: Json, view: View, key: str) -> bool:
    """Whether what stands side by side is about the field of that key."""
    if key == "person":
        return "Owner:" in str(beside)
    block = next(one for one in fillable_blocks(view) if field_key(one["block_id"]) == key)
    place = view["blocks"].index(block)
    return view["blocks"][place - 1] is beside


def holds(block: Json, state: Json) -> bool:
    wanted = all_texts(state[value_key({"type": state["type"]}) or "value"])
    return any(
        all_texts(value) == wanted for key, value in block["element"].items() if key.startswith("initial_")
    )


def filled(view: View, number: int) -> dict[str, Json]:
    """The texts of a form and what must be filled in, in one of two ways that differ everywhere."""
    found: dict[str, Json] = {}
    for block in fillable_blocks(view):
        key, some = field_key(block["block_id"]), list(possible_changes(block))
        if key == "target":
            some = some[2:]  # a flow ends elsewhere than it begins
        if key == "quorum":
            continue  # most numbers are refused for the voters of a round
        if some and (must_be_filled(block) or block["element"]["type"] == "plain_text_input"):
            found[key] = some[number % len(some)]
    if "flows" in found:
        found["flows"] = {**found["flows"], "value": f"{found['flows']['value']} -> House"}
    return found


def by_ben(harness: AccessHarness, stream: StreamId, since: int) -> list[Event]:
    return [
        event
        for event in harness.store.events(stream, since)
        if not isinstance(event, Erased) and event.by == person_id_of(BEN)
    ]


NOTHING_STANDS = ("another", "urgent", "questions", "rows", "all/")
"""Fields that only say what else is done, so that nothing stands there that could be written over."""
USUAL_FIELDS = count(3, deep=7)
"""Rows repeat themselves: the first few of a page stand for all."""
MAX_FIELDS = {"workspace": 13}
"""Before the rows of its bands, this form has more fields that are all different."""
MAX_TRIES = 4
"""How many values of a field are tried until one is accepted."""
