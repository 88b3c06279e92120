"""A file that was dropped into a channel becomes a threat model, once somebody has seen what it would be."""

import json
from collections.abc import Generator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.formats import FORMATS
from bot.formats.import_preview import ImportPreview
from bot.formats.importers.untrusted_document import MAX_BYTES
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, VisibleMessage, VisibleView
from bot.slack.directory.member_directory import Directory
from bot.slack.handlers import file_reader
from bot.slack.handlers.file_reader import FileReader
from bot.slack.handlers.handler_responses import OpenView, ReadFile
from bot.slack.handlers.modal_loading import load_form, load_page
from bot.slack.protocol.app_ids import IMPORT_SHORTCUT, SCOPES
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import Origin
from bot.slack.protocol.targets import ImportTarget, Target
from bot.slack.queries.pending_imports import KEPT_FOR, PendingImports
from bot.slack.ui.forms.form import FilePreview, FormContext
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import StreamId, key_of
from domain.commands import DeclineAcceptance, ReassignApproval
from domain.decide.size_limits import SizeLimits
from domain.events import Erased, ScopeRevised
from domain.history import timeline
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.mitigation import MitigationState
from domain.replay import replay
from tests.domain.voting_story import TH1, TH2
from tests.formats.export_sources import example_events, export_source_named
from tests.formats.forged_history import APPROVED, MI1, forged_file
from tests.formats.model_comparison import comparable_content
from tests.queue_rows import are_waiting
from tests.slack.access_harness import (
    AccessHarness,
    channel_id_of,
    input_blocks,
    open_access_harness,
    person_id_of,
)
from tests.slack.limit_checks import view_faults
from tests.slack.remediation_steps import execute_commands
from tests.slack.slack_team import SlackTeam, run_bot
from tests.slack.voting_steps import direct_messages_of
from tests.waiting import patient_sandbox

OTM: dict[str, object] = {"otmVersion": "0.2.0", "project": {"name": "The shed", "id": "shed", "budget": 7}}


def dropped(
    team: SlackTeam, content: bytes | str | dict[str, object], name: str = "shed.otm.json"
) -> VisibleMessage:
    team.read_channel()
    held = json.dumps(content) if isinstance(content, dict) else content
    return team.person("ben").upload("#house", name, held)


def previewed(team: SlackTeam, message: VisibleMessage, who: str = "ben") -> VisibleView:
    team.person(who).message_shortcut(message, IMPORT_SHORTCUT)
    return team.modal(who, "Import threat model")


def said_no(team: SlackTeam, message: VisibleMessage, who: str = "ben") -> str:
    """What somebody reads in the form that was to show the file."""
    team.person(who).message_shortcut(message, IMPORT_SHORTCUT)
    seen = team.modal(who, "Not possible")
    team.person(who).close(all_of_them=True)
    return seen.plain


def imported(team: SlackTeam, message: VisibleMessage, who: str = "ben") -> VisibleView:
    previewed(team, message, who)
    team.submit(who)
    return team.modal(who, "Saved")


def test_the_house_comes_over_and_its_card_appears(either_way: SlackTeam) -> None:
    team = either_way
    message = dropped(team, FORMATS["otm"].write(export_source_named("house")), "house.otm.json")
    seen = previewed(team, message)
    assert "The file was read as Open Threat Model" in seen.plain
    assert "3 external dependencies, 3 entry points" in seen.plain
    assert "Nothing is stored until you press" in seen.plain
    assert team.streams == [], "a preview stores nothing"
    team.submit("ben")
    saved = team.modal("ben", "Saved")
    assert "TM-1 “The House” was created from your file" in saved.plain
    model, before = team.model(), replay(example_events("house"))
    assert comparable_content(model)["elements"] == comparable_content(before)["elements"]
    assert len(model.threats) == len(before.threats)
    told = [one for one in team.store.events(team.streams[0]) if not isinstance(one, Erased)]
    assert {event.by for event in told} == {team.person("ben").id} == {model.facilitator}
    team.card("The House · TM-1")


def test_what_has_no_counterpart_is_listed_and_another_name_is_one_more_event(team: SlackTeam) -> None:
    seen = previewed(team, dropped(team, OTM))
    assert "Changed or not imported" in seen.plain
    assert "“budget” of the project" in seen.plain
    team.person("ben").fill("Name", "The garden shed")
    team.submit("ben")
    team.modal("ben", "Saved")
    assert team.model().name == "The garden shed"
    *_, last = team.store.events(team.streams[0])
    assert isinstance(last, ScopeRevised)
    team.card("The garden shed · TM-1")


