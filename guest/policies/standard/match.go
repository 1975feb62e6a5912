package main

// What a rule looks at. A matcher is a conjunction of lists; a list that is
// absent matches anything.

// target is what is matched: a request, or the request that a response answers.
type target struct {
	method, scheme, host, path, caller string
	port                               uint16
	// paths are the readings of path, taken when first needed.
	paths readings
}

// matcher holds one list per property.
type matcher struct {
	callers []string
	methods []string
	schemes []string
	hosts   hostSet
	ports   []portRange
	paths   []pathPattern
}

// portRange holds both ends.
type portRange struct{ low, high uint16 }

// property is one of the things that a matcher looks at.
type property uint8

const (
	nothing property = iota
	theCaller
	theMethod
	theScheme
	theHost
	thePort
	thePath
)

// certainty says how a matcher treats what servers read in different ways: the
// case of a method, the encoding of a path.
type certainty bool

const (
	// surely matches only if every reading does: for what allows.
	surely certainty = true
	// possibly matches if any reading does: for what denies.
	possibly certainty = false
)

// any says whether the matcher has no list at all.
func (m *matcher) any() bool {
	return m.callers == nil && m.methods == nil && m.schemes == nil &&
		m.hosts == nil && m.ports == nil && m.paths == nil
}

func (m *matcher) matches(t *target, r *pathReader, how certainty) bool {
	return m.mismatch(t, r, how) == nothing
}

// mismatch gives the first property that does not match.
func (m *matcher) mismatch(t *target, r *pathReader, how certainty) property {
	switch {
	case m.callers != nil && !contains(m.callers, t.caller):
		return theCaller
	case m.methods != nil && !m.matchesMethod(t.method, how):
		return theMethod
	case m.schemes != nil && !contains(m.schemes, t.scheme):
		return theScheme
	case m.hosts != nil && !m.hosts.matches(t.host):
		return theHost
	case m.ports != nil && !m.matchesPort(t.port):
		return thePort
	case m.paths != nil && !m.matchesPath(t, r, how):
		return thePath
	}
	return nothing
}

func contains(list []string, s string) bool {
	for _, entry := range list {
		if entry == s {
			return true
		}
	}
	return false
}

func (m *matcher) matchesMethod(method string, how certainty) bool {
	if how == surely {
		return contains(m.methods, method)
	}
	for _, entry := range m.methods {
		if sameFold(entry, method) {
			return true
		}
	}
	return false
}

func (m *matcher) matchesPort(port uint16) bool {
	for _, r := range m.ports {
		if port >= r.low && port <= r.high {
			return true
		}
	}
	return false
}

func (m *matcher) matchesPath(t *target, r *pathReader, how certainty) bool {
	if t.paths.plain == "" {
		t.paths = r.read(t.path)
	}
	plain, eager := false, false
	for _, pattern := range m.paths {
		plain = plain || pattern.matches(t.paths.plain)
		eager = eager || pattern.matches(t.paths.eager)
	}
	if how == surely {
		return plain && eager
	}
	return plain || eager
}
