"""Reference of rules, file formats and reminders."""

from collections.abc import Callable

from bot.formats import FORMATS
from deploy.docs.generator.questions import facts_in
from deploy.docs.generator.tables import code, table
from domain.built_in_catalog import BUILT_IN
from domain.dread.rubric import NEWEST, RUBRICS
from domain.kernel.elements import PLURAL
from domain.kernel.standards import (
    ASVS_VERSION,
    ATLAS_VERSION,
)
from domain.kernel.threat import Stride
from domain.reminders.reminder import POLICIES, ReminderPolicy
from domain.rules.conditions import Condition
from domain.rules.rule import Rule


def rules() -> str:
    """Return the rule catalog, one table for each category."""
    found = {
        one.label: [rule for rule in BUILT_IN.rules if rule.category is one and not rule.warns]
        for one in Stride
    }
    found["Warnings about the model"] = [rule for rule in BUILT_IN.rules if rule.warns]
    head = ("Rule", "Looks for", "Applies by", "Decided by", "Controls", "References")
    software = sum(_SOFTWARE in facts_in(rule.applies) for rule in BUILT_IN.rules)
    rest = f"{software} rules also need `{_SOFTWARE}`, which is not repeated."
    parts = [f"{len(BUILT_IN.rules)} rules. ASVS is version {ASVS_VERSION}, ATLAS {ATLAS_VERSION}. {rest}"]
    parts += [f"## {label}\n\n{table(head, map(_rule, some))}" for label, some in found.items() if some]
    return "\n\n".join(parts)


_SOFTWARE = "software"


def _rule(rule: Rule) -> tuple[str, ...]:
    references = (
        *(f"CWE-{number}" for number in rule.cwe),
        *(f"CAPEC-{number}" for number in rule.capec),
        *rule.asvs,
        *rule.atlas,
        *rule.owasp_llm,
        *([f"LINDDUN: {rule.linddun}"] if rule.linddun else []),
    )
    kinds = ", ".join(PLURAL[kind] for kind in rule.kinds)
    return (
        f'<a id="{rule.id.lower()}"></a>{rule.id}',
        f"**{rule.title}** ({kinds}). {rule.explanation}",
        _facts(rule.applies),
        _facts(rule.controlled),
        "; ".join(control.text for control in rule.controls),
        ", ".join(references),
    )


def _facts(condition: Condition) -> str:
    return code([fact for fact in facts_in(condition) if fact != _SOFTWARE])


def rubric() -> str:
    """Return the newest rubric: for each metric, what some of its numbers mean."""
    numbers = sorted({number for texts in RUBRICS[NEWEST].values() for number in texts})
    rows = (
        (f"**{metric.label}**: {metric.question}", *(texts.get(number, "") for number in numbers))
        for metric, texts in RUBRICS[NEWEST].items()
    )
    return f"Version {NEWEST}.\n\n{table(('Metric', *map(str, numbers)), rows)}"


def file_formats() -> str:
    """Return the formats that a model can be exported to."""
    rows = (
        (f"`{one.word}`", one.title, f"`TM-7{one.suffix}`", one.read_by, one.leaves_out)
        for one in FORMATS.values()
    )
    return table(("Word", "Format", "File", "Read by", "Leaves out"), rows)


def reminders() -> str:
    """Return the reminders with recipients and times, for each frequency that a team can choose."""
    told: tuple[tuple[str, str, Callable[[ReminderPolicy], str]], ...] = (
        (
            "Mitigation before its due date",
            "the owner",
            lambda one: f"{_days(one.before)} before, and on the day",
        ),
        ("Overdue mitigation", "the owner", _again),
        ("Risk acceptance awaiting approval", "the approver", _again),
        (
            "Mitigation awaiting verification",
            "the facilitator, or another person if the mitigation is theirs",
            lambda one: f"when it is implemented, then {_again(one)}",
        ),
        (
            "Any of these, still open",
            "the facilitator",
            lambda one: f"after {one.escalates_after} days",
        ),
        ("Any of these, still open after that", "the thread of the model", lambda _: "every Monday"),
        (
            "Missing ballots",
            "the voters who have not voted",
            lambda one: (
                f"at half-time, and {int(one.last_hours.total_seconds()) // 3600} hours before the deadline"
            ),
        ),
        (
            "Open questions that were assigned or answered with *don't know*",
            "their owner, or the facilitator if the owner is no longer available",
            lambda one: f"{_days(one.before)} before the due date, on the day, then {_again(one)}",
        ),
        (
            "Accepted risk that expires",
            "the facilitator",
            lambda one: f"{_days(one.before)} before, and when it has expired",
        ),
        (
            "Model without activity",
            "the facilitator",
            lambda one: f"after {one.untouched.days} days",
        ),
        ("Closed model to review", "the facilitator", lambda _: "on the day chosen at closing"),
    )
    rows = [(what, who, *(when(policy) for policy in POLICIES.values())) for what, who, when in told]
    return table(("Reminder of", "Sent to", *(f"*{policy}*" for policy in POLICIES)), rows)


def _days(before: tuple[int, ...]) -> str:
    *early, last = (str(days) for days in before)
    return f"{', '.join(early)} and {last} days" if early else f"{last} day"


def _again(policy: ReminderPolicy) -> str:
    every = "every day" if policy.every == 1 else f"every {policy.every} days"
    return f"{every}, {policy.most} times"
