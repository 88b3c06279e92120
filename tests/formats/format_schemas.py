"""The schemas and samples of those who made the formats; they are no part of this project."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft4Validator, Draft7Validator, Draft202012Validator, ValidationError

REFERENCE = Path(os.environ.get("THREATMODEL_FORMAT_REFERENCE", "../shared/reference/formats"))


def reference_file(name: str) -> Path:
    """A file of theirs; skips the test where it is not there."""
    file = REFERENCE / name
    if not file.exists():
        pytest.skip(f"no upstream file {name}: set THREATMODEL_FORMAT_REFERENCE to where they are")
    return file


def schema_errors(schema: str, written: bytes) -> list[str]:
    """What a schema of theirs finds wrong."""
    described: dict[str, Any] = _told(json.loads(reference_file(schema).read_text()))
    drafts = {"2020-12": Draft202012Validator, "draft-04": Draft4Validator}
    kind = next(
        (one for word, one in drafts.items() if word in described.get("$schema", "")), Draft7Validator
    )
    checker: Any = kind(described, format_checker=kind.FORMAT_CHECKER)
    found: Iterator[ValidationError] = checker.iter_errors(json.loads(written))
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


def _told(schema: Any) -> Any:
    """Threat Dragon says `nullable`, which only OpenAPI knows: here it is a list of types."""
    if isinstance(schema, list):
        return [_told(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    told: dict[str, Any] = {name: _told(value) for name, value in cast("dict[str, Any]", schema).items()}
    if told.get("nullable") is True:
        told["type"] = [told["type"], "null"]
    return told
