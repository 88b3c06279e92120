"""What people read in views, and that every button in them leads somewhere."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from bot.manifest import WORDS
from bot.sandbox.kit import every_object
from bot.slack.blocks import Message, View
from bot.slack.deeds import MOVES, deed_command
from bot.slack.forms import FORMS, Opening
from bot.slack.forms.elements import ADDING, REVISING
from bot.slack.triggers import Deed, FormName, Page, Target, Trigger, read_value
from bot.slack.views import (
    PAGES,
    ModelLine,
    Showing,
    card,
    help_message,
    model_list,
    model_picker,
    nearest,
    opening_help,
    status_copy,
    unknown_word,
)
from domain.commands import (
    AnswerQuestions,
    ChooseParticipants,
    CloseThreatModel,
    Command,
    DrawFlows,
    HandOver,
    NameElements,
    OrderTrustLevels,
    PlaceComponents,
    RecordAssumption,
    ReviseAssumption,
    ReviseScope,
    Undo,
)
from domain.decide import decide
from domain.elements import REGISTERS, Kind, ModelKey, PersonId
from domain.events import Past
from domain.history import Entry, timeline
from domain.model import ThreatModel, replay
from domain.register import ThreatRegister, register
from tests.examples import ANA, BEN, MORNING, at, house, started
from tests.slack.hostile import LARGE, STEPS, STREAM, Known, built

CHANNEL = "C0HOUSE01"
NAMES = {"UANA": "Ana", "UBEN": "Ben", "UAMINA": "Amina", "UBENJI": "Benji"}
PLAIN = ["one", "two", "three", "four"]


def naming(person: PersonId) -> str:
    return NAMES.get(person, person)


def known(events: list[Past]) -> ThreatRegister:
    return register(replay(events))


def in_step(step: str, model: ThreatModel | None = None) -> ThreatRegister:
    return register(replace(model or replay(house()), step=step))


def shown(
    page: Page,
    register: ThreatRegister,
    *,
    kind: Kind | None = Kind.ASSET,
    number: int = 0,
    history: tuple[Entry, ...] = (),
) -> View:
    about = Target(what=page, stream=STREAM, kind=kind, page=number)
    return PAGES[page](Showing(target=about, register=register, naming=naming, history=history))


def words_of(view: Message | View) -> str:
    """All that is read in a view, without mark-up signs and the invisible."""
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    texts = [one["text"] for one in every_object(blocks) if isinstance(one.get("text"), str)]
    plain = "\n".join(texts).replace("\u2060", "").replace("*", "")
    return plain.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")


def buttons(view: Message | View) -> list[dict[str, Any]]:
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    return [one for one in every_object(blocks) if one.get("type") == "button" and "value" in one]


def button(view: Message | View, text: str) -> dict[str, Any]:
    return next(one for one in buttons(view) if one["text"]["text"] == text)


def target_of(pressed: dict[str, Any]) -> Target:
    return read_value(pressed["value"])


# The card


def test_the_card_says_where_we_are_what_is_next_and_who_it_waits_for() -> None:
    said = words_of(card(STREAM, known(house()), naming))
    assert said.startswith("The House · TM-1\n● Collection (now) → ○ Analysis → ○ Remediation\n")
    assert "Next: Answer 2 open questions\nAnybody can do this" in said
    assert "External dependencies  3  ✓\N{NO-BREAK SPACE}complete" in said
    assert "Assets  4\n" in said
    assert "2 open questions · 3 candidates · 3 warnings" in said
    assert "Facilitator: Amina · 1 assumption" in said


def test_what_waits_for_one_person_names_them() -> None:
    model = replace(built(LARGE, PLAIN, known=Known.ANSWERED), facts=replay(house()).facts)
    waiting = in_step("responding", model)
    assert waiting.next.waits_for == ANA
    assert "Waits for Ana" in words_of(card(STREAM, waiting, naming))


@pytest.mark.parametrize(
    ("step", "row"),
    [
        ("collection", "● Collection (now) → ○ Analysis → ○ Remediation"),
        ("identifying", "✓ Collection → ● Analysis (now) → ○ Remediation"),
        ("voting", "✓ Collection → ● Analysis (now) → ○ Remediation"),
        ("responding", "✓ Collection → ✓ Analysis → ● Remediation (now)"),
        ("tracking", "✓ Collection → ✓ Analysis → ● Remediation (now)"),
        ("closed", "Collection → Analysis → Remediation → ■ Closed"),
        ("archived", "Collection → Analysis → Remediation → ■ Archived"),
    ],
)
def test_the_phases_are_told_in_words_beside_their_marks(step: str, row: str) -> None:
    assert row in words_of(card(STREAM, in_step(step), naming))


@pytest.mark.parametrize("step", STEPS)
def test_a_card_has_at_most_one_prominent_button_and_it_does_what_is_next(step: str) -> None:
    model = in_step(step)
    primary = [one for one in buttons(card(STREAM, model, naming)) if one.get("style") == "primary"]
    assert len(primary) == (0 if step in ("closed", "archived") else 1)


def test_the_card_of_an_empty_model_asks_for_names_first() -> None:
    shown_card = card(STREAM, known([started()]), naming)
    assert target_of(button(shown_card, "Name what there is")).what == FormName.NAMES
    assert "Nothing came up so far" in words_of(shown_card)
    assert "Trust levels  0" in words_of(shown_card)


def test_a_closed_model_says_why_and_can_only_be_read_and_reopened() -> None:
    events = house()
    closing = CloseThreatModel(by=PersonId("UAMINA"), at=at(600), reason="We moved\nout")
    shown_card = card(STREAM, known([*events, *decide(closing, replay(events), tuple)]), naming)
    assert "Closed, because: We moved out" in words_of(shown_card)
    assert {one["text"]["text"] for one in buttons(shown_card)} == {"What came up", "More…"}


def test_each_register_has_its_add_button_and_a_screen_reader_can_tell_them_apart() -> None:
    adding = [one for one in buttons(card(STREAM, known(house()), naming)) if one["text"]["text"] == "Add"]
    assert [target_of(one).kind for one in adding] == list(REGISTERS)
    assert len({one["accessibility_label"] for one in adding}) == len(REGISTERS)


def test_flows_are_added_as_lines_until_there_are_two_components_to_choose_from() -> None:
    for events, form in ((house()[:1], FormName.FLOWS), (house(), FormName.ELEMENT)):
        adding = [one for one in buttons(card(STREAM, known(events), naming)) if "flow" in one["action_id"]]
        assert [target_of(one).what for one in adding] == [form]


def test_a_status_copy_leads_to_the_card() -> None:
    copy = status_copy(STREAM, known(house()), naming, "https://the-house.example/archives/C1/p1")
    assert copy.blocks[-1]["elements"][0]["url"] == "https://the-house.example/archives/C1/p1"
    assert copy.blocks[:-1] == card(STREAM, known(house()), naming).blocks
    assert status_copy(STREAM, known(house()), naming) == card(STREAM, known(house()), naming)


def test_the_key_stays_readable_behind_the_longest_name() -> None:
    long = replace(replay(house()), name="Mouse " * 500)
    assert card(STREAM, register(long), naming).blocks[0]["text"]["text"].endswith("… · TM-1")


# Buttons


def command_of(target: Target) -> type[Command]:
    """The command that a form's submission will ask for."""
    match FormName(target.what):
        case FormName.ELEMENT:
            assert target.kind is not None
            return (REVISING if target.element else ADDING)[target.kind]
        case FormName.ASSUMPTION:
            return ReviseAssumption if target.element else RecordAssumption
        case FormName.MOVE:
            return MOVES[Deed(target.deed)]
        case form:
            return {
                FormName.NAMES: NameElements,
                FormName.FLOWS: DrawFlows,
                FormName.PLACE: PlaceComponents,
                FormName.ORDER: OrderTrustLevels,
                FormName.QUESTIONS: AnswerQuestions,
                FormName.SCOPE: ReviseScope,
                FormName.PARTICIPANTS: ChooseParticipants,
                FormName.HAND_OVER: HandOver,
            }[form]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("model", [replay(house()), replay(house()[:1])], ids=["the house", "an empty one"])
