"""What an older form does when it is handed in: only what its sender touched, and never unseen."""

from datetime import timedelta
from typing import Any

from bot.slack.handlers.handler_responses import UpdateView, field_errors
from bot.slack.handlers.pending_request_checks import late_response
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.payload_parsing import parse_view_submission
from bot.slack.protocol.targets import ALL, SelectionTarget, Target, ThreatResponseTarget
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.forms.typed_lines import parse_flows
from bot.store import StreamId
from domain.commands import (
    ChooseResponse,
    Command,
    DeclineAcceptance,
    DrawFlows,
    ImplementMitigation,
    PlaceComponents,
    Placement,
    ProposeAcceptance,
    VerifyMitigation,
)
from domain.events import ComponentRevised, FactAnswered
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.threat import ResponseKind, ThreatId
from tests.slack.access_harness import AccessHarness, person_id_of
from tests.slack.concurrent_edits import (
    ANA,
    BEN,
    all_texts,
    fillable_blocks,
    is_conflict_shown,
    open_form_of,
    possible_changes,
    prepare_model,
    submission_payload,
    submit_changes,
)

TH1 = ThreatId("TH-1")


def ready(harness: AccessHarness, name: str) -> StreamId:
    return prepare_model(harness, harness.begin("public"), name)


def test_one_touched_row_of_an_older_page_places_one_component(harness: AccessHarness) -> None:
    stream = ready(harness, "place")
    ben = open_form_of(harness, BEN, SelectionTarget(name="place", stream=stream, selection=ALL))
    before_all = list(harness.command_handler.model(stream).of_type(Component))
    ids = [one.id for one in before_all]
    harness.tell(
        stream,
        PlaceComponents(
            by=person_id_of(ANA),
            at=harness.now(),
            placements=tuple(
                Placement(
                    component=one.id,
                    sort=ComponentKind.DATA_STORE,
                    trust_level=one.trust_level,
                    boundary="Cellar",
                )
                for one in before_all
            ),
        ),
    )
    before = harness.version(stream)
    assert len(ids) > 2
    touched = f"trust_level/{ids[0]}"
    level = option(ben, touched)
    submit_changes(harness, BEN, ben, {touched: level})
    told = list(harness.store.events(stream, before))
    assert [type(one) for one in told] == [ComponentRevised], "a row that nobody touched is not told"
    model = harness.command_handler.model(stream)
    assert {component.sort for component in model.of_type(Component)} == {ComponentKind.DATA_STORE}
    first = model.elements[ids[0]]
    assert isinstance(first, Component)
    assert first.trust_level == level["selected_option"]["value"]
    assert first.boundary is not None


def test_the_note_names_the_fields_that_both_changed(harness: AccessHarness) -> None:
    stream = ready(harness, "place")
    ben = open_form_of(harness, BEN, SelectionTarget(name="place", stream=stream, selection=ALL))
    components = list(harness.command_handler.model(stream).of_type(Component))
    everywhere = tuple(Placement(component=component.id, boundary="Cellar") for component in components)
    harness.tell(stream, PlaceComponents(by=person_id_of(ANA), at=harness.now(), placements=everywhere))
    fields = [block for block in fillable_blocks(ben) if block["block_id"].startswith("boundary/")]
    assert len(fields) > 4
    for count, words in ((1, "{}"), (2, "{} and {}"), (3, "{}, {} and {}"), (5, "{}, {}, {} and 2 more")):
        changed = {field_key(field["block_id"]): next(possible_changes(field)) for field in fields[:count]}
        labels = [f"“{field['label']['text']}”" for field in fields[:3]]
        note = submit_changes(harness, BEN, ben, changed).ack["view"]["blocks"][0]["text"]["text"]
        who = harness.services.naming(person_id_of(ANA))
        assert f"{who} changed {words.format(*labels)} in the meantime, so nothing is saved yet" in note


def test_guesses_that_are_left_alone_are_saved_where_no_one_has_said_otherwise(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "place")
    harness.do(stream, flows(harness, "Postman -> Letter box", "Letter box -> Hall"))
    new = harness.command_handler.model(stream)
    letter_box, hall = (one.id for one in new.of_type(Component) if one.name in ("Letter box", "Hall"))
    ben = open_form_of(harness, BEN, Target(name="place", stream=stream))
    harness.tell(
        stream,
        PlaceComponents(
            by=person_id_of(ANA),
            at=harness.now(),
            placements=(Placement(component=letter_box, sort=ComponentKind.DATA_STORE),),
        ),
    )
    submit_changes(harness, BEN, ben, {})
    model = harness.command_handler.model(stream)
    sorts = [
        one.sort for one in map(model.elements.__getitem__, (letter_box, hall)) if isinstance(one, Component)
    ]
    assert sorts == [ComponentKind.DATA_STORE, ComponentKind.PROCESS], "Ana's word stays, the guess is saved"


