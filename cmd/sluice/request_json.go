package main

// The JSON object of --json.

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	"github.com/sluice-run/sluice/host/wire"
)

// resultJSON is the object. Scripts rely on its members: docs/cli.md lists them.
type resultJSON struct {
	Outcome    string       `json:"outcome"`
	Status     int          `json:"status,omitempty"`
	Headers    []headerJSON `json:"headers,omitempty"`
	Body       *string      `json:"body,omitempty"`
	BodyBase64 []byte       `json:"bodyBase64,omitempty"`
	DurationMs float64      `json:"durationMs,omitempty"`
	Error      *errorJSON   `json:"error,omitempty"`
}

type headerJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type errorJSON struct {
	Code         int    `json:"code,omitempty"`
	Reason       string `json:"reason,omitempty"`
	Policy       string `json:"policy,omitempty"`
	RetryAfterMs uint64 `json:"retryAfterMs,omitempty"`
	Message      string `json:"message"`
}

// outcomes are the words for exit codes.
var outcomes = map[int]string{
	exitDone:         "done",
	exitTrouble:      "trouble",
	exitUsage:        "usage",
	exitDenied:       "denied",
	exitFailed:       "failed",
	exitDisconnected: "disconnected",
	exitInvalid:      "invalid",
	exitOverloaded:   "overloaded",
	exitHTTPError:    "http_error",
	exitInterrupted:  "interrupted",
}

// done is the object of a response; body is nil if it went to a file.
func done(res *response, started time.Time, body []byte) *resultJSON {
	result := &resultJSON{
		Outcome:    outcomes[exitDone],
		Status:     res.status,
		DurationMs: float64(time.Since(started).Microseconds()) / 1000,
	}
	for i := range res.headers {
		result.Headers = append(result.Headers, headerJSON{res.headers[i].Name, res.headers[i].Value})
	}
	switch {
	case body == nil:
	case utf8.Valid(body):
		text := string(body)
		result.Body = &text
	default:
		result.BodyBase64 = body
	}
	return result
}

// printFailure prints the object of an error, which keeps its exit code.
func (r *requestCmd) printFailure(err error) error {
	code := exitCode(err)
	result := &resultJSON{Outcome: outcomes[code], Error: &errorJSON{Message: err.Error()}}
	var answer *wire.Error
	if errors.As(err, &answer) {
		result.Error = &errorJSON{int(answer.Code), answer.Reason, answer.Policy, answer.RetryAfterMs, answer.Message}
	}
	if problem := printJSON(result); problem != nil {
		return problem
	}
	return &exitError{code, fmt.Errorf("%w: %w", errReported, err)}
}

func printJSON(result *resultJSON) error {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(result)
}
