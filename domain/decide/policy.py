"""Decision on the remediation policy of a model."""

from collections.abc import Iterator

from domain.commands import ChoosePolicy
from domain.decide.combined_rejections import combine_rejections
from domain.decide.decision import Decision
from domain.dread.scoring import Band
from domain.events import PolicyChosen
from domain.kernel.remediation_policy import MAX_POLICY_DAYS
from domain.rejections import Rejected


def choose_policy(command: ChoosePolicy, decision: Decision) -> Decision:
    """Choose the policy; no event if it is unchanged."""
    combine_rejections(
        *(lambda days=days, field=field: _check_days(days, field) for days, field in _days(command))
    )
    if command.policy != decision.model.policy:
        return decision.record(PolicyChosen(**decision.header, policy=command.policy))
    return decision


def _days(command: ChoosePolicy) -> Iterator[tuple[int, str]]:
    """Yield each number of days with the name of its field."""
    for band in Band:
        policy = command.policy.of(band)
        if policy.due_days is not None:
            yield policy.due_days, f"due_{band}"
        yield policy.accepted_days, f"accepted_{band}"


def _check_days(days: int, field: str) -> None:
    if not 1 <= days <= MAX_POLICY_DAYS:
        raise Rejected(f"Enter a number of days from 1 to {MAX_POLICY_DAYS}.", field=field)