def test_a_history_keeps_its_authors_and_whoever_imports_it_steers(team: SlackTeam) -> None:
    message = dropped(team, FORMATS["events"].write(export_source_named("house")), "house.events.jsonl")
    assert "attributed to the people named in the file (not verified)" in previewed(team, message).plain
    team.person("ben").fill("Name", "The House, once more")
    team.submit("ben")
    team.modal("ben", "Saved")
    model, before = team.model(), replay(example_events("house"))
    assert (model.name, model.facilitator) == ("The House, once more", team.person("ben").id)
    assert model.assumptions == before.assumptions
    first = next(team.store.events(team.streams[0], until=1))
    assert not isinstance(first, Erased)
    assert first.by == before.facilitator
    team.card("The House, once more · TM-1")
    told = team.unit.thread_messages.announced(team.streams[0]).version
    assert told == model.version - 2, "only who took over, and the name, is news here; no old round is"


def test_a_file_is_imported_once_by_a_person(team: SlackTeam) -> None:
    message = dropped(team, OTM)
    imported(team, message)
    team.sandbox.repeat(team.sandbox.last_act)
    assert len(team.streams) == 1, "the same press"
    team.person("ben").close(all_of_them=True)
    assert "as TM-1" in said_no(team, message)
    assert "as TM-1" in said_no(team, dropped(team, OTM, "another-name.json"))
    imported(team, message, "chi")
    assert len(team.streams) == 2, "somebody else may want it, too"


def test_what_cannot_be_imported_is_refused_in_a_sentence(team: SlackTeam) -> None:
    sentences: dict[str, bytes | str | dict[str, object]] = {
        "is not supported. Import one of: Open Threat Model": {"hello": "world"},
        "not UTF-8 text": "Hütte".encode("latin-1"),
        "The limit is 5 MB": b"[" + b" " * MAX_BYTES,
        "nested more than 60 levels": "[" * 99 + "]" * 99,
    }
    for sentence, content in sentences.items():
        assert sentence in said_no(team, dropped(team, content))
    gone = dropped(team, OTM)
    team.sandbox.workspace.files.delete(gone.files[0].id)
    assert "The bot cannot access this file" in said_no(team, gone)
    assert team.streams == []


def test_a_message_must_have_one_file(team: SlackTeam) -> None:
    two = [dropped(team, OTM).files[0].id for _ in range(2)]
    said = team.person("ben").say("#house", "Look!")
    both = team.sandbox.workspace.post(
        channel=said.channel, author=team.person("ben").id, text="Both", blocks=(), files=two
    )
    shown = next(one for one in team.person("ben").sees("#house") if one.ts == both.ts)
    for message, sentence in ((said, "This message has no file"), (shown, "This message has 2 files")):
        team.person("ben").message_shortcut(message, IMPORT_SHORTCUT)
        team.private_message("ben", sentence)


def test_slack_that_does_not_hand_it_over_is_named(team: SlackTeam) -> None:
    message = dropped(team, OTM)
    for trouble, sentence in (
        ("missing_scope", "permission “files:read”"),
        ("file_deleted", "This file was deleted"),
        ("server_error", "Slack did not return the file"),
        ("quite_new_error", "refused access to this file (quite_new_error)"),
    ):
        team.sandbox.faults.fail_next("files.info", trouble)
        assert sentence in said_no(team, message)


def test_without_the_permission_people_read_who_can_give_it(tmp_path: Path) -> None:
    fewer = {"scopes": {"bot": [scope for scope in SCOPES if scope != "files:read"]}}
    with (
        patient_sandbox(manifest={**build_manifest("socket"), "oauth_config": fewer}) as sandbox,
        run_bot(tmp_path / "bot.db", sandbox=sandbox) as team,
    ):
        assert "permission “files:read”" in said_no(team, dropped(team, OTM))


def test_in_a_direct_message_people_read_where_models_live(team: SlackTeam) -> None:
    message = team.person("ben").upload("@threatmodel", "shed.json", json.dumps(OTM))
    team.person("ben").message_shortcut(message, IMPORT_SHORTCUT)
    team.wait(lambda: any("Threat models belong to channels" in one.plain for one in told_directly(team)))


