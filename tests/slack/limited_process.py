"""`threatmodel serve` where only so many files may be open, and clients may take so long."""

import resource
import sys

from bot.__main__ import main
from bot.slack.transport import http_server

if __name__ == "__main__":
    files, patience = int(sys.argv[1]), float(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    if patience:
        for deadline in ("FIRST_BYTE_SECONDS", "HEAD_SECONDS", "BODY_SECONDS"):
            setattr(http_server, deadline, patience)
    sys.argv = ["threatmodel", "serve"]
    main()
