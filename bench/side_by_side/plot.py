"""Results as a static page: one dot plot of all classes, bars for what it costs, lines for how it grows. No script."""
import html
import math

from side_by_side import figures

COLOURS = ("#2450c4", "#c0392b", "#c98a00", "#1f8a70", "#7a3cc2")
LEFT, WIDTH, ROW = 210, 640, 28
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
text { fill: CanvasText; } .grid { stroke: color-mix(in srgb, CanvasText 15%, transparent); } .quiet { fill: color-mix(in srgb, CanvasText 65%, transparent); }
.legend span { display: inline-block; margin-right: 1.25rem; } .legend i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin-right: .35rem; }
"""


def page(found):
    """The page of all runs; classes and costs are the largest run's."""
    last = found[-1]
    colours = dict(zip(last["contestants"], COLOURS))
    legend = "".join(f'<span><i style="background:{colours[one]}"></i>{html.escape(name)}</span>' for one, name in figures.names(last).items())
    parts = [f"<h1>Side by side</h1><p>{last['events']:,} events. {html.escape(last['machine'].replace('`', ''))}. Written by bench/side_by_side/report.py.</p>",
             f'<p class="legend">{legend}</p>', "<h2>One connection, warm: p50 (dot) to p95 (line), ms</h2>", dots(last, colours)]
    for title, of in COSTS:
        parts += [f"<h2>{title}</h2>", bars(last, colours, of)]
    if len(found) > 1:
        parts += ["<h2>How it grows: p50 of the median class, ms, by events</h2>", lines(found, colours)]
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n' \
        f"<title>Annals side by side</title>\n<style>{STYLE}</style>\n<body>\n{body}\n</body>\n</html>\n"


COSTS = (
    ("Load and index: events a CPU second", lambda result, one: figures.per_cpu_second(result, one)),
    ("On disk: bytes an event", lambda result, one: figures.bytes_per_event(result, one)),
    ("Eight connections, mixed: pages a second", lambda result, one: result["contestants"][one]["mixed"]["pages_s"]),
    ("Freshness, p99: ms", lambda result, one: result["contestants"][one]["fresh_ms"]["p99"]),
)


class Scale:
    """A logarithmic axis over whole powers of ten."""

    def __init__(self, values):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)

    def at(self, value):
        return LEFT + (math.log10(value) - self.low) / (self.high - self.low) * WIDTH

    def grid(self, height):
        ticks = [10.0**power for power in range(self.low, self.high + 1)]
        return "".join(f'<line class="grid" x1="{self.at(tick):.1f}" x2="{self.at(tick):.1f}" y1="18" y2="{height}"/>'
                       f'<text class="quiet" x="{self.at(tick):.1f}" y="12" text-anchor="middle">{tick:g}</text>' for tick in ticks)


def svg(height, body):
    return f'<svg viewBox="0 0 {LEFT + WIDTH + 60} {height}" role="img">{body}</svg>'


def dots(result, colours):
    every = [figures.latency(result, one, name, which) for one in colours for name in figures.classes(result) for which in ("p50", "p95")]
    scale, marks = Scale(every), []
    for row, name in enumerate(figures.classes(result)):
        y = 34 + row * ROW
        marks.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{html.escape(name)}</text>')
        for number, (one, colour) in enumerate(colours.items()):
            # Beside each other, so that none hides another.
            y = 34 + row * ROW + (number - (len(colours) - 1) / 2) * 4
            p50, p95 = (scale.at(figures.latency(result, one, name, which)) for which in ("p50", "p95"))
            marks.append(f'<line x1="{p50:.1f}" x2="{p95:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/><circle cx="{p50:.1f}" cy="{y}" r="3.5" fill="{colour}"/>')
    height = 34 + len(figures.classes(result)) * ROW
    return svg(height, scale.grid(height) + "".join(marks))


def bars(result, colours, of):
    values = {one: of(result, one) for one in colours}
    largest, marks = max(values.values()), []
    for row, (one, value) in enumerate(values.items()):
        y, width = 8 + row * ROW, value / largest * (WIDTH - 60)
        marks.append(f'<text x="{LEFT - 10}" y="{y + 12}" text-anchor="end">{html.escape(figures.NAMES.get(one, one))}</text>'
                     f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="16" rx="2" fill="{colours[one]}"/>'
                     f'<text x="{LEFT + width + 6:.1f}" y="{y + 12}">{figures.number(value)}</text>')
    return svg(12 + len(values) * ROW, "".join(marks))


def median(result, one):
    ordered = sorted(figures.latency(result, one, name) for name in figures.classes(result))
    return ordered[len(ordered) // 2]


def lines(found, colours):
    """Events to the right, milliseconds upwards, both logarithmic."""
    across = Scale([result["events"] for result in found])
    every = [median(result, one) for result in found for one in result["contestants"] if one in colours]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    up = lambda value: 280 - (math.log10(value) - low) / max(1, high - low) * 240
    marks = [f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{up(10.0**power):.1f}" y2="{up(10.0**power):.1f}"/>'
             f'<text class="quiet" x="{LEFT - 10}" y="{up(10.0**power) + 4:.1f}" text-anchor="end">{10.0**power:g}</text>' for power in range(low, high + 1)]
    for one, colour in colours.items():
        points = [(across.at(result["events"]), up(median(result, one))) for result in found if one in result["contestants"]]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        marks.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]
    return svg(300, across.grid(280) + "".join(marks))