def test_every_button_leads_somewhere_and_only_to_what_may_be_done_now(step: str, model: ThreatModel) -> None:
    there = in_step(step, model)
    history = timeline(house())
    views: list[Message | View] = [card(STREAM, there, naming)]
    views += [shown(page, there, kind=kind, history=history) for page in PAGES for kind in Kind]
    for view in views:
        for pressed in buttons(view):
            target = target_of(pressed)
            assert target.stream == STREAM, pressed
            assert re.search(r"[A-Za-z]{2}", pressed["text"]["text"]), "words, not signs alone"
            match Trigger(pressed["action_id"].partition(":")[0]):
                case Trigger.OPEN:
                    assert there.allows(command_of(target)), pressed
                    FORMS[FormName(target.what)].render(Opening(target=target, person=ANA, register=there))
                case Trigger.SHOW | Trigger.TURN:
                    shown(Page(target.what), there, kind=target.kind)
                case Trigger.DO:
                    assert there.allows(type(deed_command(target, by=ANA, at=MORNING))), pressed
                case other:
                    pytest.fail(f"{other} in a view of a model")


@pytest.mark.parametrize("step", STEPS)
def test_everything_that_may_be_done_now_can_be_reached_from_the_card(step: str) -> None:
    there = in_step(step)
    seen: set[str] = set()
    reached: set[type[Command]] = set()
    waiting: list[Message | View] = [card(STREAM, there, naming)]
    while waiting:
        for pressed in buttons(waiting.pop()):
            if pressed["value"] in seen:
                continue
            seen.add(pressed["value"])
            target = target_of(pressed)
            match Trigger(pressed["action_id"].partition(":")[0]):
                case Trigger.OPEN:
                    reached.add(command_of(target))
                case Trigger.DO:
                    reached.add(type(deed_command(target, by=ANA, at=MORNING)))
                case _:
                    page = Page(target.what)
                    waiting.append(shown(page, there, kind=target.kind, number=target.page))
    wanted = {
        one for one in (*ADDING.values(), *MOVES.values(), ReviseScope, HandOver, Undo) if there.allows(one)
    }
    assert wanted <= reached


