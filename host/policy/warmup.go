// The messages with which a policy is warmed up before its snapshot.

package policy

import (
	"strconv"
	"strings"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/sandbox"
)

// Up to these sizes a message needs no more memory of a guest than the warm-up
// has made it set up: it finds its buffers large enough.
const (
	warmUpHeaders = 64
	warmUpValue   = 512 // bytes of each header's value
)

// warmUp gives messages as callers and origins send them, small and large:
// requests in a caller's spelling, responses in an origin's, so that a policy
// which edits headers does so here already.
func warmUp() []sandbox.WarmUp {
	var list []sandbox.WarmUp
	for _, headers := range [][]abi.Header{
		trialResponse.Headers, typicalHeaders, manyHeaders(),
	} {
		request, response := trialRequest, trialResponse
		request.Headers, response.Headers = headers, headers
		request.Path = "/" + strings.Repeat("segment/", len(headers))
		request.URL = "https://example.com" + request.Path
		response.Path, response.URL = request.Path, request.URL
		list = append(list,
			sandbox.WarmUp{Hook: abi.ExportOnRequest, Input: request.Append(nil)},
			sandbox.WarmUp{Hook: abi.ExportOnResponse, Input: response.Append(nil)},
		)
	}
	return list
}

var typicalHeaders = []abi.Header{
	{Name: "Accept", Value: "text/event-stream, application/json"},
	{Name: "Cache-Control", Value: "no-cache"},
	{Name: "Content-Length", Value: "256"},
	{Name: "Content-Type", Value: "application/json; charset=utf-8"},
	{Name: "Date", Value: "Thu, 01 Jan 1970 00:00:00 GMT"},
	{Name: "Set-Cookie", Value: "a=b"},
	{Name: "Set-Cookie", Value: "c=d; Path=/; Secure; HttpOnly"},
	{Name: "User-Agent", Value: "agent/1.0"},
}

func manyHeaders() []abi.Header {
	list := make([]abi.Header, warmUpHeaders)
	for i := range list {
		list[i] = abi.Header{Name: "X-Header-" + strconv.Itoa(i), Value: strings.Repeat("v", warmUpValue)}
	}
	return list
}
