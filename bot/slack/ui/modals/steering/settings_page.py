"""Page of settings, and its forms: of a model, a person and the workspace."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TypeVar

from bot.slack.protocol.block_builders import (
    Block,
    View,
    button_row,
    confirm,
    divider,
    modal,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import Action, StaleButton
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormContext,
    FormData,
    FormSubmission,
    PersonHours,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    ChoiceField,
    Divider,
    FormPart,
    Option,
    Paragraph,
    PeopleField,
    SubmittedValues,
    TextField,
    TimeField,
)
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import person_name
from domain.commands import (
    ChooseLabels,
    ChooseParticipants,
    ChoosePolicy,
    ChooseTerms,
    HandOver,
    ReviseScope,
    TakeOver,
)
from domain.dread.scoring import Band
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy, ReminderFrequency
from domain.kernel.text_formatting import Naming, count_phrase, join_list
from domain.register import ThreatRegister
from domain.rejections import ContentMissing
from domain.working_hours import WEEKDAYS, ChooseWorkingHours, WorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience, WorkspaceSettings


def policy_line(band: Band, policy: BandPolicy, naming: Naming) -> str:
    """Return the policy for a band in one line of mrkdwn."""
    due = f"due after {policy.due_days} days" if policy.due_days is not None else "no suggested due date"
    named = " or ".join(person_name(naming, approver) for approver in policy.approvers)
    by = named or "any participant except the proposer"
    return f"*{band.capitalize()}*: {due}; accepted for at most {policy.accepted_days} days by {by}"


def _policy(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    return [
        Paragraph(text=_inheritance(register.own_bands)),
        CheckboxesField(
            key="own",
            label="Own values of this model",
            hint=(
                "The other bands follow the workspace settings. A band that you change becomes the model's "
                "own."
            ),
            options=tuple(Option(value=band, text=band.capitalize()) for band in reversed(Band)),
            initial=tuple(register.own_bands),
        ),
        *band_fields(register.policy),
    ]


def _inheritance(own: Collection[Band]) -> str:
    inherited = [band.capitalize() for band in reversed(Band) if band not in own]
    if not inherited:
        return "All values are this model's own. None is inherited from the workspace settings."
    listed = "All values" if not own else f"The values of {join_list(inherited)}"
    return f"{listed} are inherited from the workspace settings and change with them."


def band_fields(policy: RemediationPolicy) -> list[FormPart]:
    """Return the fields of a policy: for each band the due date, the acceptance and its approvers."""
    parts: list[FormPart] = [
        Paragraph(
            text=(
                "Due dates are suggested for new mitigations, counted from the closing of the round. "
                "Accepted risks and overrides of conditions end after the given number of days. Unscored "
                "threats count as critical."
            )
        )
    ]
    for band in reversed(Band):
        known, name = policy.of(band), band.capitalize()
        parts += [
            _days_field(
                f"due_{band}", f"{name}: mitigations are due after", _DUE_DAYS, known.due_days, optional=True
            ),
            _days_field(
                f"accepted_{band}",
                f"{name}: risks are accepted for at most",
                _ACCEPTED_DAYS,
                known.accepted_days,
            ),
            PeopleField(
                key=f"approvers_{band}",
                label=f"{name}: approvers",
                hint="Only these people can approve. If empty, any participant except the proposer can.",
                initial=known.approvers,
            ),
        ]
    return parts


def _days_field(
    key: str, label: str, offered: Sequence[int], known: int | None, *, optional: bool = False, hint: str = ""
) -> ChoiceField:
    """Return the choice of a number of days, among them the one that was chosen before."""
    every = sorted({*offered, *([known] if known is not None else [])})
    options = [Option(value=str(days), text=f"{days} days") for days in every]
    if optional:
        options.append(Option(value=_NO_DATE, text="No suggested date"))
    initial = _NO_DATE if known is None else str(known)
    return ChoiceField(
        key=key, label=label, hint=hint, required=True, options=tuple(options), initial=initial
    )


def submitted_policy(values: SubmittedValues) -> RemediationPolicy:
    """Return the policy of the submitted fields; raises StaleButton for an unknown number."""

    def days(key: str) -> int | None:
        text = values.text(key)
        if text == _NO_DATE and key.startswith("due"):
            return None
        if not (text.isascii() and text.isdecimal()):
            raise StaleButton
        return int(text)

    policies = {
        str(band): BandPolicy(
            due_days=days(f"due_{band}"),
            accepted_days=days(f"accepted_{band}") or 0,
            approvers=values.people(f"approvers_{band}"),
        )
        for band in Band
    }
    return RemediationPolicy(**policies)


POLICY = Form(
    name="policy",
    command_type=ChoosePolicy,
    title="Remediation policy",
    parts=_policy,
    build_command=lambda entry: entry.command(
        ChoosePolicy,
        policy=submitted_policy(entry.values),
        own=[band for band in Band if band in entry.values.many("own")]
        if "own" in entry.values.by_key
        else None,
    ),
)

_NO_DATE = "none"
_DUE_DAYS = (7, 14, 30, 60, 90, 180)
_ACCEPTED_DAYS = (30, 60, 90, 180, 365, 730)


def time_zone_text(zone: str) -> str:
    """Return the time zone of hours and days, and where to change it."""
    if not zone:
        return "Slack does not provide your time zone, so UTC is used."
    return f"Your time zone is {escape(zone)}. It comes from your Slack profile: change it in Slack."


def _hours_fields(hours: WorkingHours, label: str) -> list[FormPart]:
    return [
        CheckboxesField(
            key="days",
            label=label,
            options=tuple(Option(value=str(number), text=day) for number, day in enumerate(WEEKDAYS, 1)),
            initial=tuple(map(str, hours.days)),
            required=True,
        ),
        TimeField(key="starts", label="From", required=True, initial=hours.starts),
        TimeField(key="ends", label="Until", required=True, initial=hours.ends),
    ]


_WithHours = TypeVar("_WithHours", ChooseWorkingHours, ChooseWorkspaceSettings)


def _hours_command(entry: Entry, command: type[_WithHours], **given: object) -> _WithHours:
    """Return a command with the submitted hours; raises ContentMissing without one of them."""
    for key in ("starts", "ends"):
        if entry.values.time_of_day(key) is None:
            raise ContentMissing("Choose a time.", field=key)
    return entry.command(command, days=entry.values.many("days"), **given)


def _own_hours(opening: FormContext) -> Sequence[FormPart]:
    own = opening.find(PersonHours) or PersonHours()
    return [
        Paragraph(text="Reminders are sent only in these hours."),
        *_hours_fields(own.hours, "Days"),
        Paragraph(text=time_zone_text(own.zone)),
    ]


HOURS = Form(
    name="hours",
    submission=FormSubmission.WORKING_HOURS,
    for_everyone=True,
    writes=WriteEffect.OWN,
    needs=FormData.OWN_HOURS,
    title="Working hours",
    parts=_own_hours,
    build_command=lambda entry: _hours_command(entry, ChooseWorkingHours),
)


def _settings(opening: FormContext) -> Sequence[FormPart]:
    settings = opening.find(WorkspaceSettings) or WorkspaceSettings()
    return [
        Paragraph(
            text=(
                "These settings apply to the whole workspace. A model that has settings of its own keeps "
                "them; all other models follow."
            )
        ),
        PeopleField(
            key="administrators",
            label="Administrators",
            hint=(
                "These people can change the settings. Owners and administrators of the Slack workspace "
                "always can."
            ),
            initial=settings.administrators,
        ),
        Divider(),
        Paragraph(
            text=(
                "*Working hours*\nReminders are sent only in these hours, in the time zone of each person. "
                "People can choose their own hours on their Home tab."
            )
        ),
        *_hours_fields(settings.hours, "Working days"),
        TextField(
            key="holidays",
            label="Holidays",
            hint="Days without reminders for anyone: one date a line, such as 2026-12-25.",
            lines=True,
            limit=_HOLIDAYS,
            initial="\n".join(day.isoformat() for day in settings.holidays),
        ),
        Divider(),
        Paragraph(text="*Reminders and reviews*"),
        ChoiceField(
            key="reminders",
            label="Reminders to mitigation owners",
            options=tuple(Option(value=each.value, text=each.label) for each in ReminderFrequency),
            initial=settings.inherited.reminders.value,
            radio=True,
            required=True,
        ),
        _days_field(
            "review",
            "Next review after closing",
            _REVIEW_DAYS,
            settings.inherited.review_days,
            hint="The form for closing a model proposes this date.",
        ),
        Divider(),
        Paragraph(text="*Remediation policy*"),
        *band_fields(settings.inherited.policy),
        Divider(),
        Paragraph(
            text=(
                "*Portfolio*\nThe portfolio shows the models of several channels side by side. Everyone sees "
                "the models of their own channels only."
            )
        ),
        ChoiceField(
            key="audience",
            label="Portfolio visible to",
            options=tuple(Option(value=each.value, text=_AUDIENCES[each]) for each in PortfolioAudience),
            initial=settings.audience.value,
            required=True,
        ),
        PeopleField(
            key="portfolio_people",
            label="People who see the portfolio",
            hint=f"Used only with “{_AUDIENCES[PortfolioAudience.NAMED]}”.",
            initial=settings.portfolio_people,
        ),
    ]


def holidays_of(text: str) -> tuple[date, ...]:
    """Return the dates of a text, one a line or separated by commas; raises StaleButton with a wrong one."""
    found: list[date] = []
    for word in text.replace(",", "\n").split("\n"):
        if not (day := word.strip()):
            continue
        try:
            found.append(datetime.strptime(day, "%Y-%m-%d").date())  # noqa: DTZ007 (a date has no zone)
        except ValueError as fault:
            wrong = clip(one_line(day), _WRONG)
            raise StaleButton(
                f"“{wrong}” is not a date. Enter one date a line, such as 2026-12-25."
            ) from fault
    return tuple(found)


def _wrong(values: SubmittedValues) -> dict[str, str]:
    try:
        holidays_of(values.text("holidays"))
    except StaleButton as wrong:
        return {"holidays": str(wrong)}
    return {}


def _choose(entry: Entry) -> ChooseWorkspaceSettings:
    return _hours_command(
        entry,
        ChooseWorkspaceSettings,
        policy=submitted_policy(entry.values),
        holidays=holidays_of(entry.text("holidays")),
        review_days=entry.text("review"),
    )


WORKSPACE = Form(
    name="workspace",
    submission=FormSubmission.WORKSPACE_SETTINGS,
    needs=FormData.WORKSPACE_SETTINGS,
    title="Workspace settings",
    parts=_settings,
    validate=_wrong,
    build_command=_choose,
)

_AUDIENCES = {
    PortfolioAudience.EVERYONE: "All members of the workspace",
    PortfolioAudience.ADMINISTRATORS: "Administrators only",
    PortfolioAudience.NAMED: "Named people and administrators",
}
_REVIEW_DAYS = (30, 90, 180, 365, 730)
_HOLIDAYS = 1_500
_WRONG = 40


def people_text(showing: PageData) -> str:
    """Return the facilitator, and the number of participants."""
    register = showing.register
    facilitator = f"{person_name(showing.naming, register.facilitator)} is the facilitator"
    if not register.participants:
        return f"{facilitator}; all members of the channel participate"
    return f"{facilitator}; {count_phrase(len(register.participants), 'person', 'people')} participate"


def steering_buttons(showing: PageData) -> list[Block]:
    """Return the buttons that change the model as a whole."""
    register, make = showing.register, ModelButtons(showing.target.stream, back=showing.target.name)
    buttons = [
        make.opens(label, form)
        for command, form, label in (
            (ReviseScope, "scope", "Name and scope"),
            (ChooseLabels, "labels", "Labels"),
            (ChooseParticipants, "participants", "Participants"),
            (HandOver, "hand_over", "Reassign facilitator"),
        )
        if register.allows(command)
    ]
    buttons.append(make.shows("Tracker", "trackers"))
    if register.allows(TakeOver) and showing.reader != register.facilitator:
        facilitator = clip(one_line(showing.naming(register.facilitator)), _NAME)
        asked = confirm(
            "Take over as facilitator?",
            f"You replace {facilitator} as the facilitator. The change is posted in the thread.",
            yes="Take over",
        )
        buttons.append(make.does("Take over", Action.TAKE_OVER, confirm=asked))
    return buttons


_NAME = 60


INHERITED = " (workspace settings)"
"""The mark of a value that is inherited from the workspace."""


def settings_page(showing: PageData) -> View:
    """Return the reader's settings, and those of the model from which the page was opened."""
    hours = f"Working hours: *{showing.hours.text}*\n{time_zone_text(showing.zone)}"
    blocks = [section("*My settings*"), _changed_by(showing, hours, "hours", "Change my working hours")]
    if showing.model is not None:
        blocks += [divider(), *_this_model(showing)]
    return modal("Settings", blocks, target=showing.target)


