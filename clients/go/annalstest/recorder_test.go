package annalstest_test

import (
	"context"
	"strings"
	"testing"

	annals "annals.invalid/client"
	"annals.invalid/client/annalstest"
)

// failures notes how a test would have failed.
type failures struct {
	testing.TB
	told []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, arguments ...any) { f.told = append(f.told, format) }

func (f *failures) Fatalf(format string, arguments ...any) { f.told = append(f.told, format) }

func TestTheRecorderIsAskedForWhatMustHaveBeenRecorded(t *testing.T) {
	actions, err := annals.ParseActions([]byte(`{"source.updated": {"secret": ["password"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	noted := &failures{TB: t}
	recorder := annalstest.New(noted, annals.Encoder{Actions: actions, Service: "sources"})
	var emitter annals.Emitter = recorder
	event := annals.NewEvent("acme", "source.updated").By(annals.User("u1")).On("source", "s1", "Postgres")
	emitter.Emit(context.Background(), event.Changed(map[string]int{"password": 1}, map[string]int{"password": 2}))
	found := recorder.ExpectAudit(
		"source.updated", annalstest.In("acme"), annalstest.By("u1"), annalstest.On("source", "s1"),
	)
	if string(found.Changes[0].After) != `"••••"` || found.Context.Service != "sources" {
		t.Errorf("%+v", found)
	}
	recorder.ExpectNoAudit("source.deleted")
	if len(noted.told) > 0 {
		t.Error(noted.told)
	}
	recorder.ExpectAudit("source.updated", annalstest.By("u2"))
	recorder.ExpectAudit("source.updated", annalstest.On("source", "s2"))
	recorder.ExpectAudit("source.updated", annalstest.In("other"))
	recorder.ExpectNoAudit("source.updated")
	emitter.Emit(context.Background(), annals.NewEvent("acme", "a.b").Metadata(1))
	if len(noted.told) != 5 || !strings.Contains(noted.told[0], "recorded was") {
		t.Error(noted.told)
	}
}
