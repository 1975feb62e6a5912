package egress

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sluice-run/sluice/abi"
)

// BenchmarkDo compares a whole request with the bare transport below it.
func BenchmarkDo(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	defer s.Close()
	c := newClient(b, Options{})
	url := s.URL + "/v1/things?x=1"
	b.Run("client", func(b *testing.B) {
		b.ReportAllocs()
		r := get(url)
		r.Headers = []abi.Header{{Name: "accept", Value: "*/*"}, {Name: "content-type", Value: "application/json"}}
		for b.Loop() {
			do(b, c, r)
		}
	})
	b.Run("transport", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
			r.Header["accept"] = acceptAll
			r.Header["content-type"] = []string{"application/json"}
			resp, err := c.transport.RoundTrip(r)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
	})
}

func BenchmarkReadURL(b *testing.B) {
	for name, url := range map[string]string{
		"canonical": "https://api.example.com/v1/things/42?x=1&y=2",
		"other":     "https://API.example.com/v1/things/42?x=1&y=2",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = readURL(url)
			}
		})
	}
}