def test_two_people_who_answer_the_same_page_oppositely_see_both_answers(harness: AccessHarness) -> None:
    stream = ready(harness, "questions")
    page = SelectionTarget(name="answers", stream=stream, selection="availability_critical")
    ana, ben = (open_form_of(harness, who, page) for who in (ANA, BEN))
    first, second, third = [
        key for block in fillable_blocks(ana) if (key := field_key(block["block_id"])).startswith("answer/")
    ][:3]
    submit_changes(harness, ANA, ana, {first: answer("yes"), second: answer("no")})
    before = harness.version(stream)
    held = submit_changes(harness, BEN, ben, {first: answer("no"), third: answer("yes")})
    assert is_conflict_shown(held, ben)
    assert harness.version(stream) == before
    beside = [one for one in held.ack["view"]["blocks"] if one.get("fields")]
    assert len(beside) == 1
    assert "Yes" in beside[0]["fields"][0]["text"]
    assert "No" in beside[0]["fields"][1]["text"]
    submit_changes(harness, BEN, held.ack["view"], {})
    told = list(harness.store.events(stream, before))
    assert [(one.element, one.reply) for one in told if isinstance(one, FactAnswered)] == [
        (first.split("/")[1], Answer.NO),
        (third.split("/")[1], Answer.YES),
    ], "only what Ben touched is told"


def test_a_response_that_someone_chose_meanwhile_is_shown_before_another_one_replaces_it(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "respond")
    transfer = ThreatResponseTarget(
        name="respond", stream=stream, element="TH-1", response=ResponseKind.TRANSFER
    )
    ben = open_form_of(harness, BEN, transfer)
    harness.tell(
        stream,
        ChooseResponse(
            by=person_id_of(ANA),
            at=harness.now(),
            threat=ThreatId("TH-1"),
            response=ResponseKind.AVOID,
            reason="We move out",
        ),
    )
    held = submit_changes(harness, BEN, ben, {})
    assert is_conflict_shown(held, ben)
    assert "avoid" in all_texts([one for one in held.ack["view"]["blocks"] if one.get("fields")])
    assert response(harness, stream) is ResponseKind.AVOID
    submit_changes(harness, BEN, held.ack["view"], {})
    assert response(harness, stream) is ResponseKind.TRANSFER


def test_a_response_that_another_person_chose_is_shown_before_the_risk_is_proposed_to_be_accepted(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "accept")
    ben = open_form_of(harness, BEN, Target(name="accept", stream=stream, element="TH-1"))
    avoid = ChooseResponse(
        by=person_id_of(ANA),
        at=harness.now(),
        threat=ThreatId("TH-1"),
        response=ResponseKind.AVOID,
        reason="We move out",
    )
    harness.tell(stream, avoid)
    held = submit_changes(harness, BEN, ben, {})
    assert is_conflict_shown(held, ben)
    assert "avoid" in all_texts([one for one in held.ack["view"]["blocks"] if one.get("fields")])
    assert not harness.command_handler.model(stream).proposals
    submit_changes(harness, BEN, held.ack["view"], {})
    assert harness.command_handler.model(stream).proposals


def test_a_proposal_to_accept_the_risk_is_shown_before_another_response_replaces_it(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "respond")
    transfer = ThreatResponseTarget(
        name="respond", stream=stream, element="TH-1", response=ResponseKind.TRANSFER
    )
    ben = open_form_of(harness, BEN, transfer)
    accept = ProposeAcceptance(
        by=person_id_of(ANA),
        at=harness.now(),
        threat=ThreatId("TH-1"),
        expires=harness.now().date() + timedelta(days=30),
        reason="Next to nothing is damaged",
        approver=person_id_of("facilitator"),
    )
    harness.tell(stream, accept)
    held = submit_changes(harness, BEN, ben, {})
    assert is_conflict_shown(held, ben)
    beside = all_texts([one for one in held.ack["view"]["blocks"] if one.get("fields")])
    assert "proposed: accept until" in beside
    assert harness.command_handler.model(stream).proposals
    submit_changes(harness, BEN, held.ack["view"], {})
    assert response(harness, stream) is ResponseKind.TRANSFER


def test_what_was_verified_meanwhile_is_not_dropped_unseen(harness: AccessHarness) -> None:
    stream = ready(harness, "drop")
    ben = open_form_of(harness, BEN, Target(name="drop", stream=stream, element="MI-1"))
    mitigation = MitigationId("MI-1")
    harness.tell(
        stream,
        ImplementMitigation(
            by=person_id_of("facilitator"), at=harness.now(), mitigation=mitigation, evidence="A sign"
        ),
        VerifyMitigation(by=person_id_of(ANA), at=harness.now(), mitigation=mitigation),
    )
    held = submit_changes(harness, BEN, ben, {})
    assert is_conflict_shown(held, ben)
    assert harness.command_handler.model(stream).mitigations[mitigation].state is MitigationState.VERIFIED


