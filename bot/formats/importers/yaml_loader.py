"""YAML loader restricted to the types of JSON.

Other types of YAML 1.1 are harmful: a number of base sixty (1:1:1…) takes time quadratic in its length, and
`no` and `2026-03-02` are texts in a threat model.
"""

import re
from typing import Any, ClassVar

import yaml

_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlainYamlLoader(_FASTEST):
    """Safe loader with these types only."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for _sort, _words, _beginnings in (
    ("null", r"~|null|", [*"~n", ""]),
    ("bool", r"true|false", [*"tf"]),
    ("int", r"-?(?:0|[1-9][0-9]{0,17})", [*"-0123456789"]),
    ("float", r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}", [*"-0123456789"]),
):
    PlainYamlLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_sort}", re.compile(rf"(?:{_words})\Z"), _beginnings
    )
