"""Reference of rules, questions, technologies, file formats and reminders."""

from collections.abc import Callable

from bot.formats import FORMATS
from deploy.docs.generator.tables import listed, table
from domain.built_in_catalog import BUILT_IN
from domain.dread.rubric import NEWEST, RUBRICS
from domain.kernel.threat import Stride
from domain.reminders.reminder import POLICIES, ReminderPolicy
from domain.rules.rule import Rule


def rules() -> str:
    """Return the rules by category, a line each."""
    found = {
        one.label: [rule for rule in BUILT_IN.rules if rule.category is one and not rule.warns]
        for one in Stride
    }
    found["Warnings about the model"] = [rule for rule in BUILT_IN.rules if rule.warns]
    parts = [f"{len(BUILT_IN.rules)} rules."]
    parts += [f"## {label}\n\n{listed(map(_rule, some))}" for label, some in found.items() if some]
    return "\n\n".join(parts)


def _rule(rule: Rule) -> str:
    weaknesses = ", ".join(f"CWE-{number}" for number in rule.cwe)
    return f"**{rule.id}** {rule.title}{f': {weaknesses}' if weaknesses else ''}"


def questions() -> str:
    """Return the questions with the names of their facts, a line each."""
    return listed(f"`{fact.name}`: {fact.question}" for fact in BUILT_IN.facts.values())


def technologies() -> str:
    """Return the technologies by category, and the protocols."""
    named = {
        one.name: ", ".join(tech.name for tech in BUILT_IN.technologies if tech.category == one.key)
        for one in BUILT_IN.categories
    }
    rows = (f"**{name}**{f': {some}' if some else ''}" for name, some in named.items())
    counted = (
        f"Version {BUILT_IN.version}: {len(BUILT_IN.categories)} categories, "
        f"{len(BUILT_IN.technologies)} technologies, {len(BUILT_IN.protocols)} protocols."
    )
    protocols = ", ".join(one.name for one in BUILT_IN.protocols)
    return "\n\n".join((counted, listed(rows), f"**Protocols**: {protocols}."))


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
    rows = [(what, who, *_once([when(policy) for policy in POLICIES.values()])) for what, who, when in told]
    return table(("Reminder of", "Sent to", *(f"*{policy}*" for policy in POLICIES)), rows)


def _once(times: list[str]) -> list[str]:
    first, *others = times
    return [first, *("the same" if other == first else other for other in others)]


def _days(before: tuple[int, ...]) -> str:
    *early, last = (str(days) for days in before)
    return f"{', '.join(early)} and {last} days" if early else f"{last} day"


def _again(policy: ReminderPolicy) -> str:
    every = "every day" if policy.every == 1 else f"every {policy.every} days"
    return f"{every}, {policy.most} times"
