"""`threatmodel serve` where only so many files may be open."""

import resource
import sys

from bot.__main__ import main

if __name__ == "__main__":
    files = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    sys.argv = ["threatmodel", "serve"]
    main()
