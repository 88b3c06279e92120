"""Page of settings, and its forms: of a model, a person and the workspace."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from bot.slack.protocol.block_builders import Block, View, actions, button, confirm, divider, modal, section
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import Action, ButtonKind, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, FormData, FormSubmission, WriteEffect
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
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy, ReminderFrequency
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase, join_list
from domain.rejections import ContentMissing
from domain.working_hours import WEEKDAYS, ChooseWorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience, WorkspaceSettings


def policy_line(band: Band, policy: BandPolicy, naming: Naming) -> str:
    """Return the policy for a band in one line of mrkdwn."""
    due = f"due after {policy.due_days} days" if policy.due_days is not None else "no suggested due date"
    named = " or ".join(person_name(naming, one) for one in policy.approvers)
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
        parts += _fields(band, policy.of(band))
    return parts


def _fields(band: Band, policy: BandPolicy) -> list[FormPart]:
    due = _NO_DATE if policy.due_days is None else str(policy.due_days)
    return [
        ChoiceField(
            key=f"due_{band}",
            label=f"{band.capitalize()}: mitigations are due after",
            required=True,
            options=(
                *day_options(_DUE_DAYS, policy.due_days),
                Option(value=_NO_DATE, text="No suggested date"),
            ),
            initial=due,
        ),
        ChoiceField(
            key=f"accepted_{band}",
            label=f"{band.capitalize()}: risks are accepted for at most",
            required=True,
            options=day_options(_ACCEPTED_DAYS, policy.accepted_days),
            initial=str(policy.accepted_days),
        ),
        PeopleField(
            key=f"approvers_{band}",
            label=f"{band.capitalize()}: approvers",
            hint="Only these people can approve. If empty, any participant except the proposer can.",
            initial=policy.approvers,
        ),
    ]


def day_options(offered: tuple[int, ...], known: int | None) -> tuple[Option, ...]:
    """Return numbers of days to choose from, with the one that was chosen before."""
    every = sorted({*offered, *([known] if known is not None else [])})
    return tuple(Option(value=str(days), text=f"{days} days") for days in every)


def _choose_policy(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    ticked = values.many("own")
    own = tuple(band for band in Band if band in ticked) if "own" in values.by_key else None
    return ChoosePolicy(by=by, at=at, policy=submitted_policy(values), own=own)


def submitted_policy(values: SubmittedValues) -> RemediationPolicy:
    """Return the policy of the submitted fields; raises StaleButton for an unknown number."""
    return RemediationPolicy(**{str(band): _band_policy(band, values) for band in Band})


def _band_policy(band: Band, values: SubmittedValues) -> BandPolicy:
    due, accepted = values.text(f"due_{band}"), values.text(f"accepted_{band}")
    return BandPolicy(
        due_days=None if due == _NO_DATE else _number(due),
        accepted_days=_number(accepted),
        approvers=values.people(f"approvers_{band}"),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise StaleButton
    return int(text)


POLICY = Form(
    name="policy",
    writes=WriteEffect.REVISES,
    command_type=ChoosePolicy,
    title="Remediation policy",
    submit="Save",
    parts=_policy,
    build_command=_choose_policy,
)

_NO_DATE = "none"
_DUE_DAYS = (7, 14, 30, 60, 90, 180)
_ACCEPTED_DAYS = (30, 60, 90, 180, 365, 730)


def _hours(opening: FormContext) -> Sequence[FormPart]:
    hours, zone = opening.hours, opening.zone
    days = [Option(value=str(number), text=day) for number, day in enumerate(WEEKDAYS, start=1)]
    return [
        Paragraph(text="Reminders are sent only in these hours."),
        CheckboxesField(
            key="days",
            label="Days",
            options=tuple(days),
            initial=tuple(str(day) for day in hours.days),
            required=True,
        ),
        TimeField(key="starts", label="From", required=True, initial=hours.starts),
        TimeField(key="ends", label="Until", required=True, initial=hours.ends),
        Paragraph(text=time_zone_text(zone)),
    ]


def time_zone_text(zone: str) -> str:
    """Return the time zone of hours and days, and where to change it."""
    if not zone:
        return "Slack does not provide your time zone, so UTC is used."
    return f"Your time zone is {escape(zone)}. It comes from your Slack profile: change it in Slack."


def _make_hours(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    starts, ends = values.time_of_day("starts"), values.time_of_day("ends")
    if starts is None or ends is None:
        raise ContentMissing("Choose a time.", field="ends" if starts else "starts")
    try:
        days = tuple(int(day) for day in values.many("days"))
    except ValueError as error:
        raise StaleButton from error
    return ChooseWorkingHours(by=by, at=at, days=days, starts=starts, ends=ends)


HOURS = Form(
    name="hours",
    submission=FormSubmission.WORKING_HOURS,
    for_everyone=True,
    writes=WriteEffect.OWN,
    needs=FormData.OWN_HOURS,
    title="Working hours",
    submit="Save",
    parts=_hours,
    build_command=_make_hours,
)


def _settings(opening: FormContext) -> Sequence[FormPart]:
    settings = opening.settings
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
        *_calendar(settings),
        *_inherited(settings),
        Divider(),
        Paragraph(text="*Remediation policy*"),
        *band_fields(settings.inherited.policy),
        *_portfolio(settings),
    ]


def _calendar(settings: WorkspaceSettings) -> list[FormPart]:
    days = [Option(value=str(number), text=day) for number, day in enumerate(WEEKDAYS, start=1)]
    hours = settings.hours
    return [
        Divider(),
        Paragraph(
            text=(
                "*Working hours*\nReminders are sent only in these hours, in the time zone of each person. "
                "People can choose their own hours on their Home tab."
            )
        ),
        CheckboxesField(
            key="days",
            label="Working days",
            options=tuple(days),
            initial=tuple(str(day) for day in hours.days),
            required=True,
        ),
        TimeField(key="starts", label="From", required=True, initial=hours.starts),
        TimeField(key="ends", label="Until", required=True, initial=hours.ends),
        TextField(
            key="holidays",
            label="Holidays",
            hint="Days without reminders for anyone: one date a line, such as 2026-12-25.",
            lines=True,
            limit=_HOLIDAYS,
            initial="\n".join(one.isoformat() for one in settings.holidays),
        ),
    ]


def _inherited(settings: WorkspaceSettings) -> list[FormPart]:
    inherited = settings.inherited
    return [
        Divider(),
        Paragraph(text="*Reminders and reviews*"),
        ChoiceField(
            key="reminders",
            label="Reminders to mitigation owners",
            options=tuple(Option(value=one.value, text=one.label) for one in ReminderFrequency),
            initial=inherited.reminders.value,
            radio=True,
            required=True,
        ),
        ChoiceField(
            key="review",
            label="Next review after closing",
            hint="The form for closing a model proposes this date.",
            options=day_options(_REVIEW_DAYS, inherited.review_days),
            initial=str(inherited.review_days),
            required=True,
        ),
    ]


def _portfolio(settings: WorkspaceSettings) -> list[FormPart]:
    return [
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
            options=tuple(Option(value=one.value, text=_AUDIENCES[one]) for one in PortfolioAudience),
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
    """Return the dates of a text, one a line or separated by commas; raises ValueError with a wrong one."""
    found: list[date] = []
    for word in text.replace(",", "\n").split("\n"):
        if not (day := word.strip()):
            continue
        try:
            found.append(datetime.strptime(day, "%Y-%m-%d").date())  # noqa: DTZ007 (a date has no zone)
        except ValueError as fault:
            raise ValueError(day) from fault
    return tuple(found)


def _wrong(values: SubmittedValues) -> dict[str, str]:
    try:
        holidays_of(values.text("holidays"))
    except ValueError as fault:
        wrong = clip(one_line(str(fault)), _WRONG)
        return {"holidays": f"“{wrong}” is not a date. Enter one date a line, such as 2026-12-25."}
    return {}


def _choose(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    starts, ends = values.time_of_day("starts"), values.time_of_day("ends")
    if starts is None or ends is None:
        raise ContentMissing("Choose a time.", field="ends" if starts else "starts")
    try:
        return ChooseWorkspaceSettings(
            by=by,
            at=at,
            administrators=values.people("administrators"),
            policy=submitted_policy(values),
            reminders=ReminderFrequency(values.text("reminders")),
            days=tuple(int(day) for day in values.many("days")),
            starts=starts,
            ends=ends,
            holidays=holidays_of(values.text("holidays")),
            audience=PortfolioAudience(values.text("audience")),
            portfolio_people=values.people("portfolio_people"),
            review_days=int(values.text("review")),
        )
    except ValueError as error:
        raise StaleButton from error


WORKSPACE = Form(
    name="workspace",
    submission=FormSubmission.WORKSPACE_SETTINGS,
    writes=WriteEffect.REVISES,
    needs=FormData.WORKSPACE_SETTINGS,
    title="Workspace settings",
    submit="Save",
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
    stream, register = showing.target.stream, showing.register
    buttons: list[Block] = []
    for command, form, label in (
        (ReviseScope, "scope", "Name and scope"),
        (ChooseLabels, "labels", "Labels"),
        (ChooseParticipants, "participants", "Participants"),
        (HandOver, "hand_over", "Reassign facilitator"),
    ):
        if register.allows(command):
            target = Target(name=form, stream=stream, back=showing.target.name)
            buttons.append(button(label, ButtonKind.OPEN, target))
    buttons.append(button("Tracker", ButtonKind.SHOW, Target(name="trackers", stream=stream)))
    if register.allows(TakeOver) and showing.reader != register.facilitator:
        buttons.append(_take_over(showing))
    return buttons


def _take_over(showing: PageData) -> Block:
    facilitator = clip(one_line(showing.naming(showing.register.facilitator)), _NAME)
    return button(
        "Take over",
        ButtonKind.DO,
        Target(name=Action.TAKE_OVER, stream=showing.target.stream),
        confirm=confirm(
            "Take over as facilitator?",
            f"You replace {facilitator} as the facilitator. The change is posted in the thread.",
            yes="Take over",
        ),
    )


_NAME = 60


def settings_page(showing: PageData) -> View:
    """Return the reader's settings, and those of the model from which the page was opened."""
    blocks = [section("*My settings*"), *my_hours(showing)]
    if showing.model is not None:
        blocks += [divider(), *_this_model(showing)]
    return modal("Settings", blocks, target=showing.target)


