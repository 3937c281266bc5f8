"""Numbers for a monitoring system, read from the database: right with any number of processes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from flows.watching.platform_counts import platform_counts


class _Platform(Collector):
    """What stands in the database now. No names and no ids: numbers only."""

    def collect(self) -> Iterator[Metric]:
        for one in platform_counts(timezone.now()):
            metric = GaugeMetricFamily(f"apicenter_{one.name}", one.about, labels=[one.label] if one.label else [])
            for value, number in one.numbers.items():
                metric.add_metric([value] if one.label else [], number)
            yield metric


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the numbers in Prometheus' text format to whoever brings the token of METRICS_TOKEN."""
    token = settings.ENV.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Platform())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
