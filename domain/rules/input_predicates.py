"""Predicates over what receives input: entry points, and flows from a message queue."""

from domain.rules.conditions import AllOf, AnyOf
from domain.rules.entry_point_predicates import IS_ENTRY_POINT, TAKES_INPUT
from domain.rules.flow_predicates import CONSUMES_MESSAGES

INPUT = AnyOf((CONSUMES_MESSAGES, AllOf((IS_ENTRY_POINT, TAKES_INPUT))))
