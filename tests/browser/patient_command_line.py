"""The command line, with a sandbox that waits longer than Slack does."""

import faulthandler

from bot.__main__ import main
from tests.waiting import make_sandboxes_patient

if __name__ == "__main__":
    # It says on standard error what each of its threads does if it has to be aborted.
    faulthandler.enable()
    make_sandboxes_patient()
    main()
