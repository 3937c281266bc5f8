"""A client session of the public API with nothing but Python: `python docs/api_client.py ADDRESS TOKEN`.

It starts a run, follows it to its end, checks that every record is accounted for, and says what needs a person.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PATIENCE_SECONDS = 120
BUCKETS = ("created", "updated", "unchanged", "skipped", "waiting", "needs_you")


class Api:
    """One organization's token."""

    def __init__(self, address: str, token: str) -> None:
        self.root, self.token = f"{address.rstrip('/')}/api/v1/", token

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call and return the JSON. A write carries a key, so that sending it again does nothing twice."""
        url = path if path.startswith("http") else self.root + path
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        data = json.dumps(body).encode() if body is not None else None
        with urlopen(Request(url, data=data, headers=headers, method=method), timeout=60) as answer:
            return json.load(answer)

    def pages(self, path: str) -> Iterator[Any]:
        """Yield every row of a list, page after page."""
        while path:
            page = self.call("GET", path)
            yield from page["results"]
            path = page["next"]


def main(address: str, token: str) -> int:
    api = Api(address, token)
    for flow in api.pages("flows/"):
        print(f"{flow['name']}: {flow['state']}, version {flow['map_version']} of its map")
    active = next(flow for flow in api.pages("flows/") if flow["state"] == "active")
    run = api.call("POST", f"flows/{active['id']}/runs/", {})
    deadline = time.monotonic() + PATIENCE_SECONDS
    while run["state"] != "done" and time.monotonic() < deadline:
        time.sleep(1)
        run = api.call("GET", f"runs/{run['id']}/")
    for tally in run["tallies"]:
        assert tally["read"] == sum(tally[name] for name in BUCKETS)
        print(f"{tally['kind']}: {tally['read']} read, {tally['created']} created, {tally['needs_you']} need you")
    for cause in api.call("GET", "needs-you/"):
        print(f"{cause['count']} × {cause['sentence']}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:3]))
    except HTTPError as error:
        sys.exit(f"{error.code}: {error.read().decode()}")
