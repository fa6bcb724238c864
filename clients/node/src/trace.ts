/** The trace id of the current OpenTelemetry span, where its API is installed. */

interface Api {
  trace: { getActiveSpan(): { spanContext(): { traceId: string } } | undefined };
  isSpanContextValid(context: { traceId: string }): boolean;
}

const api = load();

function load(): Api | undefined {
  try {
    return require("@opentelemetry/api") as Api;
  } catch {
    return undefined;
  }
}

/** 32 hexadecimal digits; undefined without a span. */
export function currentTraceId(): string | undefined {
  const context = api?.trace.getActiveSpan()?.spanContext();
  return context && api?.isSpanContextValid(context) ? context.traceId : undefined;
}
