"""Evaluation of the alerts' expressions over scrapes: the part of PromQL that they use, and no more."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Sample = tuple[str, Mapping[str, str], float]
Scrapes = Sequence[tuple[float, Sequence[Sample]]]
"""Samples of all targets by the second of their scrape, in order."""

STALE_SECONDS: Final = 300.0
"""Time for which a sample counts after its scrape."""

_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "==": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}
_AGGREGATE: Final[dict[str, Callable[[list[float]], float]]] = {
    "sum": sum,
    "max": max,
    "count": lambda values: float(len(values)),
}


def evaluate(node: Any, scrapes: Scrapes, now: float) -> Vector | float:
    """Return the value of a parsed expression at a moment; an alert is active unless it is empty."""
    match type(node).__name__:
        case "NumberLiteral":
            return float(node.val)
        case "ParenExpr":
            return evaluate(node.expr, scrapes, now)
        case "VectorSelector":
            series = _selected(node, scrapes, now - STALE_SECONDS, now)
            newest = max((at for at, _ in scrapes if at <= now), default=now)
            return {labels: points[-1][1] for labels, points in series.items() if points[-1][0] == newest}
        case "AggregateExpr":
            return _aggregate(node, _vector(node.expr, scrapes, now))
        case "Call":
            return _call(node, scrapes, now)
        case "BinaryExpr":
            return _binary(node, scrapes, now)
        case unknown:
            raise NotImplementedError(unknown)


def _vector(node: Any, scrapes: Scrapes, now: float) -> Vector:
    value = evaluate(node, scrapes, now)
    if isinstance(value, float):
        raise NotImplementedError("a number where a vector is expected")
    return value


def _selected(
    selector: Any, scrapes: Scrapes, since: float, until: float
) -> dict[Labels, list[tuple[float, float]]]:
    series: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for at, samples in scrapes:
        if since < at <= until:
            for name, labels, value in samples:
                if name == selector.name and _is_meant(selector.matchers.matchers, labels):
                    series[frozenset(labels.items())].append((at, value))
    return series


def _is_meant(matchers: Iterable[Any], labels: Mapping[str, str]) -> bool:
    for matcher in matchers:
        value = labels.get(matcher.name, "")
        match str(matcher.op).rpartition(".")[2]:
            case "Equal" | "=":
                well = value == matcher.value
            case "NotEqual" | "!=":
                well = value != matcher.value
            case "Re" | "=~":
                well = re.fullmatch(matcher.value, value) is not None
            case unknown:
                raise NotImplementedError(unknown)
        if not well:
            return False
    return True


def _call(node: Any, scrapes: Scrapes, now: float) -> Vector:
    match node.func.name, list(node.args):
        case "absent", [of]:
            return {} if _vector(of, scrapes, now) else {frozenset(): 1.0}
        case "increase" | "rate" as name, [matrix]:
            seconds = matrix.range.total_seconds()
            series = _selected(matrix.vector_selector, scrapes, now - seconds, now)
            per = seconds if name == "rate" else 1.0
            return {labels: _increase(points) / per for labels, points in series.items() if len(points) > 1}
        case "histogram_quantile", [quantile, of]:
            return _quantile(float(quantile.val), _vector(of, scrapes, now))
        case name, _:
            raise NotImplementedError(name)


def _increase(points: Sequence[tuple[float, float]]) -> float:
    """Return the increase of a counter, which starts from zero after a restart; it is not extrapolated."""
    steps = pairwise(value for _, value in points)
    return sum(later - earlier if later >= earlier else later for earlier, later in steps)


def _quantile(quantile: float, buckets: Vector) -> Vector:
    grouped: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for labels, count in buckets.items():
        limit = float(dict(labels)["le"])
        grouped[frozenset(label for label in labels if label[0] != "le")].append((limit, count))
    found: Vector = {}
    for labels, counts in grouped.items():
        counts.sort()
        if (total := counts[-1][1]) > 0:
            found[labels] = next(limit for limit, count in counts if count >= quantile * total)
    return found


def _aggregate(node: Any, values: Vector) -> Vector:
    by = set(node.modifier.labels) if node.modifier is not None else set[str]()
    grouped: dict[Labels, list[float]] = defaultdict(list)
    for labels, value in values.items():
        grouped[frozenset(label for label in labels if label[0] in by)].append(value)
    return {labels: _AGGREGATE[str(node.op)](of) for labels, of in grouped.items()}


def _binary(node: Any, scrapes: Scrapes, now: float) -> Vector:
    left, right, sign = _vector(node.lhs, scrapes, now), evaluate(node.rhs, scrapes, now), str(node.op)
    on = set(node.modifier.matching.labels) if node.modifier and node.modifier.matching else None
    if isinstance(right, float):
        return {labels: value for labels, value in left.items() if _COMPARE[sign](value, right)}
    there = {_key(labels, on): value for labels, value in right.items()}
    match sign:
        case "and":
            return {labels: value for labels, value in left.items() if _key(labels, on) in there}
        case "or":
            mine = {_key(labels, on) for labels in left}
            return left | {labels: value for labels, value in right.items() if _key(labels, on) not in mine}
        case "unless":
            return {labels: value for labels, value in left.items() if _key(labels, on) not in there}
        case "/":
            both = {labels: value for labels, value in left.items() if there.get(_key(labels, on))}
            return {labels: value / there[_key(labels, on)] for labels, value in both.items()}
        case unknown:
            raise NotImplementedError(unknown)


def _key(labels: Labels, on: set[str] | None) -> Labels:
    return labels if on is None else frozenset(label for label in labels if label[0] in on)
