"""What the results of a run say: ratios to the best other contestant, and the figures that were to be reached."""

OURS = "annals"
NAMES = {"annals": "Annals", "postgresql": "PostgreSQL", "clickhouse": "ClickHouse", "opensearch": "OpenSearch", "duckdb_parquet": "DuckDB, Parquet"}
# Which figures are wanted of which classes.
NOT_PAGES = ("facets", "count", "makers")
NAMED_OR_SEVERAL = ("name", "users")
WORST_P99_MS = 5.0


def names(result):
    return {name: NAMES.get(name, name) for name in result["contestants"]}


def classes(result):
    return list(result["contestants"][OURS]["classes"])


def is_page(name):
    return not name.startswith(NOT_PAGES)


def is_named_or_several(name):
    return any(word in name for word in NAMED_OR_SEVERAL)


def latency(result, contestant, name, which="p50"):
    """Milliseconds."""
    return result["contestants"][contestant]["classes"][name][which] / 1e3


def others(result):
    return [name for name in result["contestants"] if name != OURS]


def best(result, name, which="p50"):
    """The fastest other contestant of a class."""
    return min(others(result), key=lambda one: latency(result, one, name, which))


def ratio(result, name, which="p50"):
    """How many times faster than the best other one; below 1 it is slower."""
    return latency(result, best(result, name, which), name, which) / latency(result, OURS, name, which)


def losses(result):
    """Classes in which another one is faster, the worst first."""
    found = [name for name in classes(result) if ratio(result, name) < 1]
    return sorted(found, key=lambda name: ratio(result, name))


def per_cpu_second(result, name):
    return result["events"] / result["contestants"][name]["cpu_s"]


def bytes_per_event(result, name):
    return result["contestants"][name]["stored_bytes"] / result["events"]


def targets(result):
    """(what, measured, wanted, whether it is reached)."""
    found = []
    pages = [name for name in classes(result) if is_page(name)]
    worst = min(pages, key=lambda name: ratio(result, name))
    found.append(("every page class, p50: best other ÷ Annals, least", f"{ratio(result, worst):.2f} ({worst})", "1", ratio(result, worst) >= 1))
    named = [name for name in classes(result) if is_named_or_several(name)]
    worst = min(named, key=lambda name: ratio(result, name, "p95"))
    found.append(("every class with a name or several users, p95, least", f"{ratio(result, worst, 'p95'):.1f} ({worst})", "5", ratio(result, worst, "p95") >= 5))
    slowest = max(classes(result), key=lambda name: latency(result, OURS, name, "p99"))
    p99 = latency(result, OURS, slowest, "p99")
    found.append(("worst p99 over all classes", f"{p99:.2f} ms at {result['events']:,} events ({slowest})", f"{WORST_P99_MS:.0f} ms, to be kept at 10,000,000", p99 <= WORST_P99_MS))
    for other, wanted in (("postgresql", 6), ("clickhouse", 2.5)):
        if other in result["contestants"]:
            times = per_cpu_second(result, OURS) / per_cpu_second(result, other)
            found.append((f"load and index, events a CPU second, against {NAMES[other]}", f"{times:.2f} ×", f"{wanted} ×", times >= wanted))
    for other, wanted in (("postgresql", 1 / 5), ("clickhouse", 1)):
        if other in result["contestants"]:
            share = bytes_per_event(result, OURS) / bytes_per_event(result, other)
            found.append((f"bytes an event, evidence included, of {NAMES[other]}'s", f"{share:.2f}", f"{wanted:.1f}" + (" (aim)" if wanted == 1 else ""), share <= wanted))
    fresh = result["contestants"][OURS]["fresh_ms"]["p99"]
    found.append(("freshness, p99", f"{fresh:.1f} ms", "100 ms", fresh <= 100))
    if "postgresql" in result["contestants"]:
        times = result["contestants"][OURS]["mixed"]["pages_s"] / result["contestants"]["postgresql"]["mixed"]["pages_s"]
        found.append(("pages a second, 8 connections mixed, against PostgreSQL", f"{times:.2f} ×", "10 ×", times >= 10))
    # What is missed stands first.
    return sorted(found, key=lambda one: one[3])


def number(value):
    """Three significant digits, thousands in groups."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
