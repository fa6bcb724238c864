module annals.invalid/tests/bench-gateway

go 1.24.0
