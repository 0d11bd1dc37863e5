"""A collector of telemetry on the loopback address: takes OTLP over HTTP and keeps what was sent, decoded."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import KeyValue

KINDS = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest}


class Collector(NamedTuple):
    """Where it listens, and every message with the path that it came to."""

    address: str
    received: list[tuple[str, ExportTraceServiceRequest | ExportMetricsServiceRequest]]

    def batches(self) -> list[ResourceSpans]:
        return [batch for path, message in self.received if path == "/v1/traces" for batch in message.resource_spans]

    def spans(self) -> list[Span]:
        return [span for batch in self.batches() for scope in batch.scope_spans for span in scope.spans]

    def metrics(self) -> set[str]:
        return {
            metric.name
            for path, message in self.received
            if path == "/v1/metrics"
            for batch in message.resource_metrics
            for scope in batch.scope_metrics
            for metric in scope.metrics
        }

    def everything(self) -> str:
        """All that was sent, as text."""
        return "\n".join(str(message) for _, message in self.received)


def attributes(of: "list[KeyValue]") -> dict[str, str]:
    """Attributes with their values as text."""
    return {pair.key: str(getattr(pair.value, pair.value.WhichOneof("value") or "string_value")) for pair in of}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Listen on a free port as long as it lasts."""
    received: list[tuple[str, ExportTraceServiceRequest | ExportMetricsServiceRequest]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = KINDS[self.path]()
            message.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
            received.append((self.path, message))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The test says what it wants said."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield Collector(f"http://127.0.0.1:{server.server_port}", received)
        server.shutdown()
        thread.join(timeout=5)
