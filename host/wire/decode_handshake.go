package wire

// Decoding initialize, its result and environment/info.

// DecodeInitializeParams reads the params of initialize. Its error is an *Error
// with CodeInvalidParams.
func DecodeInitializeParams(params []byte) (InitializeParams, error) {
	s := paramsScanner(params)
	var p InitializeParams
	var hasName bool
	var o object
	for s.enterObject("struct InitializeParams"); s.next(&o); {
		switch string(o.key) {
		case "clientName":
			p.ClientName, hasName = s.text(), true
		case "resumeSessionId":
			p.ResumeSessionID = s.textOrNull()
		default:
			s.skip()
		}
	}
	if !hasName {
		s.missing("clientName")
	}
	s.end()
	if s.err != nil {
		return InitializeParams{}, s.invalidParams()
	}
	return p, nil
}

// DecodeInitializeResult reads the result of initialize. Its error is a
// *ParseError. Older executors send no environmentInfo; it is empty then.
func DecodeInitializeResult(result []byte) (InitializeResult, error) {
	s := paramsScanner(result)
	var r InitializeResult
	var hasID bool
	var o object
	for s.enterObject("struct InitializeResponse"); s.next(&o); {
		switch string(o.key) {
		case "sessionId":
			r.SessionID, hasID = s.text(), true
		case "environmentInfo":
			if !s.null() {
				r.Environment = s.environment()
			}
		default:
			s.skip()
		}
	}
	if !hasID {
		s.missing("sessionId")
	}
	s.end()
	if s.err != nil {
		return InitializeResult{}, s.err
	}
	return r, nil
}

// DecodeEnvironmentInfo reads the result of environment/info. Its error is a
// *ParseError.
func DecodeEnvironmentInfo(result []byte) (EnvironmentInfo, error) {
	s := paramsScanner(result)
	info := s.environment()
	s.end()
	if s.err != nil {
		return EnvironmentInfo{}, s.err
	}
	return info, nil
}

func (s *scanner) environment() EnvironmentInfo {
	var info EnvironmentInfo
	var hasShell bool
	var o object
	for s.enterObject("struct EnvironmentInfo"); s.next(&o); {
		switch string(o.key) {
		case "shell":
			s.shell(&info)
			hasShell = true
		case "capabilities":
			if !s.null() {
				s.capabilities(&info)
			}
		default:
			s.skip()
		}
	}
	if !hasShell {
		s.missing("shell")
	}
	return info
}

func (s *scanner) capabilities(info *EnvironmentInfo) {
	var o object
	for s.enterObject("struct EnvironmentCapabilities"); s.next(&o); {
		switch string(o.key) {
		case "httpHeaderEnvVars":
			info.HTTPHeaderEnvVars = s.boolean()
		default:
			s.skip()
		}
	}
}

func (s *scanner) shell(info *EnvironmentInfo) {
	var hasName, hasPath bool
	var o object
	for s.enterObject("struct ShellInfo"); s.next(&o); {
		switch string(o.key) {
		case "name":
			info.ShellName, hasName = s.text(), true
		case "path":
			info.ShellPath, hasPath = s.text(), true
		default:
			s.skip()
		}
	}
	switch {
	case !hasName:
		s.missing("name")
	case !hasPath:
		s.missing("path")
	}
}