def told_directly(team: SlackTeam) -> Sequence[VisibleMessage]:
    return [message for message in team.person("ben").sees("@threatmodel") if message.ephemeral]


def test_a_channel_of_several_organisations_takes_one_from_an_administrator_only(team: SlackTeam) -> None:
    message = dropped(team, OTM)
    team.sandbox.change_person("ana", is_admin=True)
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.read_channel()
    team.person("ben").message_shortcut(message, IMPORT_SHORTCUT)
    team.private_message("ben", "shared with another organization")
    assert "you allow this by pressing Import" in previewed(team, message, "ana").plain
    team.submit("ana")
    team.modal("ana", "Saved")
    assert team.model().sharing_allowed
    team.card("The shed · TM-1")


def test_a_channel_that_is_shared_after_the_preview_refuses_the_others(team: SlackTeam) -> None:
    previewed(team, dropped(team, OTM))
    team.sandbox.change_channel("#house", is_ext_shared=True)
    house_id = ChannelId(team.sandbox.workspace.channel("#house").id)
    known = Directory(team.unit)
    team.wait(lambda: (channel := known.channel(house_id)) and channel.shared)
    team.submit("ben")
    team.wait(lambda: (seen := team.person("ben").modal) and seen.errors)
    assert team.streams == []


def test_a_pending_import_expires_after_a_day_and_no_other(team: SlackTeam) -> None:
    previewed(team, dropped(team, OTM))
    drafts, view = PendingImports(team.unit.imports), team.person("ben").modal

    def forget(after: timedelta) -> None:
        team.store.housekeeping.forget_before({"pending_imports": team.now() + after - KEPT_FOR})

    assert view is not None
    target = json.loads(view.private_metadata)
    where, ben = ChannelId(target["c"]), PersonId(team.person("ben").id)
    assert drafts.find(where, PersonId(team.person("chi").id), target["d"]) is None
    forget(timedelta(hours=23))
    assert drafts.find(where, ben, target["d"]) is not None
    with team.store.database.writing() as connection:
        connection.execute("UPDATE pending_imports SET preview = ? WHERE person = ?", (b"{}", ben))
    assert drafts.find(where, ben, target["d"]) is None, "another release wrote it"
    forget(timedelta(hours=25))
    team.submit("ben")
    seen = team.person("ben").modal
    assert seen is not None
    assert "has expired after one day" in " ".join(seen.errors.values())


def test_so_many_files_are_read_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reader, "MAX_PARALLEL", 0)
    busy = FileReader(cast("Any", None), cast("Any", None))
    opened = OpenView(trigger_id="1", origin=Origin(person=PersonId("UBEN")), view={})
    shown = busy.read(ReadFile(opened=opened, target=Target(channel="C0HOUSE", element="F1")), "V1")
    assert "Other files are being imported" in json.dumps(shown.view)


def test_the_word_says_how_it_goes(team: SlackTeam) -> None:
    team.command("dee", "/threatmodel upload")
    said = team.private_message("dee", "Upload the file to this channel")
    assert "Import as threat model" in said
    assert "Threat Dragon 2" in said


def test_a_form_with_an_expired_trigger_is_offered_again(team: SlackTeam) -> None:
    message = dropped(team, OTM)
    team.sandbox.faults.fail_next("views.open", "expired_trigger_id")
    team.person("ben").message_shortcut(message, IMPORT_SHORTCUT)
    team.private_message("ben", "three seconds that Slack allows")
    offered = next(one for one in team.person("ben").sees("#house") if one.ephemeral)
    team.person("ben").click(offered, "Open again")
    team.modal("ben", "Import threat model")


@pytest.mark.parametrize("words", ["x" * 5_000, "<!channel> &amp; `*_~", "\u202e\n\n" * 90, "☂️" * 500])
def test_a_preview_keeps_to_slacks_limits_whatever_is_in_the_file(words: str) -> None:
    seen = ImportPreview(
        title=words, name=words[:75] or "?", parts=(), events=9_999, past=True, notes=(words or "?",) * 999
    )
    opening = FormContext(
        target=ImportTarget(name="import", channel="C0HOUSE", element="F0FILE", sha256="f" * 64),
        person=PersonId("UBEN"),
        loaded=FilePreview(preview=seen, shared=True),
    )
    shown = FORMS["import"].render(opening)
    assert view_faults(shown) == []
    assert "959 more" in json.dumps(shown)
    assert view_faults(FORMS["import"].render(replace(opening, loaded=None))) == []


