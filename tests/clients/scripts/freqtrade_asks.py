"""Asks a bot of freqtrade through its official client: what to ask comes in, what was told goes out, as JSON."""

import json
import sys

from freqtrade_client import FtRestClient


def main() -> None:
    """Answer `{"url", "password", "asked": [[method, arguments, names]]}` with a list of replies."""
    wanted = json.load(sys.stdin)
    client = FtRestClient(wanted["url"], "anybody", wanted["password"])
    json.dump([getattr(client, name)(*arguments, **named) for name, arguments, named in wanted["asked"]], sys.stdout)


if __name__ == "__main__":
    main()
