package annals

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	batchPath = "/v1/events:batch"
	// retryAfterMax is how long a pause that a server asks for is kept at most.
	retryAfterMax = time.Minute
	// answerBytesMax is far more than a gateway says of a batch.
	answerBytesMax = 8 << 20
)

// fate is what became of an event: on the log, to go again, or refused for good.
type fate struct {
	again   bool
	refused string
}

// answer is what became of a batch.
type answer struct {
	// fates of each event, in order. Without them all go again.
	fates []fate
	// tooMuch says that the batch is refused as a whole, and may pass in parts.
	tooMuch bool
	// detail is why events go again, or are refused.
	detail string
	// retryAfter is how long the server asks to be left alone.
	retryAfter time.Duration
}

// gateway sends batches, one at a time.
type gateway struct {
	url    string
	token  func(context.Context) (string, error)
	client *http.Client
	limit  time.Duration
}

func (g *gateway) post(ctx context.Context, batch []queued) (said answer) {
	defer func() {
		// The host's token function and client must not take the host down from here.
		if thrown := recover(); thrown != nil {
			said = answer{detail: fmt.Sprintf("panic: %v", thrown)}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, g.limit)
	defer cancel()
	token, err := g.token(ctx)
	if err != nil {
		return answer{detail: err.Error()}
	}
	var body bytes.Buffer
	for _, event := range batch {
		body.Write(event.json)
		body.WriteByte('\n')
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+batchPath, &body)
	if err != nil {
		return answer{detail: err.Error()}
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("User-Agent", "annals-client-go")
	response, err := g.client.Do(request)
	if err != nil {
		return answer{detail: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerBytesMax))
	if err != nil {
		return answer{detail: err.Error()}
	}
	return read(response.StatusCode, response.Header.Get("Retry-After"), text, len(batch))
}

type items struct {
	Items []struct {
		Status string `json:"status"`
		Error  struct {
			Type   string `json:"type"`
			Detail string `json:"detail"`
			Errors []struct {
				Pointer string `json:"pointer"`
				Detail  string `json:"detail"`
			} `json:"errors"`
		} `json:"error"`
	} `json:"items"`
}

// read tells what an answer means.
func read(status int, retryAfter string, body []byte, events int) answer {
	if status == http.StatusOK || status == http.StatusAccepted {
		var said items
		if err := json.Unmarshal(body, &said); err != nil || len(said.Items) != events {
			return answer{detail: fmt.Sprintf("an answer that is not understood, status %d", status)}
		}
		return answer{fates: fatesOf(said), detail: "the log did not acknowledge"}
	}
	var problem struct{ Detail, Title string }
	_ = json.Unmarshal(body, &problem) // what is no problem says nothing
	detail := fmt.Sprintf("status %d", status)
	if said := firstOf(problem.Detail, problem.Title); said != "" {
		detail += ": " + said
	}
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		// One event of it may be at fault, or its size.
		return answer{tooMuch: true, detail: detail}
	}
	seconds, err := strconv.ParseUint(retryAfter, 10, 16)
	if err != nil {
		return answer{detail: detail}
	}
	return answer{detail: detail, retryAfter: min(time.Duration(seconds)*time.Second, retryAfterMax)}
}

func fatesOf(said items) []fate {
	fates := make([]fate, len(said.Items))
	for at, item := range said.Items {
		switch {
		case item.Status == "accepted" || item.Status == "duplicate":
		case item.Error.Type == "log-unavailable":
			// The log did not acknowledge it this time: no fault of the event.
			fates[at].again = true
		default:
			var faults []string
			for _, fault := range item.Error.Errors {
				faults = append(faults, fault.Pointer+" "+fault.Detail)
			}
			told := firstOf(strings.Join(faults, "; "), item.Error.Detail)
			fates[at].refused = firstOf(item.Error.Type, "rejected") + ": " + told
		}
	}
	return fates
}

func firstOf(one, other string) string {
	if one != "" {
		return one
	}
	return other
}
