"""What a command cannot do as it was asked."""


class OperatorError(Exception):
    """The request does not fit what is there; the message names the mend in one line."""
