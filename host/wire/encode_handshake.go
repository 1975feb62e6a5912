package wire

// Encoding initialize, its result and environment/info.

// Append appends the params of initialize.
func (p *InitializeParams) Append(dst []byte) []byte {
	dst = append(dst, `{"clientName":`...)
	dst = appendText(dst, p.ClientName)
	dst = append(dst, `,"resumeSessionId":`...)
	dst = appendTextOrNull(dst, p.ResumeSessionID)
	return append(dst, '}')
}

// Append appends the result of initialize.
func (r *InitializeResult) Append(dst []byte) []byte {
	dst = append(dst, `{"sessionId":`...)
	dst = appendText(dst, r.SessionID)
	dst = append(dst, `,"environmentInfo":`...)
	dst = r.Environment.Append(dst)
	return append(dst, '}')
}

// Append appends the result of environment/info.
func (e *EnvironmentInfo) Append(dst []byte) []byte {
	dst = append(dst, `{"shell":{"name":`...)
	dst = appendText(dst, e.ShellName)
	dst = append(dst, `,"path":`...)
	dst = appendText(dst, e.ShellPath)
	dst = append(dst, '}')
	if e.HTTPHeaderEnvVars {
		dst = append(dst, `,"capabilities":{"httpHeaderEnvVars":true}`...)
	}
	return append(dst, '}')
}
