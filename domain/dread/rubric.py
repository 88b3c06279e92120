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

RUBRICS: Final[Mapping[int, Rubric]] = {1: _FIRST}
"""Every rubric used in votes, by version."""

NEWEST: Final = max(RUBRICS)
"""The version under which new rounds are opened."""
