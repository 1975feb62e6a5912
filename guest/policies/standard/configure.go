package main

import (
	"strconv"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/guest/config"
)

// Bounds of a configuration.
const (
	// maxRules is how many rules, and how many header rules per direction.
	maxRules = 1000
	// maxEntries is how many entries a list has.
	maxEntries = 10_000
	// maxName is the length of a rule's name in bytes.
	maxName = 64
)

// parse reads the operator's configuration; the empty text is the default one.
func parse(text string) (*policy, error) {
	p := &policy{}
	if text == "" {
		return p, nil
	}
	c := &configuration{Reader: config.New(text), policy: p, names: map[string]struct{}{}}
	if err := c.Object(c.member); err != nil {
		return nil, err
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	if c.verdict == "allow" && len(p.allows) > 0 {
		return nil, &config.Error{Path: "default", Problem: "is allow, so that rules which allow have no effect"}
	}
	p.strict = c.verdict == "deny" || len(p.allows) > 0
	return p, nil
}

// configuration is a configuration while it is read.
type configuration struct {
	*config.Reader
	policy  *policy
	verdict string              // the member "default"
	names   map[string]struct{} // of rules
}

func (c *configuration) member(key string) (err error) {
	switch key {
	case "default":
		c.verdict, err = c.oneOf("allow", "deny")
	case "rules":
		err = c.list(maxRules, c.rule)
	case "request_headers":
		err = c.list(maxRules, func() error { return c.headerRule(&c.policy.requestHeaders) })
	case "response_headers":
		err = c.list(maxRules, func() error { return c.headerRule(&c.policy.responseHeaders) })
	default:
		err = c.matcher(&c.policy.allowed, key)
	}
	return err
}

// rule reads one entry of "rules".
func (c *configuration) rule() error {
	r, action := rule{}, ""
	err := c.Object(func(key string) (err error) {
		switch key {
		case "name":
			r.name, err = c.ruleName()
		case "action":
			action, err = c.oneOf("allow", "deny")
		case "message":
			r.message, err = c.text(abi.MaxText)
		default:
			err = c.matcher(&r.when, key)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case r.name == "":
		return c.Problem("has no name")
	case action == "":
		return c.Problem("has no action; say allow or deny")
	case r.when.any():
		return c.Problem("matches everything; say so with default instead")
	case action == "allow" && r.message != "":
		return c.Problem("has a message that nobody would see, since it allows")
	case action == "allow":
		c.policy.allows = append(c.policy.allows, r)
	default:
		c.policy.denies = append(c.policy.denies, r)
	}
	return nil
}

func (c *configuration) ruleName() (string, error) {
	name, err := c.text(maxName)
	if err != nil {
		return "", err
	}
	if _, twice := c.names[name]; twice {
		return "", c.Problem("is the name of another rule too")
	}
	c.names[name] = struct{}{}
	return name, nil
}

// headerRule reads one entry of "request_headers" or "response_headers".
func (c *configuration) headerRule(into *[]headerRule) error {
	r := headerRule{}
	err := c.Object(func(key string) (err error) {
		switch key {
		case "refuse":
			r.refuse, err = c.strings(headerName)
		case "remove":
			r.remove, err = c.strings(headerName)
		case "set":
			r.set, err = c.headers()
		case "append":
			r.add, err = c.headers()
		default:
			err = c.matcher(&r.when, key)
		}
		return err
	})
	if err == nil && len(r.refuse)+len(r.remove)+len(r.set)+len(r.add) == 0 {
		return c.Problem("does nothing; say refuse, remove, set or append")
	}
	*into = append(*into, r)
	return err
}

// headers reads an object of names and values.
func (c *configuration) headers() (list []abi.Header, err error) {
	err = c.Object(func(key string) error {
		name, problem := headerName(key)
		if problem != "" {
			return c.Problem(problem)
		}
		value, err := c.String()
		switch {
		case err != nil:
			return err
		case !isFieldValue(value):
			return c.Problem("has a value with control characters")
		case len(list) == abi.MaxHeaders:
			return c.Problem("is one header too many")
		}
		list = append(list, abi.Header{Name: name, Value: value})
		return nil
	})
	return list, err
}

// matcher reads one member that narrows something down.
func (c *configuration) matcher(m *matcher, key string) (err error) {
	switch key {
	case "callers":
		m.callers, err = c.strings(notEmpty)
	case "methods":
		m.methods, err = c.strings(method)
	case "schemes":
		m.schemes, err = c.strings(scheme)
	case "hosts":
		m.hosts = hostSet{}
		err = c.list(maxEntries, func() error { return c.host(m.hosts) })
	case "ports":
		err = c.list(maxEntries, func() error { return c.port(&m.ports) })
	case "paths":
		err = c.list(maxEntries, func() error { return c.path(&m.paths) })
	default:
		err = c.Unknown()
	}
	return err
}

func (c *configuration) host(into hostSet) error {
	s, err := c.String()
	if err != nil {
		return err
	}
	name, kind, problem := parseHost(s)
	if problem != "" {
		return c.Problem(problem)
	}
	into[name] |= kind
	return nil
}

func (c *configuration) path(into *[]pathPattern) error {
	s, err := c.String()
	if err != nil {
		return err
	}
	pattern, problem := parsePath(s)
	if problem != "" {
		return c.Problem(problem)
	}
	*into = append(*into, pattern)
	return nil
}

// port reads a number, or two of them as "low-high".
func (c *configuration) port(into *[]portRange) error {
	if c.Kind() == config.Number {
		n, err := c.Uint(65535)
		*into = append(*into, portRange{uint16(n), uint16(n)})
		return err
	}
	s, err := c.String()
	if err != nil {
		return c.Problem(`want a number, or a range such as "8000-8100"`)
	}
	for i := range len(s) {
		if s[i] != '-' {
			continue
		}
		low, errLow := strconv.ParseUint(s[:i], 10, 16)
		high, errHigh := strconv.ParseUint(s[i+1:], 10, 16)
		if errLow == nil && errHigh == nil && low <= high {
			*into = append(*into, portRange{uint16(low), uint16(high)})
			return nil
		}
	}
	return c.Problem(`want a number, or a range such as "8000-8100"`)
}

// list reads a list that must not be empty: it would match nothing, which is
// hardly what anybody means.
func (c *configuration) list(limit int, item func() error) error {
	n := 0
	err := c.Array(func(int) error {
		if n++; n > limit {
			return c.Problem("is more than the " + strconv.Itoa(limit) + " entries that a list may have")
		}
		return item()
	})
	if err == nil && n == 0 {
		return c.Problem("is empty; leave it out if it shall not matter")
	}
	return err
}

// strings reads a list of texts, each put into form or refused by check.
func (c *configuration) strings(check func(string) (form, problem string)) (list []string, err error) {
	err = c.list(maxEntries, func() error {
		s, err := c.String()
		if err != nil {
			return err
		}
		form, problem := check(s)
		if problem != "" {
			return c.Problem(problem)
		}
		list = append(list, form)
		return nil
	})
	return list, err
}

// text reads a text of 1 to limit bytes.
func (c *configuration) text(limit int) (string, error) {
	s, err := c.String()
	if err == nil && (s == "" || len(s) > limit) {
		return "", c.Problem("must have 1 to " + strconv.Itoa(limit) + " bytes")
	}
	return s, err
}

func (c *configuration) oneOf(first, second string) (string, error) {
	s, err := c.String()
	if err == nil && s != first && s != second {
		return "", c.Problem("is neither " + first + " nor " + second)
	}
	return s, err
}

func notEmpty(s string) (string, string) {
	if s == "" {
		return "", "must not be empty"
	}
	return s, ""
}

func method(s string) (string, string) {
	if !isToken(s) {
		return "", "is not an HTTP method"
	}
	return s, ""
}

func scheme(s string) (string, string) {
	if s != "http" && s != "https" {
		return "", "is neither http nor https"
	}
	return s, ""
}

func headerName(s string) (string, string) {
	if !isToken(s) {
		return "", "is not an HTTP header name"
	}
	return lower(s), ""
}
