package annals

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// annalsUp is a real annals up to send to, on a directory of its own; reads are not recorded, so
// that the log holds what was sent.
type annalsUp struct {
	t           *testing.T
	url         string
	data        string
	listen      string
	environment []string
	process     *exec.Cmd
}

type row struct {
	EventID string `json:"event_id"`
	Action  string
	Actor   Principal
	Context Context
	Changes []struct {
		Path          string
		Before, After any
	}
	Metadata map[string]any
}

func binary() string {
	if named := os.Getenv("ANNALS_BIN"); named != "" {
		return named
	}
	return "../../target/debug/annals"
}

func startAnnals(t *testing.T, variables ...string) *annalsUp {
	t.Helper()
	// The binary refuses variables that it does not know.
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "ANNALS_BIN=")
	})
	environment = append(append(environment, "ANNALS_AUTH_RECORD_READS=false"), variables...)
	annals := &annalsUp{
		t: t, data: filepath.Join(t.TempDir(), "data"), listen: "127.0.0.1:0", environment: environment,
	}
	annals.start()
	t.Cleanup(annals.stop)
	return annals
}

// start starts it, on the same port as before.
func (a *annalsUp) start() {
	a.t.Helper()
	a.process = a.command("up", "--listen", a.listen)
	output, err := a.process.StdoutPipe()
	if err != nil {
		a.t.Fatal(err)
	}
	if err := a.process.Start(); err != nil {
		a.t.Fatal(err)
	}
	line, _ := bufio.NewReader(output).ReadString('\n')
	_, address, is := strings.Cut(strings.TrimSpace(line), "listening on ")
	if !is {
		a.t.Fatal(line)
	}
	a.url, a.listen = address, strings.TrimPrefix(address, "http://")
}

// stop ends it the way a crash would.
func (a *annalsUp) stop() {
	_ = a.process.Process.Kill()
	_ = a.process.Wait()
}

func (a *annalsUp) signal(signal syscall.Signal) {
	if err := a.process.Process.Signal(signal); err != nil {
		a.t.Fatal(err)
	}
}

func (a *annalsUp) command(subcommand string, arguments ...string) *exec.Cmd {
	arguments = append([]string{subcommand, "--data", a.data}, arguments...)
	command := exec.Command(binary(), arguments...)
	command.Env = a.environment
	return command
}

func (a *annalsUp) token(scope string) string {
	a.t.Helper()
	text, err := a.command("token", "--workspace", "acme", "--scope", scope).Output()
	if err != nil {
		a.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// rows are so many rows, in the order in which they arrived, as soon as they are there.
func (a *annalsUp) rows(count int, filters url.Values) []row {
	a.t.Helper()
	rows := a.rowsUntil(filters, func(rows []row) bool { return len(rows) >= count })
	if len(rows) != count {
		a.t.Fatalf("%d rows and not %d", len(rows), count)
	}
	return rows
}

// rowsUntil are all rows once they are enough.
func (a *annalsUp) rowsUntil(filters url.Values, areEnough func([]row) bool) []row {
	a.t.Helper()
	query := url.Values{"limit": {"1000"}, "after": {"0"}, "wait": {"1s"}}
	for name, values := range filters {
		query[name] = values
	}
	address, token := fmt.Sprintf("%s/v1/workspaces/acme/feed?%s", a.url, query.Encode()), a.token("audit:read")
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		request, _ := http.NewRequest(http.MethodGet, address, nil)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			a.t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		var page struct{ Data []row }
		if response.StatusCode != http.StatusTooManyRequests {
			if err := json.Unmarshal(text, &page); err != nil || response.StatusCode != http.StatusOK {
				a.t.Fatalf("%d %s", response.StatusCode, text)
			}
			if areEnough(page.Data) {
				return page.Data
			}
		}
		if time.Now().After(deadline) {
			a.t.Fatalf("%d rows are not enough", len(page.Data))
		}
	}
}
