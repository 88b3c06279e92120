"""A file that was dropped into a channel becomes a threat model, once somebody has seen what it would be."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from bot.formats import FORMATS
from bot.formats.import_preview import ImportPreview
from bot.formats.importers.untrusted_document import MAX_BYTES
from bot.manifest import build_manifest
from bot.sandbox.api import VisibleMessage, VisibleView
from bot.slack.directory.member_directory import Directory
from bot.slack.handlers import file_reader
from bot.slack.handlers.file_reader import FileReader
from bot.slack.handlers.handler_responses import OpenView, ReadFile
from bot.slack.protocol.app_ids import IMPORT_SHORTCUT, SCOPES
from bot.slack.protocol.requests import Origin
from bot.slack.protocol.targets import ImportTarget, Target
from bot.slack.queries.pending_imports import KEPT_FOR, PendingImports
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.modals.modal_registry import FORMS
from domain.events import Erased, ScopeRevised
from domain.kernel.elements import ChannelId, PersonId
from domain.replay import replay
from tests.formats.export_sources import example_events, export_source_named
from tests.formats.model_comparison import comparable_content
from tests.slack.limit_checks import view_faults
from tests.slack.slack_team import SlackTeam, run_bot
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
    fewer = {"scopes": {"bot": [one for one in SCOPES if one != "files:read"]}}
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
    return [one for one in team.person("ben").sees("@threatmodel") if one.ephemeral]


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
        import_preview=seen,
        shared=True,
    )
    shown = FORMS["import"].render(opening)
    assert view_faults(shown) == []
    assert "959 more" in json.dumps(shown)
    assert view_faults(FORMS["import"].render(replace(opening, import_preview=None))) == []
