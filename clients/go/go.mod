module annals.invalid/client

go 1.24.0

require (
	github.com/google/uuid v1.6.0
	go.opentelemetry.io/otel/trace v1.38.0
)

require go.opentelemetry.io/otel v1.38.0 // indirect