SETTINGS = Page(name="settings", show=settings_page, source=PageSource.WORKING_HOURS)


def _changed_by(showing: PageData, text: str, form: str, spoken: str) -> Block:
    make = ModelButtons(showing.target.stream, back="settings")
    return section(text, accessory=make.opens("Change", form, spoken=spoken))


def _this_model(showing: PageData) -> list[Block]:
    register = showing.register
    labels = ", ".join(map(escape_name, register.labels))
    labeled = f"\nLabels: {labels}" if labels else ""
    text = f"*This model*: {escape_name(register.name)} · {register.key}\n{people_text(showing)}{labeled}"
    blocks = [section(text), *button_row(*steering_buttons(showing))]
    for command, words, form, spoken in (
        (ChooseTerms, _votes_text(register), "terms", "Change votes and reminders"),
        (ChoosePolicy, _policy_text(register, showing.naming), "policy", "Change the policy"),
    ):
        allowed = register.allows(command)
        blocks.append(_changed_by(showing, words, form, spoken) if allowed else section(words))
    return blocks


def _votes_text(register: ThreatRegister) -> str:
    """Return the defaults of voting rounds, and the frequency of reminders."""
    terms = register.terms
    quorum = f"{terms.quorum} voters" if terms.quorum else "half of the voters, at least three"
    inherited = "" if register.own_reminders else INHERITED
    return (
        f"Voting defaults: quorum *{quorum}*; Discoverability *{terms.discoverability.label}*\n"
        f"Mitigation reminders: *{terms.reminders.label}*{inherited}"
    )


def _policy_text(register: ThreatRegister, naming: Naming) -> str:
    """Return when mitigations are due, and who may approve accepted risks and overrides, by band."""
    lines = [
        policy_line(band, register.policy.of(band), naming)
        + ("" if band in register.own_bands else INHERITED)
        for band in reversed(Band)
    ]
    return "\n".join(["*Remediation policy*", *lines])
