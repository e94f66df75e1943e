"""What Prometheus is told of watched tags."""

from prometheus_client import Counter

CHECKS = Counter(
    "sojourn_tag_checks",
    "Questions to registries what a tag means now, by outcome: same, moved, gone, limited, failed.",
    ["outcome"],
)
