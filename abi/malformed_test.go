package abi

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// word replaces one word of a message.
type word struct {
	at int
	to uint32
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	const far = 1 << 31
	for name, tt := range map[string]struct {
		m       message
		words   []word
		cut     int // bytes of the message that are kept; 0 keeps all
		pad     int
		field   string
		problem string
	}{
		"request empty":             {m: fullRequest(), cut: -1, field: "size", problem: "is smaller than the fixed part"},
		"request cut short":         {m: fullRequest(), cut: requestFixed - 1, field: "size", problem: "is smaller than the fixed part"},
		"request over the limit":    {m: fullRequest(), pad: MaxMessage, field: "size", problem: "is over the limit"},
		"request fixed too small":   {m: fullRequest(), words: []word{{0, requestFixed - 4}}, field: "fixed part", problem: "has an impossible size"},
		"request fixed too large":   {m: fullRequest(), words: []word{{0, far}}, field: "fixed part", problem: "has an impossible size"},
		"request fixed no words":    {m: fullRequest(), words: []word{{0, requestFixed + 1}}, field: "fixed part", problem: "has an impossible size"},
		"request stream":            {m: fullRequest(), words: []word{{1, 2}}, field: "stream", problem: "is neither 0 nor 1"},
		"request method offset":     {m: fullRequest(), words: []word{{2, far}}, field: "method", problem: "points outside the message"},
		"request method length":     {m: fullRequest(), words: []word{{3, far}}, field: "method", problem: "points outside the message"},
		"request offset wraps":      {m: fullRequest(), words: []word{{2, 1<<32 - 1}, {3, 1<<32 - 1}}, field: "method", problem: "points outside the message"},
		"request url":               {m: fullRequest(), words: []word{{4, far}}, field: "url", problem: "points outside the message"},
		"request scheme":            {m: fullRequest(), words: []word{{6, far}}, field: "scheme", problem: "points outside the message"},
		"request host":              {m: fullRequest(), words: []word{{8, far}}, field: "host", problem: "points outside the message"},
		"request port":              {m: fullRequest(), words: []word{{10, 65536}}, field: "port", problem: "is over 65535"},
		"request path":              {m: fullRequest(), words: []word{{11, far}}, field: "path", problem: "points outside the message"},
		"request query":             {m: fullRequest(), words: []word{{13, far}}, field: "query", problem: "points outside the message"},
		"request from":              {m: fullRequest(), words: []word{{16, far}}, field: "from", problem: "points outside the message"},
		"request caller":            {m: fullRequest(), words: []word{{18, far}}, field: "caller", problem: "points outside the message"},
		"request headers offset":    {m: fullRequest(), words: []word{{20, far}}, field: "headers", problem: "point outside the message"},
		"request headers count":     {m: fullRequest(), words: []word{{21, 1000}}, field: "headers", problem: "point outside the message"},
		"request headers too many":  {m: fullRequest(), words: []word{{21, MaxHeaders + 1}}, field: "headers", problem: "are too many"},
		"request headers wrap":      {m: fullRequest(), words: []word{{20, 1<<32 - 16}}, field: "headers", problem: "point outside the message"},
		"request body form":         {m: fullRequest(), words: []word{{22, 3}}, field: "body form", problem: "is unknown"},
		"request shared bytes":      {m: fullRequest(), words: []word{{2, 0}, {3, 150}, {4, 0}, {5, 150}}, field: "url", problem: "shares its bytes with another part"},
		"response empty":            {m: fullResponse(), cut: -1, field: "size", problem: "is smaller than the fixed part"},
		"response stream":           {m: fullResponse(), words: []word{{1, 7}}, field: "stream", problem: "is neither 0 nor 1"},
		"response headers":          {m: fullResponse(), words: []word{{4, MaxHeaders}}, field: "headers", problem: "point outside the message"},
		"response body form":        {m: fullResponse(), words: []word{{5, 9}}, field: "body form", problem: "is unknown"},
		"response method":           {m: fullResponse(), words: []word{{8, far}}, field: "method", problem: "points outside the message"},
		"response url":              {m: fullResponse(), words: []word{{10, far}}, field: "url", problem: "points outside the message"},
		"response scheme":           {m: fullResponse(), words: []word{{12, far}}, field: "scheme", problem: "points outside the message"},
		"response host":             {m: fullResponse(), words: []word{{14, far}}, field: "host", problem: "points outside the message"},
		"response port":             {m: fullResponse(), words: []word{{16, far}}, field: "port", problem: "is over 65535"},
		"response path":             {m: fullResponse(), words: []word{{17, far}}, field: "path", problem: "points outside the message"},
		"response query":            {m: fullResponse(), words: []word{{20, far}}, field: "query", problem: "points outside the message"},
		"response caller":           {m: fullResponse(), words: []word{{22, far}}, field: "caller", problem: "points outside the message"},
		"decision empty":            {m: fullDecision(), cut: -1, field: "size", problem: "is smaller than the fixed part"},
		"decision verdict":          {m: fullDecision(), words: []word{{1, 3}}, field: "verdict", problem: "is unknown"},
		"decision reason":           {m: fullDecision(), words: []word{{2, far}}, field: "reason", problem: "points outside the message"},
		"decision message":          {m: fullDecision(), words: []word{{5, far}}, field: "message", problem: "points outside the message"},
		"decision edits":            {m: fullDecision(), words: []word{{6, 16}}, field: "edits", problem: "are unknown"},
		"decision method":           {m: fullDecision(), words: []word{{7, far}}, field: "method", problem: "points outside the message"},
		"decision url":              {m: fullDecision(), words: []word{{9, far}}, field: "url", problem: "points outside the message"},
		"decision headers":          {m: fullDecision(), words: []word{{12, 1000}}, field: "headers", problem: "point outside the message"},
		"decision body form":        {m: fullDecision(), words: []word{{13, 3}}, field: "body form", problem: "is unknown"},
		"decision body":             {m: fullDecision(), words: []word{{14, far}}, field: "body", problem: "points outside the message"},
		"decision streams a body":   {m: &Decision{Edits: EditBody, Body: BodyStream}, field: "body form", problem: "cannot be a stream"},
		"decision without a reason": {m: &Decision{Verdict: Deny}, field: "reason", problem: "is missing"},
		"decision reason letters":   {m: &Decision{Verdict: Deny, Reason: "No"}, field: "reason", problem: "is not lower case letters, digits and underscores, 64 at most"},
		"decision reason length":    {m: &Decision{Verdict: Deny, Reason: strings.Repeat("a", MaxReason+1)}, field: "reason", problem: "is not lower case letters, digits and underscores, 64 at most"},
		"decision message length":   {m: &Decision{Message: strings.Repeat("a", MaxText+1)}, field: "message", problem: "is over the limit"},
		"decision message bytes":    {m: &Decision{Message: "a\xff"}, field: "message", problem: "is not UTF-8"},
		"decision method bytes":     {m: &Decision{Method: "a\xff"}, field: "method", problem: "is not UTF-8"},
		"decision url bytes":        {m: &Decision{URL: "a\xff"}, field: "url", problem: "is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			msg := append(tt.m.Append(nil), make([]byte, tt.pad)...)
			for _, w := range tt.words {
				binary.LittleEndian.PutUint32(msg[w.at*4:], w.to)
			}
			switch {
			case tt.cut < 0:
				msg = nil
			case tt.cut > 0:
				msg = msg[:tt.cut]
			}
			err := tt.m.Decode(string(msg))
			var malformed *MalformedError
			require.ErrorAs(t, err, &malformed)
			require.Equal(t, tt.field, malformed.Field)
			require.Equal(t, tt.problem, malformed.Problem)
			require.Equal(t, "malformed "+malformed.Message+": "+tt.field+" "+tt.problem, err.Error())
			require.True(t, strings.HasPrefix(name, malformed.Message), name)
		})
	}
}

