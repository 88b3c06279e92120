"""Syntax trees of modules, each parsed once in a process."""

import ast
from functools import cache


@cache
def parsed(source: str) -> ast.Module:
    """Return the syntax tree of a module, which the caller must not change; raises SyntaxError."""
    return ast.parse(source)


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Return all nodes of the syntax tree of a module, as `ast.walk` lists them; raises SyntaxError."""
    return tuple(ast.walk(parsed(source)))
