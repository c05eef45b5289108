"""What Prometheus reads: the values of all metrics, counted for all processes of the desk together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from console.api.asking import InRoom
from console.services.metrics.catalogue import Kind
from console.services.metrics.reading import Told, read_metrics

router = APIRouter(tags=["health"])


@dataclass(frozen=True, slots=True)
class _Values(Collector):
    """Hands values to the library, which writes them as Prometheus reads them."""

    told: Iterable[Told]

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Yield every metric with its samples."""
        for one in self.told:
            family = CounterMetricFamily if one.metric.kind is Kind.COUNTER else GaugeMetricFamily
            written = family(one.metric.name, f"{one.metric.meaning}.", labels=one.metric.labels)
            for labels, value in sorted(one.samples):
                written.add_metric(labels, value)
            yield written


@router.get("/metrics", response_class=Response)
async def metrics(room: InRoom, request: Request) -> Response:
    """The figures of the desk in the format of Prometheus."""
    surveyed = await room.survey.look(room.ledger)
    told = await read_metrics(room.desk, surveyed, room.counting, home=room.chosen.home, clock=room.clock)
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Values(told))
    return Response(encode(registry), headers={"content-type": kind})