@pytest.mark.parametrize(
    ("page", "label"),
    [
        (Page.REGISTER, "Remove"),
        (Page.ASSUMPTIONS, "Withdraw"),
        (Page.HISTORY, "Undo my last answer"),
        (Page.MORE, "Take over"),
    ],
)
def test_what_cannot_be_seen_before_is_asked_about_first(page: Page, label: str) -> None:
    pressed = button(shown(page, known(house()), kind=Kind.ASSET), label)
    assert pressed["confirm"]["confirm"]["text"]
    assert pressed["confirm"]["deny"]["text"] == "Cancel"


# The pages


def test_a_list_tells_what_is_known_of_each_element() -> None:
    said = words_of(shown(Page.REGISTER, known(house()), kind=Kind.COMPONENT))
    assert "5 components" in said
    assert (
        "Garage · CO-5\nWhat is it: process · Trust level: Visitors · Innermost boundary it lies in: Locks"
        in said
    )
    flows = words_of(shown(Page.REGISTER, known(house()), kind=Kind.DATA_FLOW))
    assert (
        "Resident → House: Valuables, Important papers · DF-1\nThrough: Front door · Crosses Locks" in flows
    )


def test_a_list_is_marked_complete_and_reopened_from_its_page() -> None:
    there = known(house())
    done = target_of(button(shown(Page.REGISTER, there, kind=Kind.ASSET), "Mark complete"))
    assert (done.what, done.kind) == (Deed.COMPLETE_REGISTER, Kind.ASSET)
    again = target_of(
        button(shown(Page.REGISTER, there, kind=Kind.EXTERNAL_DEPENDENCY), "Not complete after all")
    )
    assert (again.what, again.kind) == (Deed.REOPEN_REGISTER, Kind.EXTERNAL_DEPENDENCY)