INHERITED = " (workspace settings)"
"""The mark of a value that is inherited from the workspace."""

SETTINGS = Page(name="settings", show=settings_page, source=PageSource.WORKING_HOURS)


def my_hours(showing: PageData) -> list[Block]:
    """Return the reader's working hours, with a button to change them."""
    change = Target(name="hours", stream=showing.target.stream, back="settings")
    pressed = button("Change", ButtonKind.OPEN, change, spoken="Change my working hours")
    text = f"Working hours: *{showing.hours.text}*\n{time_zone_text(showing.zone)}"
    return [section(text, accessory=pressed)]


def _this_model(showing: PageData) -> list[Block]:
    register = showing.register
    labels = ", ".join(escape_name(one) for one in register.labels)
    labeled = f"\nLabels: {labels}" if labels else ""
    text = f"*This model*: {escape_name(register.name)} · {register.key}\n{people_text(showing)}{labeled}"
    blocks = [section(text)]
    buttons = steering_buttons(showing)
    return [*blocks, *([actions(*buttons)] if buttons else []), _votes(showing), _settings_policy(showing)]


def _votes(showing: PageData) -> Block:
    """Return the defaults of voting rounds, and the frequency of reminders."""
    terms = showing.register.terms
    quorum = f"{terms.quorum} voters" if terms.quorum else "half of the voters, at least three"
    text = f"Voting defaults: quorum *{quorum}*; Discoverability *{terms.discoverability.label}*"
    inherited = "" if showing.register.own_reminders else INHERITED
    text += f"\nMitigation reminders: *{terms.reminders.label}*{inherited}"
    if not showing.register.allows(ChooseTerms):
        return section(text)
    change = Target(name="terms", stream=showing.target.stream, back="settings")
    pressed = button("Change", ButtonKind.OPEN, change, suffix="terms", spoken="Change votes and reminders")
    return section(text, accessory=pressed)


def _settings_policy(showing: PageData) -> Block:
    """Return when mitigations are due, and who may approve accepted risks and overrides, by band."""
    register = showing.register
    lines = [
        policy_line(band, register.policy.of(band), showing.naming)
        + ("" if band in register.own_bands else INHERITED)
        for band in reversed(Band)
    ]
    text = "\n".join(["*Remediation policy*", *lines])
    if not register.allows(ChoosePolicy):
        return section(text)
    change = Target(name="policy", stream=showing.target.stream, back="settings")
    pressed = button("Change", ButtonKind.OPEN, change, suffix="policy", spoken="Change the policy")
    return section(text, accessory=pressed)
