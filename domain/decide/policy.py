"""Decision on the remediation policy of a model."""

from collections.abc import Iterator

from domain.commands import ChoosePolicy
from domain.decide.combined_rejections import combine_rejections
from domain.decide.decision import Decision
from domain.dread.scoring import Band
from domain.events import PolicyChosen
from domain.kernel.remediation_policy import MAX_POLICY_DAYS
from domain.kernel.text_formatting import join_list
from domain.rejections import Rejected


def choose_policy(command: ChoosePolicy, decision: Decision) -> Decision:
    """Choose the policy; no event if it is unchanged.

    A band whose values change is the model's own from then on. One that is inherited again takes the
    workspace's values.
    """
    combine_rejections(
        *(lambda days=days, field=field: _check_days(days, field) for days, field in _days(command))
    )
    model = decision.model
    changed = {one for one in Band if command.policy.of(one) != model.policy.of(one)}
    kept = model.own_bands if command.own is None else frozenset(command.own)
    if contradictory := [one for one in reversed(Band) if one in changed & (model.own_bands - kept)]:
        listed = join_list([one.capitalize() for one in contradictory])
        raise Rejected(
            f"{listed}: the values were changed, and are to be inherited. Tick the band to keep them, or "
            "restore the values.",
            field="own",
        )
    own = kept | changed
    policy = model.inherited.policy.with_own(command.policy, own)
    if (policy, own) != (model.policy, model.own_bands):
        bands = tuple(one for one in Band if one in own)
        return decision.record(PolicyChosen(**decision.header, policy=policy, own=bands))
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