def test_a_candidate_is_told_with_its_rule_its_facts_and_what_usually_helps() -> None:
    said = words_of(shown(Page.SEEN, known(house())))
    boundary = said[said.index("No boundary between different trust") :]
    for words in (
        "Elevation of privilege",
        "DF-5 Garage → House: Valuables",
        "Garage (trusted as Visitors, in Locks) → House (trusted as Residents, in Locks)",
        "Why it matters: Whoever gets into the less trusted side",
        "Usual control: Draw a boundary between the two, and check rights where it is passed (authorization)",
        "Rule X02 · CWE-653",
        "A false alarm if: Both sides are meant to be one",
    ):
        assert words in boundary
    assert "“the caller is authenticated”: no (Front door)" in said
    assert "⚠ TL-1 “Passers-by” is used by nothing." in said


def test_history_tells_the_newest_answer_first_with_who_and_when() -> None:
    said = words_of(shown(Page.HISTORY, known(house()), history=timeline(house())))
    assert said.index("marked the external dependencies complete") < said.index("answered “no”")
    assert "Amina · <!date^1772444520^{date_short_pretty}, {time}|2026-03-02 09:42 UTC>" in said
    assert "held by @Benji" in said


def test_what_was_taken_back_stays_in_the_history_and_is_marked() -> None:
    events = house()
    undo = decide(Undo(by=PersonId("UAMINA"), at=at(600)), replay(events), lambda: events)
    told = [*events, *undo]
    said = words_of(shown(Page.HISTORY, known(told), history=timeline(told)))
    assert "took back: reopened the external dependencies" in said
    assert "✗ taken back\nmarked the external dependencies complete" in said


def pages(show: Callable[[int], View]) -> list[View]:
    """All pages of a list, turned as a reader turns them."""
    turned = [show(0)]
    while following := [one for one in buttons(turned[-1]) if one["text"]["text"] == "Next page"]:
        turned.append(show(target_of(following[0]).page))
    return turned


def test_a_thousand_entries_are_read_by_turning_pages_each_once_the_newest_first() -> None:
    history = tuple(
        Entry(
            version=number,
            answer=number - number % 3,
            by=BEN,
            at=datetime.fromtimestamp(number, UTC),
            text=f"said no. {number}.",
        )
        for number in range(1, 1_001)
    )
    turned = pages(lambda page: shown(Page.HISTORY, known(house()), number=page, history=history))
    read = [int(number) for view in turned for number in re.findall(r"said no\. (\d+)\.", words_of(view))]
    assert sorted(read) == list(range(1, 1_001))
    assert [one - one % 3 for one in read] == sorted((one - one % 3 for one in read), reverse=True)


def test_an_answer_of_many_long_words_is_told_whole() -> None:
    history = tuple(
        Entry(version=number, answer=1, by=BEN, at=at(0), text=f"said no. {number}. {'so ' * 90}")
        for number in range(1, 41)
    )
    said = words_of(shown(Page.HISTORY, known(house()), history=history))
    assert re.findall(r"said no\. (\d+)\.", said) == [str(number) for number in range(1, 41)]


