"""What flows that go the other way write into the records that one reads: it is no news when it comes back."""

from __future__ import annotations

from flows.catalog.registry import FLOW_KINDS, flow_kind
from flows.models import Flow

CUSTOM = "custom_fields."


def echoed_fields(flow: Flow) -> frozenset[str]:
    """Return the ids of the custom fields that partners of the flow write to its source."""
    kinds = set(flow_kind(flow.kind).resources)
    telling = [one.key for one in FLOW_KINDS.values() if kinds & set(one.partners)]
    if not telling:
        return frozenset()
    partners = Flow.objects.filter(kind__in=telling, source=flow.target_id, target=flow.source_id)
    versions = [partner.map_version for partner in partners.select_related("map_version") if partner.map_version]
    targets = [row["target"] for version in versions for one in version.maps.values() for row in one.get("fields", ())]
    return frozenset(target.removeprefix(CUSTOM) for target in targets if target.startswith(CUSTOM))
