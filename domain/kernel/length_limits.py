"""Length limits of input; longer input is rejected with a message, never truncated."""

NAME = 150
"""Characters in the name of an element or a model."""

TEXT = 3000
"""Characters in a description, a reason or an assumption."""

WORD = 75
"""Characters in a short attribute such as a protocol or an owner."""

ACCOUNT = 500
"""Characters in the ID or the name of an account in a tracker."""

LABEL = 40
"""Characters in a label of a model."""

LABELS = 10
"""Labels of a model."""

LINK = 1000
"""Characters in the address of a page or message."""

LINES = 200
"""Elements or flows that one command may add."""

SENTENCE = 300
"""Characters in the reason of a ballot, or in the sentence that explains a number."""
