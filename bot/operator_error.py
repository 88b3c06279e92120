"""Errors of operators' commands."""


class OperatorError(Exception):
    """Error that an operator can fix; the message says how, in one line."""
