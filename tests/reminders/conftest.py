"""The stories pass gates on their way; reminders of that are tried in test_remediation_policy.py."""

from importlib import import_module

import pytest

from domain.kernel.closing import OverriddenCondition


@pytest.fixture(autouse=True)
def no_reminders_of_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_open(*_about: object) -> tuple[OverriddenCondition, ...]:
        return ()

    monkeypatch.setattr(import_module("domain.reminders.occasions"), "overrides_still_open", none_open)
