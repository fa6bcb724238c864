# Two commands do everything: `make run` and `make test`. Both set up whatever is missing first.

LISTEN ?= 127.0.0.1:8080
DATA ?= ./annals-data

.PHONY: help run test ui bench bench-path bench-store bench-api bench-gateway bench-emit bench-evidence bench-ui soak setup-build setup-test

help:
	@echo "make run    build, start the demo on $(LISTEN) and print what to open (LISTEN=, DATA=)"
	@echo "make test   everything: format, lints, unit tests, all suites, real Kafka and a real browser"
	@echo "            ONLY=e2e,crash runs only these suites, SKIP=browser leaves some out"
	@echo "make ui     build the page alone: ui/dist, which cargo embeds"
	@echo "make bench  Annals beside PostgreSQL, ClickHouse, OpenSearch and DuckDB: same events, same questions (N=10000000, or a list; SEED=)"
	@echo "make bench-path    the whole path: in process, import, freshness, memory"
	@echo "make bench-store   the figures of the storage engine, N=10000000 events (N=, RESOURCES=, IDS=v4|v7, SEED=)"
	@echo "make bench-api     pages and exports over HTTP at N=10000000 events, by a second process on loopback (N=, SECONDS=)"
	@echo "make bench-gateway what the gateway takes in batches of 500, beside its client (SECONDS=)"
	@echo "make bench-emit    what recording an event costs its host, N=10000000 calls in each state of the log (N=)"
	@echo "make bench-ui      the figures of the page, in a real browser, N=10000000 events (N=)"
	@echo "make bench-evidence   replay, verify, rebuild and export of N=1000000 events (N=, SEED=)"
	@echo "make soak   the suites with their large figures (hours)"

setup-build:
	@tests/setup/system build
	@tests/setup/ui

setup-test:
	@tests/setup/system test
	@tests/setup/npm
	@tests/setup/ui
	@tests/setup/versitygw
	@tests/setup/tlog
	@tests/setup/python
	@tests/setup/clients
	@tests/kafka/kafka-up install
	@tests/kafka/connect-up install
	@tests/kafka/apicurio-up install

run: setup-build
	cargo build --release --locked -p annals
	exec target/release/annals up --demo --data $(DATA) --listen $(LISTEN)

ui:
	@tests/setup/ui

test: setup-test
	@python3 tests/run.py test --only "$(ONLY)" --skip "$(SKIP)"

bench: setup-test
	@tests/setup/python bench
	@tests/setup/opensearch
	@python3 tests/run.py bench $(if $(N),--events $(N)) $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS))

bench-path: setup-test
	@python3 tests/run.py bench-path

bench-store: setup-build
	@python3 tests/run.py bench-store $(if $(N),--events $(N)) $(if $(RESOURCES),--resources $(RESOURCES)) \
		$(if $(IDS),--ids $(IDS)) $(if $(SEED),--seed $(SEED))

bench-api: setup-test
	@python3 tests/run.py bench-api $(if $(N),--events $(N)) $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS))

bench-gateway: setup-test
	@python3 tests/run.py bench-gateway $(if $(SECONDS),--seconds $(SECONDS))

bench-emit: setup-test
	@python3 tests/run.py bench-emit $(if $(N),--events $(N))

bench-evidence: setup-build
	@python3 tests/run.py bench-evidence $(if $(N),--events $(N)) $(if $(SEED),--seed $(SEED))

bench-ui: setup-test
	@python3 tests/run.py bench-ui $(if $(N),--events $(N))

soak: setup-test
	@python3 tests/run.py soak