def test_sixty_assumptions_are_read_by_turning_pages() -> None:
    there = register(built(LARGE, PLAIN, known=Known.ANSWERED))
    turned = pages(lambda page: shown(Page.ASSUMPTIONS, there, number=page))
    revised = [
        target_of(one).element for view in turned for one in buttons(view) if one["text"]["text"] == "Revise"
    ]
    assert revised == [one.id for one in there.assumptions]


@pytest.mark.parametrize("page", [Page.REGISTER, Page.SEEN, Page.HISTORY, Page.ASSUMPTIONS])
def test_a_page_beyond_the_end_shows_the_last_one(page: Page) -> None:
    there = known(house())
    beyond = shown(page, there, kind=Kind.ASSET, number=9_999, history=timeline(house()))
    assert words_of(beyond) == words_of(shown(page, there, kind=Kind.ASSET, history=timeline(house())))


# Help, and several models


def lines(count: int) -> list[ModelLine]:
    return [
        ModelLine(
            stream=f"T0SANDBOX/TM-{number}",
            key=ModelKey(f"TM-{number}"),
            name=f"System {number}",
            phase="closed" if number == 1 else "collection",
            next="Place 3 components",
        )
        for number in range(1, count + 1)
    ]


def chosen(view: Message) -> list[Target]:
    """What the buttons and menus of a message stand for."""
    options = [one["value"] for one in every_object(view.blocks) if set(one) == {"text", "value"}]
    return [read_value(value) for value in (*(one["value"] for one in buttons(view)), *options)]


def test_help_has_a_button_for_every_word() -> None:
    assert {one.what for one in chosen(help_message(CHANNEL))} == set(WORDS) - {"help"}
    assert all(f"/threatmodel {word}" in words_of(help_message(CHANNEL)) for word in WORDS if word != "help")
    assert {one.channel for one in chosen(help_message(CHANNEL))} == {CHANNEL}


def test_where_there_is_no_model_one_button_starts_one() -> None:
    assert [one.what for one in chosen(opening_help(CHANNEL))] == ["start", "help"]
    assert button(opening_help(CHANNEL), "Start")["style"] == "primary"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("statsu", "status"), ("HELP", "help"), ("qestion", "questions"), ("new", "start"), ("xyzzy", None)],
)
def test_the_nearest_word_is_found(typed: str, meant: str | None) -> None:
    assert nearest(typed) == meant


def test_an_unknown_word_is_answered_with_a_button_for_the_nearest() -> None:
    assert "I do not know “<!channel>”" in words_of(unknown_word("<!channel>", CHANNEL))
    assert [one.what for one in chosen(unknown_word("stauts", CHANNEL))] == ["status", "help"]
    assert [one.what for one in chosen(unknown_word("xyzzy", CHANNEL))] == ["help"]


@pytest.mark.parametrize("count", [1, 5, 40])
def test_every_model_of_a_channel_can_be_chosen_the_open_ones_first(count: int) -> None:
    wanted = [f"T0SANDBOX/TM-{number}" for number in [*range(2, count + 1), 1]]
    listed = [one for one in chosen(model_list(lines(count), CHANNEL)) if one.what == "status"]
    assert [one.stream for one in listed] == wanted
    picked = chosen(model_picker("add", lines(count), CHANNEL, kind=Kind.ASSET))
    assert [(one.what, one.stream, one.kind) for one in picked] == [
        ("add", one, Kind.ASSET) for one in wanted
    ]


def test_models_that_do_not_fit_can_still_be_named() -> None:
    said = words_of(model_list(lines(150), CHANNEL))
    assert re.search(r"\d+ more do not fit here\. Name one: `/threatmodel status TM-1`", said)


def test_views_carry_ids_alone_and_no_words_of_people() -> None:
    model = replace(replay(house()), name="Secret project")
    for page in PAGES:
        view = shown(page, register(model), kind=Kind.ASSET, history=timeline(house()))
        carried = json.dumps([view["private_metadata"], *(one["value"] for one in buttons(view))])
        assert "Secret" not in carried
        assert "Valuables" not in carried
