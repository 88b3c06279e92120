"""Wording of the remediation policy."""

from domain.dread.scoring import Band
from domain.kernel.remediation_policy import BandPolicy, RemediationPolicy


def policy_changes(old: RemediationPolicy, new: RemediationPolicy) -> str:
    """Return what a new policy says of the bands in which it differs, with people by id."""
    changed = (one for one in reversed(Band) if old.of(one) != new.of(one))
    return "; ".join(f"{one}: {band_policy_text(new.of(one))}" for one in changed)


def band_policy_text(policy: BandPolicy) -> str:
    """Return the policy for a band in words, with people by id."""
    due = f"due after {policy.due_days} days" if policy.due_days is not None else "no suggested due date"
    named = " or ".join(f"@{one}" for one in policy.approvers)
    approved = f", approved by {named}" if named else ""
    return f"{due}, accepted for at most {policy.accepted_days} days{approved}"
