"""The command line, which hears interruptions even if it was started in the background of a shell."""

import signal

from bot.__main__ import main

if __name__ == "__main__":
    # A background job of a shell inherits that interruptions are ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