func TestMalformedHeaderEntry(t *testing.T) {
	t.Parallel()
	for at, field := range map[int]string{0: "header name", 2: "header value"} {
		m := Decision{Headers: []Header{{"a", "b"}}}
		msg := m.Append(nil)
		entry := int(binary.LittleEndian.Uint32(msg[11*4:]))
		binary.LittleEndian.PutUint32(msg[entry+at*4:], 1<<31)
		require.EqualError(t, m.Decode(string(msg)), "malformed decision: "+field+" points outside the message")
	}
}

// A thousand headers that all name the same bytes must not become a thousand
// copies of them.
func TestHeadersCannotShareBytes(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("v", 1<<20)
	m := Decision{Edits: EditHeaders, Headers: []Header{{"a", big}, {"b", "c"}}}
	msg := m.Append(nil)
	entry := int(binary.LittleEndian.Uint32(msg[11*4:]))
	copy(msg[entry+24:], msg[entry+8:entry+16]) // the second value is the first
	require.EqualError(t, m.Decode(string(msg)), "malformed decision: header value shares its bytes with another part")
}

// What a message says about fields that do not count is still read, but an
// empty text may point anywhere.
func TestEmptyTextMayPointAnywhere(t *testing.T) {
	t.Parallel()
	msg := (&Decision{}).Append(nil)
	binary.LittleEndian.PutUint32(msg[2*4:], 1<<32-1)
	require.NoError(t, new(Decision).Decode(string(msg)))
}
