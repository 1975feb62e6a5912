package wire

// InitializeParams is the params of initialize.
type InitializeParams struct {
	ClientName string
	// ResumeSessionID is empty for a new session.
	ResumeSessionID string
}

// InitializeResult is the result of initialize.
type InitializeResult struct {
	SessionID   string
	Environment EnvironmentInfo
}

// EnvironmentInfo is what the executor says of its machine: the part of it
// that the reference's client insists on. It is also the result of
// environment/info.
type EnvironmentInfo struct {
	ShellName string
	ShellPath string
	// HTTPHeaderEnvVars is the capability to take header values from the
	// executor's environment (Header.ValueEnvVar). Nobody uses it without.
	HTTPHeaderEnvVars bool
}
