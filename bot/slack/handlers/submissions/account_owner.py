"""Submission of the form in which an administrator says whose account in a tracker it is."""

from bot.slack.directory.member_directory import Membership
from bot.slack.protocol.idempotency_keys import command_key
from bot.slack.protocol.requests import ViewSubmission
from bot.slack.protocol.targets import Target
from bot.slack.queries.services import Services
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.modals.steering.account_owner_form import account_of
from domain.kernel.elements import PersonId
from domain.rejections import Rejected
from domain.tracker_accounts import ChooseTrackerAccount, ReleaseTrackerAccount, TrackerAccount


def choose_owner(services: Services, request: ViewSubmission, target: Target, values: SubmittedValues) -> str:
    """Confirm, correct or release an account, and return what was done; raises StaleButton and Rejected."""
    account = account_of(services.settings.trackers.accounts.known, target)
    name, person = account.name or account.account, values.person("person")
    if person is None:
        command = ReleaseTrackerAccount(
            by=request.person,
            at=services.now(),
            tracker=account.tracker,
            person=account.person,
            account=account.account,
        )
        services.tracker_requests.change(command, command_key(request))
        return f"✓ “{name}” is no longer the account of {services.naming(account.person)}."
    _check(services, account, person, by=request.person)
    command = ChooseTrackerAccount(
        by=request.person,
        at=services.now(),
        tracker=account.tracker,
        person=person,
        account=account.account,
        name=account.name,
    )
    services.tracker_requests.change(command, command_key(request))
    return f"✓ “{name}” is the account of {services.naming(person)}."


def _check(services: Services, account: TrackerAccount, person: PersonId, *, by: PersonId) -> None:
    """Raise Rejected if the person cannot have an account, or if it would be the author's own."""
    if person == by and not (account.person == by and account.confirmed):
        raise Rejected("Ask another administrator to confirm your own account.", field="person")
    if services.directory.account(person) in (Membership.BOT, Membership.DEACTIVATED, Membership.FOREIGNER):
        raise Rejected(
            f"@{person} is a bot, is deactivated, or belongs to another organization. Choose someone else.",
            field="person",
            people=(person,),
        )
