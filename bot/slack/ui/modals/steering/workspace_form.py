"""Form of the workspace's settings, for its administrators."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    ChoiceField,
    Divider,
    FormPart,
    Option,
    Paragraph,
    PeopleField,
    TextField,
    TimeField,
)
from bot.slack.ui.forms.form_traits import FormData, FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.steering.policy_form import band_fields, day_options, submitted_policy
from domain.kernel.elements import PersonId
from domain.kernel.reminder_frequency import ReminderFrequency
from domain.rejections import ContentMissing
from domain.working_hours import WEEKDAYS
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience, WorkspaceSettings


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
    title=lambda _: "Workspace settings",
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
