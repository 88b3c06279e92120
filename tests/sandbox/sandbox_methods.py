"""What each method of the sandbox reads and refuses, read from its source."""

import ast
import inspect
from types import ModuleType
from typing import NamedTuple

from bot.sandbox import api_methods, open_views, web_api
from bot.sandbox.api_methods import call_arguments
from bot.sandbox.workspace import installed_places, trigger_ids, uploaded_files

_READERS = {"text", "required", "flag", "number", "data", "get"}
_CLASSES = {
    "arguments": "ApiArguments",
    "views": "ViewStacks",
    "triggers": "TriggerIds",
    "grants": "OAuthCodes",
    "installations": "InstalledPlaces",
    "tokens": "IssuedTokens",
    "files": "UploadedFiles",
    "canvases": "Canvases",
}
_CODES_IN = {"error", "otherwise"}


class MethodInterface(NamedTuple):
    """A method's argument names and error codes."""

    arguments: frozenset[str]
    errors: frozenset[str]


def method_interfaces() -> dict[str, MethodInterface]:
    """Return what every method of the sandbox offers, by the method's name."""
    found: dict[str, MethodInterface] = {}
    shared = (
        _functions(api_methods)
        | _classes(call_arguments)
        | _classes(trigger_ids)
        | _classes(open_views)
        | _classes(installed_places)
        | _classes(uploaded_files)
    )
    for name, method in web_api.METHODS.items():
        module = inspect.getmodule(method.answer)
        assert module is not None
        walk = _Walk(shared | _functions(module))
        walk.into(method.answer.__name__)
        found[name] = MethodInterface(frozenset(walk.arguments), frozenset(walk.errors))
    return found


class _Walk:
    def __init__(self, functions: dict[str, ast.FunctionDef]) -> None:
        self.arguments: set[str] = set()
        self.errors: set[str] = set()
        self._functions = functions
        self._seen: set[str] = set()
        self._owner = ""

    def into(self, name: str) -> None:
        function = self._functions.get(name)
        if function is None or name in self._seen:
            return
        self._seen.add(name)
        owner, self._owner = self._owner, name.rpartition(".")[0]
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                self._call(node)
        self._owner = owner

    def _call(self, call: ast.Call) -> None:
        first = _word(call.args[0]) if call.args else None
        for keyword in call.keywords:
            if keyword.arg in _CODES_IN and (code := _word(keyword.value)):
                self.errors.add(code)
        if isinstance(call.func, ast.Name):
            if call.func.id == "ApiError" and first:
                self.errors.add(first)
            if call.func.id == "conversation":
                self.arguments.add("channel")
            self.into(call.func.id)
        elif isinstance(call.func, ast.Attribute):
            self._method(call.func, first)

    def _method(self, function: ast.Attribute, first: str | None) -> None:
        receiver = ast.unparse(function.value).removesuffix(".values").rpartition(".")[2]
        if receiver == "arguments" and function.attr in _READERS and first:
            self.arguments.add(first)
            if function.attr == "number":
                self.errors.add(f"invalid_{first}")
        if receiver in _CLASSES:
            self.into(f"{_CLASSES[receiver]}.{function.attr}")
        if receiver == "self":
            self.into(f"{self._owner}.{function.attr}")


def _word(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _classes(module: ModuleType) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {
        f"{owner.name}.{node.name}": node
        for owner in tree.body
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.FunctionDef)
    }
