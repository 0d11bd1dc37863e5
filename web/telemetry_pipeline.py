"""What leaves for the collector: of each request the route's template, the method, the status and the request's id.

An allow-list: a path, a query, a host or a header of the caller, a link, an event with an exception's text or the
state of a foreign trace is not on it, whoever may have put it on a span. Loaded only when there is a collector.
"""

import uuid
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, Status

SECONDS_TO_SEND = 4.0
METHOD, ROUTE = "http.request.method", "http.route"
OF_A_METRIC = {METHOD, ROUTE, "http.response.status_code", "error.type"}
OF_A_SPAN = OF_A_METRIC | {"trialbook.request_id"}


class Redacting(SpanProcessor):
    """Hands on a copy of each span that holds only what is allowed."""

    def __init__(self, onward: SpanProcessor) -> None:
        """Stand before the processor that sends."""
        self._onward = onward

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing is said at the start."""

    def on_end(self, span: ReadableSpan) -> None:
        """Hand on what may be said."""
        self._onward.on_end(redacted(span))

    def shutdown(self) -> None:
        """Send the rest and stop."""
        self._onward.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what there is now."""
        return self._onward.force_flush(timeout_millis)


def redacted(span: ReadableSpan) -> ReadableSpan:
    """The span with nothing but what is allowed; its name is made anew from that."""
    kept = {name: value for name, value in (span.attributes or {}).items() if name in OF_A_SPAN}
    return ReadableSpan(
        name=" ".join(str(kept[part]) for part in (METHOD, ROUTE) if part in kept) or "request",
        context=_bare(span.context),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes=kept,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _bare(context: SpanContext | None) -> SpanContext | None:
    """The numbers of a trace, without the words that the caller's system sent along (`tracestate`)."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


class Pipeline(NamedTuple):
    """Where the framework puts spans and measurements."""

    tracer: TracerProvider
    meter: MeterProvider

    def shut_down(self) -> None:
        """Send the rest and stop."""
        self.tracer.shutdown()
        self.meter.shutdown(timeout_millis=SECONDS_TO_SEND * 1000)


def build(endpoint: str, version: str) -> Pipeline:
    """The way to a collector. Each worker is an instance of its own, so that their sums are not taken for one."""
    described = {"service.version": version, "service.instance.id": str(uuid.uuid4())}
    resource = Resource.create({"service.name": "trialbook"} | described)
    tracer = TracerProvider(resource=resource, shutdown_on_exit=False)
    spans = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=SECONDS_TO_SEND)
    tracer.add_span_processor(Redacting(BatchSpanProcessor(spans)))
    numbers = OTLPMetricExporter(endpoint=f"{endpoint}/v1/metrics", timeout=SECONDS_TO_SEND)
    meter = MeterProvider(
        [PeriodicExportingMetricReader(numbers)],
        resource=resource,
        # An exemplar would carry the attributes that the view takes away.
        exemplar_filter=AlwaysOffExemplarFilter(),
        views=[View(instrument_name="*", attribute_keys=OF_A_METRIC)],
        shutdown_on_exit=False,
    )
    return Pipeline(tracer, meter)