WORDS_OF_THE_FILE = ("The House", "plumber", "glue", "garage", "Rare", "badge", "sign at the door")


def forged_for(team: SlackTeam) -> bytes:
    """The forged history with the people of the workspace; Dee has left the channel."""
    people = {f"U{one.upper()}": team.person(one).id for one in ("ana", "ben", "chi", "dee")}
    until = (team.now() + timedelta(days=60)).date().isoformat()
    return forged_file(APPROVED, {**people, "2026-05-01": until})


def imported_by_chi(team: SlackTeam) -> VisibleMessage:
    """Import the file by Chi alone; return the message that Ben gets."""
    imported(team, dropped(team, forged_for(team), "house.events.jsonl"), "chi")
    team.person("chi").close(all_of_them=True)
    team.card("The House · TM-1", "statements before that are not verified")
    team.wait(lambda: direct_messages_of(team, "ben"))
    (asked,) = direct_messages_of(team, "ben")
    return asked


def test_a_member_named_for_approvals_is_asked_once_without_a_word_of_the_file(team: SlackTeam) -> None:
    asked = imported_by_chi(team)

    assert "imported TM-1 from a file" in asked.plain
    assert "approved 1 accepted risk, verified 1 mitigation and confirmed the screening" in asked.plain
    assert not [word for word in WORDS_OF_THE_FILE if word in asked.plain + asked.text]
    # After an erasure, everything is projected again.
    team.store.erase(team.streams[0], (2,))
    team.card("The House · TM-1")
    team.wait_for_channels()
    team.wait(lambda: not are_waiting(team.store.work, TEAM_ID, ("claims", "claim")))
    assert len(direct_messages_of(team, "ben")) == 1
    for voter in ("ana", "chi", "dee"):
        assert direct_messages_of(team, voter) == [], "nobody is asked about votes"


def test_what_the_member_confirms_on_the_page_becomes_theirs(team: SlackTeam) -> None:
    team.person("ben").click(imported_by_chi(team), "Review")
    page = team.modal("ben", "Imported approvals")
    assert "The plumber" in page.plain, "the details are on the page"
    assert "Ask for a badge" in page.plain
    assert TH1 not in team.model().responses
    team.person("ben").click(page, "Open")
    team.person("ben").click(team.modal("ben", "TH-1 in the plan"), "Approve")
    team.wait(lambda: TH1 in team.model().responses)
    assert team.model().responses[TH1].approver == team.person("ben").id
    assert team.model().mitigations[MI1].state is MitigationState.IMPLEMENTED
    assert TH2 not in team.model().proposals


def test_people_outside_of_the_channel_are_not_asked(team: SlackTeam) -> None:
    team.read_channel()
    team.person("ben").leave("#house")
    team.read_channel()
    imported(team, dropped_by_ana(team), "chi")
    team.card("The House · TM-1")
    team.wait_for_channels()
    assert direct_messages_of(team, "ben") == []


def dropped_by_ana(team: SlackTeam) -> VisibleMessage:
    return team.person("ana").upload("#house", "house.events.jsonl", forged_for(team))


def test_whom_the_importer_asks_is_asked_as_usual_and_the_importer_gets_the_answer(team: SlackTeam) -> None:
    imported_by_chi(team)
    chi, dee = (PersonId(team.person(one).id) for one in ("chi", "dee"))
    asking = ReassignApproval(by=chi, at=team.now(), threat=TH1, approver=dee)
    execute_commands(team, asking)
    team.wait(lambda: direct_messages_of(team, "dee"))
    assert "The plumber" in direct_messages_of(team, "dee")[0].plain

    execute_commands(team, DeclineAcceptance(by=dee, at=team.now(), threat=TH1, reason="Not so rare"))
    team.wait(lambda: any("Not so rare" in sent.plain for sent in direct_messages_of(team, "chi")))
    assert direct_messages_of(team, "ana") == [], "the proposal is not that of the person in the file"


