"""The command line, with a sandbox that waits longer than Slack does."""

from bot.__main__ import main
from tests.waiting import make_sandboxes_patient

if __name__ == "__main__":
    make_sandboxes_patient()
    main()
