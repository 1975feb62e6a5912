//go:build interop

package interop

// Transcripts: what came back in one case, in a form in which two servers can
// be compared.

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDelta is the protocol's largest delta in decoded bytes.
const maxDelta = 1 << 20

// maxBrief is the largest body a transcript quotes in full.
const maxBrief = 160

// brief prints a body: as text if it is short text, else by length and hash.
func brief(body []byte) string {
	if len(body) <= maxBrief && utf8.Valid(body) {
		return strconv.Quote(string(body))
	}
	return fmt.Sprintf("%d bytes %x", len(body), sha256.Sum256(body))[:len("bytes")+24]
}

// transcript collects the lines of one case.
type transcript struct {
	lines     []string
	unordered bool
	names     *strings.Replacer
}

func (tr *transcript) add(conn, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if conn != "" {
		line = "@" + conn + " " + line
	}
	tr.lines = append(tr.lines, line)
}

var (
	uuid     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	loopback = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// finish gives the normalised lines, with the origin's records at the end.
func (tr *transcript) finish(records []string) []string {
	lines := slices.Concat(tr.lines, records)
	sessions := map[string]string{}
	for i, line := range lines {
		if sent(line) {
			continue
		}
		line = loopback.ReplaceAllString(tr.names.Replace(line), "$${PEER}")
		lines[i] = uuid.ReplaceAllStringFunc(line, func(id string) string {
			if _, ok := sessions[id]; !ok {
				sessions[id] = fmt.Sprintf("session-%d", len(sessions)+1)
			}
			return sessions[id]
		})
	}
	if tr.unordered {
		// Only what came back is reordered; the steps stay on top.
		slices.SortStableFunc(lines, func(a, b string) int {
			sentA, sentB := sent(a), sent(b)
			switch {
			case sentA && sentB:
				return 0
			case sentA:
				return -1
			case sentB:
				return 1
			}
			return strings.Compare(a, b)
		})
	}
	return lines
}

// sent tells whether a line is a step of the case and not what came of it.
func sent(line string) bool {
	if strings.HasPrefix(line, "@") {
		_, line, _ = strings.Cut(line, " ")
	}
	return strings.HasPrefix(line, ">")
}

// envelope is a frame from the server.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	} `json:"error"`
}

// bodyDelta is the params of http/request/bodyDelta.
type bodyDelta struct {
	RequestID   string  `json:"requestId"`
	Seq         uint64  `json:"seq"`
	DeltaBase64 string  `json:"deltaBase64"`
	Done        bool    `json:"done"`
	Error       *string `json:"error"`
}

// stream joins the deltas of one request.
type stream struct {
	body bytes.Buffer
	seq  uint64
	// odd lists what must not happen: gaps, oversized deltas.
	odd []string
}

// take adds a delta.
func (s *stream) take(d bodyDelta) {
	s.seq++
	if d.Seq != s.seq {
		s.odd = append(s.odd, fmt.Sprintf("seq %d instead of %d", d.Seq, s.seq))
		s.seq = d.Seq
	}
	chunk, err := base64.StdEncoding.DecodeString(d.DeltaBase64)
	if err != nil {
		s.odd = append(s.odd, "bad base64")
	}
	if len(chunk) > maxDelta {
		s.odd = append(s.odd, fmt.Sprintf("delta of %d bytes", len(chunk)))
	}
	if d.Done && len(chunk) > 0 {
		s.odd = append(s.odd, "last delta is not empty")
	}
	s.body.Write(chunk)
}

// describe prints the whole stream at its end.
func (s *stream) describe(d bodyDelta) string {
	end := "done"
	if d.Error != nil {
		end = fmt.Sprintf("error %q", *d.Error)
	}
	return strings.Join(append([]string{brief(s.body.Bytes()), end}, s.odd...), ", ")
}

// describeResult prints a result. Bodies are decoded, headers sorted, and of
// environmentInfo only the part that clients rely on is kept.
func describeResult(raw json.RawMessage) string {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return string(raw)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return compact(value)
	}
	if info, ok := object["environmentInfo"].(map[string]any); ok {
		object["environmentInfo"] = shellOnly(info)
	}
	if _, ok := object["shell"]; ok {
		object = shellOnly(object)
	}
	if encoded, ok := object["bodyBase64"].(string); ok {
		body, err := base64.StdEncoding.Strict().DecodeString(encoded)
		object["bodyBase64"] = brief(body)
		if err != nil {
			object["bodyBase64"] = err.Error()
		}
	}
	if headers, ok := object["headers"].([]any); ok {
		object["headers"] = headerLines(headers)
	}
	return compact(object)
}

// shellOnly reduces an environment to whether its shell has a name and a path:
// the rest is the machine's business.
func shellOnly(info map[string]any) map[string]any {
	shell, _ := info["shell"].(map[string]any)
	_, hasName := shell["name"].(string)
	_, hasPath := shell["path"].(string)
	return map[string]any{"shell": map[string]any{"name": hasName, "path": hasPath}}
}

// headerLines prints header objects as "name: value", sorted by name.
func headerLines(headers []any) []string {
	lines := make([]string, 0, len(headers))
	for _, header := range headers {
		object, _ := header.(map[string]any)
		if len(object) != 2 {
			lines = append(lines, compact(header))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s", object["name"], object["value"]))
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, ":")
		nameB, _, _ := strings.Cut(b, ":")
		return strings.Compare(nameA, nameB)
	})
	return lines
}

// compact prints a value as JSON with sorted members.
func compact(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(out.String(), "\n")
}
