"""Texts about features that were screened out."""

from bot.slack.protocol.escaping import escape
from bot.slack.ui.texts.common_texts import person_name
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import join_list
from domain.register import ThreatRegister
from domain.screening.screened_facts import TopicStatus


def screened_out_text(register: ThreatRegister, naming: Naming) -> str:
    """Return the features that were screened out, grouped by who did and who confirmed it; empty if none."""
    groups: dict[str, list[str]] = {}
    for one in register.screening:
        if one.answer is None or not one.screened_out:
            continue
        confirmed = one.answer.confirmed_by
        second = f", confirmed by {person_name(naming, confirmed)}" if confirmed else ", not confirmed yet"
        by = f"by {person_name(naming, one.answer.by)}{second}"
        groups.setdefault(by, []).append(escape(one.topic.label))
    return "\n".join(f"*Screened out* {by}: {', '.join(labels)}." for by, labels in groups.items())


def reopening_text(status: TopicStatus) -> str:
    """Return which elements suggest a topic that was screened out before them; empty if none do."""
    if not status.reopened_by:
        return ""
    names = [name for _, name in status.reopened_by[:_NAMED]]
    more = len(status.reopened_by) - len(names)
    listed = join_list([*names, f"{more} more"] if more else names)
    verb = "was" if len(status.reopened_by) == 1 else "were"
    return f"{listed} {verb} added: {status.topic.suggested}"


_NAMED = 3
