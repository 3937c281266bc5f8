"""The yardstick: the same calls in a plain httpx loop that keeps nothing, checks nothing and forgets everything."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from benchmarks.usage import cpu_seconds, peak_kb

PAGE = 500
_local = threading.local()


class Loop:
    """Reads every item, lists what the target holds, and adds each item there."""

    def __init__(self, url: str, threads: int) -> None:
        self.url = url
        self.threads = threads
        self.headers = {"Authorization": "Bearer access", "X-Api-Version": "2023-09-26"}

    def run(self) -> int:
        self.post("products.list", {"page": {"size": 100, "number": 1}})
        with ThreadPoolExecutor(self.threads) as executor:
            return sum(len(list(executor.map(self.add, page))) for page in self.pages())

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        number = 1
        while True:
            query = {"pageNumber": str(number), "pageSize": str(PAGE)}
            rows = self.client.get(f"{self.url}/v1/inventory", params=query, headers=self.headers).json()
            yield rows
            if number * PAGE >= rows[0]["metadata"]["totalCount"]:
                return
            number += 1

    def add(self, row: dict[str, Any]) -> str:
        body = {
            "code": row["inventoryNumber"].strip(),
            "name": row["description"],
            "description": row["body"],
            "selling_price": {"amount": row["defaultPrice"], "currency": "EUR"},
            "tax_rate_id": f"tax-{row['vatCode']['id']}",
            "unit_of_measure_id": f"unit-{row['salesUnit']}",
            "product_category_id": f"category-{row['itemClass']['id']}",
        }
        return str(self.post("products.add", body)["data"]["id"])

    def post(self, method: str, body: dict[str, Any]) -> Any:
        answer = self.client.post(f"{self.url}/{method}", json=body, headers=self.headers)
        answer.raise_for_status()
        return answer.json()

    @property
    def client(self) -> httpx.Client:
        """A client per thread, kept alive."""
        if not hasattr(_local, "client"):
            _local.client = httpx.Client(timeout=30, trust_env=False)
        return _local.client


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args()
    loop = Loop(given.url, given.threads)
    began, cpu = time.perf_counter(), cpu_seconds()
    written = loop.run()
    wall = time.perf_counter() - began
    print(json.dumps({"wall": wall, "cpu": cpu_seconds() - cpu, "written": written, "peak_kb": peak_kb()}))


if __name__ == "__main__":
    main()
