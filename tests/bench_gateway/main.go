// Posts batches of events to a gateway, first as fast as it answers, then at half of what is wanted of it; prints a
// row of docs/BENCHMARKS.md for each.
//
//	usage: bench-gateway URL SECONDS    (a token on standard input)
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	batch       = 500
	bodies      = 64
	connections = 8
	wanted      = 50_000 // events a second
	wantedP99   = 20 * time.Millisecond
)

type client struct {
	url, token string
	http       http.Client
	bodies     [bodies][]byte
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bench-gateway URL SECONDS, a token on standard input")
		os.Exit(2)
	}
	token, err := io.ReadAll(os.Stdin)
	check(err)
	seconds, err := strconv.Atoi(os.Args[2])
	check(err)
	transport := &http.Transport{MaxIdleConnsPerHost: 4 * connections}
	c := &client{url: os.Args[1], token: strings.TrimSpace(string(token)), http: http.Client{Transport: transport}}
	for number := range c.bodies {
		c.bodies[number] = body(number)
	}
	lasting := time.Duration(seconds) * time.Second
	c.closed(2 * time.Second) // connections, caches

	fmt.Printf("| Batches of %d events, %d bytes each | events/s | p50, ms | p99, ms | max, ms | wanted |\n", batch, len(c.bodies[0])/batch)
	fmt.Println("|---|--:|--:|--:|--:|---|")
	started := time.Now()
	times := c.closed(lasting)
	rate := float64(len(times)*batch) / time.Since(started).Seconds()
	row(fmt.Sprintf("%d at once, as fast as it answers", connections), rate, times,
		fmt.Sprintf("≥ %d events/s: %s", wanted, verdict(rate >= wanted)))
	started = time.Now()
	times = c.open(wanted/2, lasting)
	rate = float64(len(times)*batch) / time.Since(started).Seconds()
	row(fmt.Sprintf("one every %v, whatever it does", period(wanted/2)), rate, times,
		fmt.Sprintf("p99 ≤ %v: %s", wantedP99, verdict(at(times, 0.99) <= wantedP99)))
}

// closed posts from several connections, each one batch after the other; how long each took.
func (c *client) closed(lasting time.Duration) []time.Duration {
	var all times
	var group sync.WaitGroup
	for connection := range connections {
		group.Add(1)
		go func() {
			defer group.Done()
			started := time.Now()
			for number := connection; time.Since(started) < lasting; number += connections {
				posted := time.Now()
				c.post(number)
				all.add(time.Since(posted))
			}
		}()
	}
	group.Wait()
	return all.sorted()
}

// open posts at a steady rate: a slow answer does not slow the next batch down, and its waiting counts.
func (c *client) open(rate int, lasting time.Duration) []time.Duration {
	var all times
	var group sync.WaitGroup
	started := time.Now()
	for number := range int(lasting / period(rate)) {
		due := started.Add(time.Duration(number) * period(rate))
		time.Sleep(time.Until(due))
		group.Add(1)
		go func() {
			defer group.Done()
			c.post(number)
			all.add(time.Since(due))
		}()
	}
	group.Wait()
	return all.sorted()
}

func period(rate int) time.Duration { return time.Second * batch / time.Duration(rate) }

// post sends a batch, of which every event must be accepted.
func (c *client) post(number int) {
	request, err := http.NewRequest(http.MethodPost, c.url+"/v1/events:batch", bytes.NewReader(c.bodies[number%bodies]))
	check(err)
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := c.http.Do(request)
	check(err)
	text, err := io.ReadAll(answer.Body)
	check(err)
	check(answer.Body.Close())
	if accepted := bytes.Count(text, []byte(`"accepted"`)); answer.StatusCode != 202 || accepted != batch {
		fmt.Fprintf(os.Stderr, "status %d, %d accepted: %.300s\n", answer.StatusCode, accepted, text)
		os.Exit(1)
	}
}

// body is a batch of events without ids: the gateway gives them, so that every one is new.
func body(number int) []byte {
	var text bytes.Buffer
	for i := range batch {
		n := number*batch + i
		line, err := json.Marshal(map[string]any{
			"workspace_id": fmt.Sprintf("bench-%d", n/50%100),
			"occurred_at":  time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
			"actor":        map[string]any{"kind": "user", "id": fmt.Sprintf("u%d", n%500), "name": "Ana Žižek", "email": "ana@acme.test"},
			"action":       "segment.updated",
			"outcome":      "success",
			"resources":    []any{map[string]any{"type": "segment", "id": fmt.Sprintf("s%d", n%3000), "name": "VIP EU"}},
			"context":      map[string]any{"request_id": fmt.Sprintf("r-%d", n), "service": "segments-api", "ip": "203.0.113.7"},
			"changes":      []any{map[string]any{"path": "filter.country", "before": []string{"FR"}, "after": []string{"FR", "DE"}}},
		})
		check(err)
		text.Write(line)
		text.WriteByte('\n')
	}
	return text.Bytes()
}

type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(time time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, time)
}

func (t *times) sorted() []time.Duration {
	slices.Sort(t.all)
	return t.all
}

func at(sorted []time.Duration, share float64) time.Duration {
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func row(name string, rate float64, sorted []time.Duration, wanted string) {
	ms := func(time time.Duration) string { return fmt.Sprintf("%.1f", time.Seconds()*1_000) }
	fmt.Printf("| %s | %.0f | %s | %s | %s | %s |\n", name, rate, ms(at(sorted, 0.5)), ms(at(sorted, 0.99)), ms(at(sorted, 1)), wanted)
}

func verdict(is bool) string {
	if is {
		return "yes"
	}
	return "**no**"
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-gateway:", err)
		os.Exit(1)
	}
}