UNAVAILABLE = "This model is no longer available to you"


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    with open_access_harness(tmp_path_factory.mktemp("templates") / "threatmodel.db") as opened:
        yield opened


def opened_by(harness: AccessHarness, who: str, place: str = "public") -> View:
    target = Target(name="start", channel=channel_id_of(place))
    return load_form(harness.services, target, person_id_of(who))


def offered_to(harness: AccessHarness, who: str) -> list[str]:
    fields = [one for one in input_blocks(opened_by(harness, who)) if one["block_id"].startswith("template")]
    return [one["value"] for field in fields for one in field["element"]["options"]]


def start_from(harness: AccessHarness, who: str, key: str, place: str = "public") -> str:
    """Submit the form with this model, whether it was offered or not."""

    def filled(block: dict[str, Any]) -> dict[str, Any]:
        name, element = block["block_id"].partition(":")[0], block["element"]
        if name.startswith("template"):
            return {"type": element["type"], "selected_option": {"value": key}}
        return {"type": element["type"], "value": "The Shed" if name.startswith("name") else None}

    return harness.submit(who, opened_by(harness, who, place), filled)


def streams(harness: AccessHarness) -> list[StreamId]:
    return [stream.stream for stream in harness.store.streams()]


def test_models_of_the_persons_channels_are_offered_and_no_others(harness: AccessHarness) -> None:
    places = {place: key_of(harness.begin(place)) for place in ("public", "private", "left")}
    assert {places["public"], places["private"]} <= {*offered_to(harness, "member")}
    assert places["left"] not in offered_to(harness, "member"), "nobody can say who is in that channel"
    assert [offered_to(harness, who) for who in ("stranger", "gone", "bot", "alien")] == [[]] * 4


def test_a_model_starts_with_the_elements_and_answers_of_another(harness: AccessHarness) -> None:
    source = harness.begin("private")
    before = harness.command_handler.model(source)
    said = start_from(harness, "member", key_of(source))
    (stream,) = (one for one in streams(harness) if harness.command_handler.model(one).name == "The Shed")
    model = harness.command_handler.model(stream)
    copied = f"{len(before.elements)} elements and {len(before.facts)} answers"
    assert f"was created from {key_of(source)} with {copied}." in said
    assert {*model.elements} == {*before.elements}
    assert dict(model.facts.items()) == dict(before.facts.items())
    assert before.threats
    assert not model.threats
    assert model.channel == channel_id_of("public")
    history = timeline([event.event for event in harness.services.command_handler.events(stream)])
    assert f"from {key_of(source)}" in history[0].text


def test_the_history_page_shows_the_beginning_as_one_entry(harness: AccessHarness) -> None:
    source = harness.begin("private")
    start_from(harness, "member", key_of(source))
    stream = streams(harness)[-1]
    copied = harness.command_handler.model(stream).version - 1
    page = str(load_page(harness.services, Target(name="history", stream=stream), person_id_of("member")))
    assert f"from {key_of(source)}: {copied} elements and answers" in page
    assert "*1 entry*" in page


def test_a_model_that_the_person_cannot_see_looks_like_one_that_does_not_exist(
    harness: AccessHarness,
) -> None:
    harness.begin("private")  # so that the form offers a model
    hidden, before = harness.begin("left"), len(streams(harness))
    for key in (key_of(hidden), "TM-999", "TM-1/../x", "nothing"):
        assert UNAVAILABLE in start_from(harness, "member", key), key
    assert len(streams(harness)) == before


def test_archived_models_can_be_copied_and_erased_ones_cannot(harness: AccessHarness) -> None:
    archived = harness.begin("private")
    harness.begin("private")  # which archives the one before
    assert f"created from {key_of(archived)}" in start_from(harness, "member", key_of(archived))
    erased = harness.begin("private")
    harness.store.erase_stream(erased)
    assert key_of(erased) not in offered_to(harness, "member")
    assert UNAVAILABLE in start_from(harness, "member", key_of(erased))


def test_the_limit_of_elements_holds(tmp_path: Path) -> None:
    with open_access_harness(tmp_path / "threatmodel.db") as harness:
        source = harness.begin("private")
        harness.command_handler._limits = SizeLimits(models=9, elements=2)  # pyright: ignore[reportPrivateUsage]  as the operator sets it
        assert "The model would have" in start_from(harness, "member", key_of(source))
        assert streams(harness) == [source]
