"""Plans and states of Terraform in JSON: resources, and what their configuration refers to."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from bot.drafts.environment_values import NamedValue
from bot.drafts.lined_values import NO_MAPPING, LinedList, LinedMapping, mapping_of
from domain.drafts.draft import SourcePlace

_INDEX: Final = re.compile(r"\[\d+\]")
_MAX_STEPS: Final = 12
_ADDRESS: Final = re.compile(r"(?:data\.)?[a-z][a-z0-9_]{1,80}\.[\w-]{1,120}")


class TerraformResource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource; instances that differ only in a number are one. `unknown` are its values after applying."""

    address: str
    type: str
    name: str
    module: str
    place: SourcePlace
    values: LinedMapping
    expressions: LinedMapping
    unknown: LinedMapping

    def hides(self, attribute: str, inner: frozenset[str]) -> bool:
        """Return whether an attribute, or what is below some names in it, is known only after applying."""
        return attribute in self.expressions and _is_hidden(self.unknown.get(attribute), inner)


def _is_hidden(value: object, inner: frozenset[str]) -> bool:
    """Return whether a value is unknown, or one below some names; without names, any below it is."""
    if isinstance(value, LinedMapping):
        return any(_is_hidden(one, inner) for key, one in value.items() if key in inner or not inner)
    if isinstance(value, LinedList):
        return any(_is_hidden(one, inner) for one in value)
    return value is True


class TerraformPlan:
    """The resources of a plan or a state by address."""

    def __init__(self, document: LinedMapping) -> None:
        values = document.mapping("planned_values") or document.mapping("values")
        self._configuration = document.mapping("configuration", "root_module")
        self.resources: dict[str, TerraformResource] = {}
        self._expressions: dict[str, dict[str, LinedMapping]] = {}
        self._instances: dict[str, list[TerraformResource]] = {}
        changes = document.list("resource_changes").mappings()
        self._unknown = {one.text("address"): one.mapping("change", "after_unknown") for one in changes}
        for module, body in _modules(values.mapping("root_module"), ""):
            for one in body.list("resources").mappings():
                if one.text("mode") != "data":
                    self._add(module, one)

    @property
    def variable_defaults(self) -> Iterator[NamedValue]:
        """The variables of the configuration that have a default, with it."""
        declared = self._configuration.mapping("variables")
        for name in declared:
            one = declared.mapping(name)
            if text := one.text("default"):
                yield NamedValue(name, text, one.place("default"))

    def of_type(self, *types: str) -> Iterator[TerraformResource]:
        """Yield the resources of some types."""
        yield from (one for one in self.resources.values() if one.type in types)

    def references(self, one: TerraformResource, *attributes: str) -> list[TerraformResource]:
        """Return the resources to which attributes of a resource refer; all attributes if none is named."""
        chosen: list[object] = [one.expressions.get(name) for name in attributes]
        found: dict[str, TerraformResource] = {}
        for text in _reference_texts(chosen if attributes else [one.expressions]):
            for target in self._resolved(one.module, text, 0):
                if target.address != one.address:
                    found[target.address] = target
        return list(found.values())

    def _add(self, module: str, body: LinedMapping) -> None:
        kind, name = body.text("type"), body.text("name")
        address = f"{f'{module}.' if module else ''}{kind}.{name}"
        key = body.text("index")
        if key and not key.isdecimal():
            address = f'{address}["{key}"]'
        if address not in self.resources:
            expressions = self._expressions_of(module).get(f"{kind}.{name}", LinedMapping(body.file))
            made = TerraformResource(
                address=address,
                type=kind,
                name=name,
                module=module,
                place=body.place("address"),
                values=body.mapping("values"),
                expressions=expressions,
                unknown=self._unknown.get(body.text("address"), NO_MAPPING),
            )
            self.resources[address] = made
            self._instances.setdefault(address.partition("[")[0], []).append(made)

    def _expressions_of(self, module: str) -> dict[str, LinedMapping]:
        """Return the expressions of the resources of a module, by their address there."""
        if module not in self._expressions:
            resources = self._module_configuration(module).list("resources").mappings()
            self._expressions[module] = {one.text("address"): one.mapping("expressions") for one in resources}
        return self._expressions[module]

    def _module_configuration(self, module: str) -> LinedMapping:
        found = self._configuration
        for name in _module_names(module):
            found = found.mapping("module_calls", name, "module")
        return found

    def _resolved(self, module: str, text: str, steps: int) -> Iterator[TerraformResource]:
        """Yield the resources that a reference means: its own, or those behind a variable or an output."""
        if steps > _MAX_STEPS:
            return
        parts = text.split(".")
        if parts[0] == "module" and len(parts) > 2:
            inner = f"{f'{module}.' if module else ''}module.{parts[1].partition('[')[0]}"
            output = self._module_configuration(inner).mapping("outputs", parts[2].partition("[")[0])
            for one in _reference_texts([output.get("expression")]):
                yield from self._resolved(inner, one, steps + 1)
        elif parts[0] == "var" and module:
            outer, _, last = module.rpartition("module.")
            outer = outer.rstrip(".")
            call = self._module_configuration(outer).mapping("module_calls", last)
            argument = call.mapping("expressions").get(parts[1].partition("[")[0] if len(parts) > 1 else "")
            for one in _reference_texts([argument]):
                yield from self._resolved(outer, one, steps + 1)
        elif match := _ADDRESS.match(text):
            address = f"{f'{module}.' if module else ''}{match[0]}"
            yield from self._instances.get(address, ())


def _modules(body: LinedMapping, address: str) -> Iterator[tuple[str, LinedMapping]]:
    """Yield each module with its address, without the numbers of its instances."""
    yield address, body
    for child in body.list("child_modules").mappings():
        yield from _modules(child, _without_keys(child.text("address")))


def _without_keys(address: str) -> str:
    return re.sub(r"\[[^\]]{0,200}\]", "", _INDEX.sub("", address))


def _module_names(module: str) -> list[str]:
    return [one.rstrip(".") for one in module.split("module.") if one]


def _reference_texts(values: list[object]) -> list[str]:
    """Return all references within expressions, the longest of each kept only."""
    found: dict[str, None] = {}
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, LinedList):
            waiting += value
        elif isinstance(value, LinedMapping):
            for key, inner in value.items():
                if key == "references" and isinstance(inner, LinedList):
                    found |= dict.fromkeys(text for text, _ in inner.texts())
                else:
                    waiting.append(inner)
    return [one for one in found if not (one.startswith("module.") and one.count(".") == 1)]


def constants(expressions: LinedMapping) -> Iterator[NamedValue]:
    """Yield the texts that the configuration itself has, not its variables, with their names."""
    waiting: list[LinedMapping] = [expressions]
    while waiting:
        for name, expression in waiting.pop().items():
            if isinstance(expression, LinedList):
                waiting += expression.mappings()
                continue
            found = mapping_of(expression)
            constant = found.get("constant_value")
            if isinstance(constant, str):
                yield NamedValue(name, constant, found.place("constant_value"))
            elif isinstance(constant, LinedMapping):
                yield from (NamedValue(*one) for one in constant.texts())
            elif constant is None and "references" not in found:
                waiting.append(found)
