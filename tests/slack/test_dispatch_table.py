"""Whoever adds a word, a form, a button or an event is told what was forgotten."""

import re
from pathlib import Path

import pytest

import bot.slack
from bot.manifest import build_manifest, manifest_yaml
from bot.slack.handlers.dispatch_table import BUTTON_HANDLERS, EVENT_HANDLERS, SHORTCUTS, SUBMISSION_HANDLERS
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.protocol.app_ids import DRAFT_SHORTCUT, IMPORT_SHORTCUT, REPORT_SHORTCUT, START_SHORTCUT
from bot.slack.protocol.targets import ButtonKind, Target
from bot.slack.ui.forms.form import FormSubmission
from bot.slack.ui.modals.modal_registry import FORMS
from tests.slack.tracker_screens import TRACKER_FORMS

SLACK = Path(bot.slack.__file__).parent


def test_the_manifest_offers_what_is_answered_and_no_more() -> None:
    described = manifest_yaml(build_manifest("socket", public_url="https://threatmodel.example"))
    assert f"[{' | '.join(SLASH_WORDS)}]" in described
    heard = described.partition("bot_events:")[2].partition("interactivity:")[0]
    assert re.findall(r'- "(.+)"', heard) == [*EVENT_HANDLERS]


def test_every_shortcut_is_answered() -> None:
    assert set(SHORTCUTS) == {START_SHORTCUT, REPORT_SHORTCUT, IMPORT_SHORTCUT, DRAFT_SHORTCUT}


def test_every_kind_of_button_has_a_listener() -> None:
    assert set(BUTTON_HANDLERS) == set(ButtonKind)


def test_every_form_is_declared_and_answered_when_it_is_submitted() -> None:
    assert set(SUBMISSION_HANDLERS) == set(FormSubmission) == {form.submission for form in FORMS.values()}


def test_every_form_says_which_command_it_leads_to_or_is_one_of_those_that_everyone_may_open() -> None:
    without = {name for name in FORMS if FORMS[name].command_asked(Target(name=name)) is None}
    assert without == {
        "start",  # there is no model yet
        "import",
        "move",  # the button says which step
        "ballot",  # the voting paper says who may vote
        "explain",
        "snooze",
        "hours",  # about the person alone
        "workspace",  # for administrators, whom only Slack and the settings know
        "look_back",
        "changes_since",
        *TRACKER_FORMS,
    }


HANDLERS = [
    path
    for pattern in ("slash_commands/*.py", "submissions/*.py", "*_handlers.py", "modal_*.py", "draft_sub*.py")
    for path in sorted((SLACK / "handlers").glob(pattern))
]


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: path.stem)
def test_no_handler_calls_slack_itself(handler: Path) -> None:
    source = handler.read_text(encoding="utf-8")
    for forbidden in (
        "slack_sdk",
        "slack_bolt",
        "web_api_client",
        "SlackApi",
        "sqlite",
        "bot.slack.handlers.follow_ups",
    ):
        assert forbidden not in source, f"{handler.name} waits for {forbidden}"


def test_each_file_of_handlers_is_looked_at() -> None:
    assert {path.stem for path in HANDLERS} > {
        "modal_buttons",
        "event_handlers",
        "draft_submission",
        "form_submission",
        "command_table",
    }
