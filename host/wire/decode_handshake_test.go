package wire

// Decoding the handshake.

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeInitializeParams(t *testing.T) {
	t.Parallel()
	for params, want := range map[string]InitializeParams{
		`{"clientName":"x"}`:                             {ClientName: "x"},
		`{"clientName":"","resumeSessionId":null}`:       {},
		`{"clientName":"x","resumeSessionId":""}`:        {ClientName: "x"},
		`{"resumeSessionId":"s","clientName":"x","y":1}`: {ClientName: "x", ResumeSessionID: "s"},
	} {
		p, err := DecodeInitializeParams([]byte(params))
		require.NoError(t, err, params)
		require.Equal(t, want, p, params)
	}
	for _, c := range []struct{ params, want string }{
		{``, "invalid type: null, expected struct InitializeParams"},
		{`5`, "invalid type: number, expected struct InitializeParams"},
		{`{}`, "missing field `clientName`"},
		{`{"clientName":null}`, "invalid type: null, expected a string"},
		{`{"clientName":5}`, "invalid type: number, expected a string"},
		{`{"clientName":"x","resumeSessionId":5}`, "invalid type: number, expected a string"},
		{`["x",null]`, "invalid type: sequence, expected struct InitializeParams"},
		{`{"clientName":"x"}}`, "trailing characters at line 1 column 19"},
	} {
		p, err := DecodeInitializeParams([]byte(c.params))
		assert.EqualError(t, err, c.want, c.params)
		assert.ErrorIs(t, err, CodeInvalidParams, c.params)
		assert.Zero(t, p)
	}
}

func TestDecodeInitializeResult(t *testing.T) {
	t.Parallel()
	shell := EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"}
	for result, want := range map[string]InitializeResult{
		`{"sessionId":"s"}`:                        {SessionID: "s"},
		`{"sessionId":"s","environmentInfo":null}`: {SessionID: "s"},
		`{"sessionId":"s","environmentInfo":{"shell":{"name":"sh","path":"/bin/sh","x":1},"cwd":null}}`: {
			SessionID: "s", Environment: shell,
		},
		`{"sessionId":"s","environmentInfo":{"shell":{"name":"sh","path":"/bin/sh"},"capabilities":null}}`: {
			SessionID: "s", Environment: shell,
		},
		`{"sessionId":"s","environmentInfo":{"capabilities":{"x":1,"httpHeaderEnvVars":true},"shell":{"name":"sh","path":"/bin/sh"}}}`: {
			SessionID: "s", Environment: EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh", HTTPHeaderEnvVars: true},
		},
	} {
		r, err := DecodeInitializeResult([]byte(result))
		require.NoError(t, err, result)
		require.Equal(t, want, r, result)
	}
	for _, c := range []struct{ result, want string }{
		{`null`, "invalid type: null, expected struct InitializeResponse"},
		{`{}`, "missing field `sessionId`"},
		{`{"sessionId":null}`, "invalid type: null, expected a string"},
		{`{"sessionId":"s","environmentInfo":{}}`, "missing field `shell`"},
		{`{"sessionId":"s","environmentInfo":{"shell":null}}`, "invalid type: null, expected struct ShellInfo"},
		{`{"sessionId":"s","environmentInfo":{"shell":{"path":"p"}}}`, "missing field `name`"},
		{`{"sessionId":"s","environmentInfo":{"shell":{"name":"n"}}}`, "missing field `path`"},
		{`{"sessionId":"s","environmentInfo":{"capabilities":5}}`, "invalid type: number, expected struct EnvironmentCapabilities"},
		{`{"sessionId":"s","environmentInfo":{"capabilities":{"httpHeaderEnvVars":1}}}`, "invalid type: number, expected a boolean"},
	} {
		r, err := DecodeInitializeResult([]byte(c.result))
		assert.EqualError(t, err, c.want, c.result)
		assert.Zero(t, r)
	}
}

func TestDecodeEnvironmentInfo(t *testing.T) {
	t.Parallel()
	info, err := DecodeEnvironmentInfo([]byte(`{"shell":{"path":"/bin/sh","name":"sh"}}`))
	require.NoError(t, err)
	require.Equal(t, EnvironmentInfo{ShellName: "sh", ShellPath: "/bin/sh"}, info)

	info, err = DecodeEnvironmentInfo(nil)
	require.EqualError(t, err, "invalid type: null, expected struct EnvironmentInfo")
	require.Zero(t, info)
}
