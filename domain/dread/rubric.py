"""The rubric: the meaning of the numbers. Published rubrics never change; a new one gets the next number."""

from collections.abc import Mapping
from typing import Final

from domain.dread.metrics import Metric

Rubric = Mapping[Metric, Mapping[int, str]]
"""For each metric what some of its numbers mean; the numbers between lie between."""

_FIRST: Rubric = {
    Metric.DAMAGE: {
        1: "A nuisance: neither data nor money is lost",
        3: "One harmless record, or everything slower for a while",
        5: "Sensitive data of a few people, or hours without service",
        8: "Sensitive data of many, fraud, or a day without service",
        10: "Full control, a loss nobody can repair, a regulator, or somebody hurt",
    },
    Metric.REPRODUCIBILITY: {
        1: "We could not do it again ourselves",
        3: "Only in a rare moment or a rare state",
        5: "After several tries, or only on some set-ups",
        8: "It works most of the time",
        10: "It works every time; a script can do it",
    },
    Metric.EXPLOITABILITY: {
        1: "It takes a state's means, or hands on the machine",
        3: "It takes an expert with access from within",
        5: "It takes skill, weeks and a valid account",
        8: "A published technique, some hours, an ordinary account",
        10: "A browser or a public tool, and no account",
    },
    Metric.AFFECTED_USERS: {
        1: "Nobody but the attacker",
        3: "A few people we could name",
        5: "One role, or one tenant",
        8: "Most users, or several tenants",
        10: "Everybody, or the administrators",
    },
    Metric.DISCOVERABILITY: {
        1: "Only with the source and inside knowledge",
        3: "By long probing with an account",
        5: "A tester who looks for it finds it in days",
        8: "A scanner finds it, or the API's documentation gives it away",
        10: "It shows in the page, in the URL or in a public report",
    },
}

_SECOND: Rubric = {
    Metric.DAMAGE: {
        1: "Minor disruption without loss of data or money",
        3: "One non-sensitive record, or temporarily degraded performance",
        5: "Sensitive data of a few people, or hours of downtime",
        8: "Sensitive data of many people, fraud, or a day of downtime",
        10: "Full compromise, irrecoverable loss, regulatory action, physical harm",
    },
    Metric.REPRODUCIBILITY: {
        1: "Not reproducible, even by the team itself",
        3: "Only with rare timing or in a rare state",
        5: "After several attempts, or only in some configurations",
        8: "Works on most attempts",
        10: "Works on every attempt; can be scripted",
    },
    Metric.EXPLOITABILITY: {
        1: "Nation-state resources or physical access required",
        3: "Expert skills and internal access required",
        5: "Skill, weeks of effort and a valid account required",
        8: "Published technique, hours of effort, an ordinary account",
        10: "Browser or public tool, no account required",
    },
    Metric.AFFECTED_USERS: {
        1: "No one except the attacker",
        3: "A few identifiable people",
        5: "One role or one tenant",
        8: "Most users or several tenants",
        10: "All users, or the administrators",
    },
    Metric.DISCOVERABILITY: {
        1: "Only with source code and insider knowledge",
        3: "After extensive probing with an account",
        5: "Found by a targeted penetration test within days",
        8: "Found by a scanner, or revealed by the API documentation",
        10: "Visible in the page, the URL or a public report",
    },
}
"""The first rubric in other words, so that results of both can be compared."""

RUBRICS: Final[Mapping[int, Rubric]] = {1: _FIRST, 2: _SECOND}
"""Every rubric used in votes, by version."""

NEWEST: Final = max(RUBRICS)
"""The version under which new rounds are opened."""
