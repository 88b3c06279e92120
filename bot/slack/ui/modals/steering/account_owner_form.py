"""Form with which an administrator confirms, corrects or releases whose account in a tracker it is."""

from collections.abc import Iterable, Sequence

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import AccountTarget, Target
from bot.slack.screens.tracker_screen import account_digest
from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import FormPart, Paragraph, PersonField
from bot.slack.ui.forms.form_traits import FormData, FormSubmission
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.steering.tracker_forms import tracker_of
from domain.tracker_accounts import TrackerAccount


def account_of(accounts: Iterable[TrackerAccount], target: Target) -> TrackerAccount:
    """Return the account that a form is about; raises StaleButton if it has changed."""
    about = AccountTarget.of(target)
    for one in accounts:
        if one.tracker == about.element and account_digest(one.person, one.account) == about.account:
            return one
    raise StaleButton("This account has changed meanwhile. Open the list again.")


def _parts(opening: FormContext) -> Sequence[FormPart]:
    shown = tracker_of(opening)
    screen = opening.trackers
    account = account_of(screen.accounts_in(shown.id) if screen is not None else (), opening.target)
    name = escape_name(account.name or account.account)
    return [
        Paragraph(text=f"*{shown.id}* · {escape(shown.name)}\nAccount: *{name}*"),
        PersonField(
            key="person",
            label="Person",
            hint=(
                "You confirm that the account is that of this person. Leave it empty if it is not: another "
                "person can state it then."
            ),
            initial=account.person,
        ),
    ]


ACCOUNT_OWNER = Form(
    name="account_owner",
    target=AccountTarget,
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.ONCE,
    needs=FormData.TRACKER_CONNECTION,
    title=lambda _: "Whose account is it?",
    submit="Save",
    parts=_parts,
)