def test_a_proposal_that_took_the_place_of_another_is_shown_before_it_is_declined(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "decline")
    ben = open_form_of(harness, BEN, Target(name="decline", stream=stream, element=TH1))
    before, at = harness.command_handler.model(stream).proposals[TH1], harness.now()
    harness.tell(stream, DeclineAcceptance(by=person_id_of(ANA), at=at, threat=TH1, reason="For too long"))
    anew = ProposeAcceptance(by=before.by, at=at, threat=TH1, expires=before.expires, reason="No budget")
    harness.tell(stream, anew)
    held = submit_changes(harness, BEN, ben, {})
    assert is_conflict_shown(held, ben)
    assert "No budget" in all_texts(held.ack)
    assert TH1 in harness.command_handler.model(stream).proposals


def test_a_late_answer_about_what_is_no_longer_proposed_is_told_in_place_of_the_form(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "decline")
    ben = open_form_of(harness, BEN, Target(name="decline", stream=stream, element=TH1))
    asked = parse_view_submission(submission_payload(BEN, ben, {}))
    harness.tell(
        stream, DeclineAcceptance(by=person_id_of(ANA), at=harness.now(), threat=TH1, reason="For too long")
    )
    (after,) = late_response(harness.services, asked, field_errors({"reason": "It was answered."})).after
    assert isinstance(after, UpdateView)
    assert "It was answered." in all_texts(after.view)


def test_a_form_of_which_nothing_is_remembered_is_shown_again_before_it_is_saved(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "scope")
    ben = open_form_of(harness, BEN, Target(name="scope", stream=stream))
    harness.store.housekeeping.forget_before({"open_forms": harness.now() + timedelta(seconds=1)})
    before = harness.version(stream)
    held = submit_changes(harness, BEN, ben, {"name": text("The Castle")})
    assert harness.version(stream) == before
    assert "opened too long ago" in all_texts(held.ack)
    assert "Compare “Name”." in all_texts(held.ack)
    submit_changes(harness, BEN, held.ack["view"], {})
    assert harness.command_handler.model(stream).name == "The Castle"


def test_what_forms_showed_goes_with_what_is_erased(harness: AccessHarness) -> None:
    stream = ready(harness, "scope")
    open_form_of(harness, BEN, Target(name="scope", stream=stream))
    assert rows(harness, stream) == 1
    harness.store.erase(stream, [1])
    assert rows(harness, stream) == 0


def test_a_form_that_comes_twice_is_answered_as_before_though_someone_came_in_between(
    harness: AccessHarness,
) -> None:
    stream = ready(harness, "scope")
    ben = open_form_of(harness, BEN, Target(name="scope", stream=stream))
    first = submit_changes(harness, BEN, ben, {"name": text("The Castle")}, number=77)
    ana = open_form_of(harness, ANA, Target(name="scope", stream=stream))
    submit_changes(harness, ANA, ana, {"name": text("The Hut")})
    version = harness.version(stream)
    again = submit_changes(harness, BEN, ben, {"name": text("The Castle")}, number=77)
    assert again.ack == first.ack
    assert harness.version(stream) == version
    assert harness.command_handler.model(stream).name == "The Hut"


def test_who_came_in_between_while_a_form_was_being_saved_is_not_written_over(harness: AccessHarness) -> None:
    stream = ready(harness, "scope")
    ana, ben = (open_form_of(harness, who, Target(name="scope", stream=stream)) for who in (ANA, BEN))
    append = harness.store.append

    def slowly(*arguments: Any, **more: Any) -> Any:
        harness.store.append = append
        submit_changes(harness, ANA, ana, {"name": text("The Hut")})
        return append(*arguments, **more)

    harness.store.append = slowly
    held = submit_changes(harness, BEN, ben, {"name": text("The Castle")})
    assert is_conflict_shown(held, ben)
    assert harness.command_handler.model(stream).name == "The Hut"


def text(value: str) -> dict[str, str]:
    return {"type": "plain_text_input", "value": value}


def answer(value: str) -> dict[str, object]:
    return {"type": "radio_buttons", "selected_option": {"value": value}}


def option(view: View, key: str) -> dict[str, dict[str, str]]:
    return next(
        next(possible_changes(block)) for block in fillable_blocks(view) if block["block_id"].startswith(key)
    )


def response(harness: AccessHarness, stream: StreamId) -> ResponseKind:
    return harness.command_handler.model(stream).responses[ThreatId("TH-1")].kind


def rows(harness: AccessHarness, stream: StreamId) -> int:
    counted = "SELECT count(*) FROM open_forms WHERE stream = ?"
    return int(harness.store.database.current().execute(counted, (stream,)).fetchone()[0])


def flows(harness: AccessHarness, *lines: str) -> Command:
    drawn, _ = parse_flows("\n".join(lines))
    return DrawFlows(by=person_id_of(ANA), at=harness.now(), flows=tuple(drawn))
