package main

import "github.com/sluice-run/sluice/abi"

// Reasons of refusals: stable words, documented in docs/policy.md.
const (
	reasonMethodInvalid      = "method_invalid"
	reasonSchemeUnsupported  = "scheme_unsupported"
	reasonHeaderNameInvalid  = "header_name_invalid"
	reasonHeaderValueInvalid = "header_value_invalid"

	reasonCallerNotAllowed = "caller_not_allowed"
	reasonMethodNotAllowed = "method_not_allowed"
	reasonSchemeNotAllowed = "scheme_not_allowed"
	reasonHostNotAllowed   = "host_not_allowed"
	reasonPortNotAllowed   = "port_not_allowed"
	reasonPathNotAllowed   = "path_not_allowed"
	reasonHeaderNotAllowed = "header_not_allowed"
	reasonRuleDenied       = "rule_denied"
	reasonNoRuleAllows     = "no_rule_allows"
)

// policy is the operator's configuration, ready to judge. Its zero value allows
// whatever is well formed.
type policy struct {
	// allowed is the shorthand at the top of a configuration.
	allowed matcher
	// denies and allows are the rules; a deny wins over any allow.
	denies, allows []rule
	// strict denies what no rule allows.
	strict bool

	requestHeaders, responseHeaders []headerRule

	// Room that calls share.
	paths pathReader
	names []byte
}

// rule is one named rule.
type rule struct {
	name    string
	message string
	when    matcher
}

// judge holds a well-formed request against the operator's rules and says
// whether it may go.
func (p *policy) judge(t *target, d *abi.Decision) bool {
	if wrong := p.allowed.mismatch(t, &p.paths, surely); wrong != nothing {
		reason, message := explain(wrong, t)
		return deny(d, reason, message)
	}
	for i := range p.denies {
		if r := &p.denies[i]; r.when.matches(t, &p.paths, possibly) {
			return deny(d, reasonRuleDenied, r.denial())
		}
	}
	for i := range p.allows {
		if p.allows[i].when.matches(t, &p.paths, surely) {
			return true
		}
	}
	if p.strict {
		return deny(d, reasonNoRuleAllows, "no rule allows the request")
	}
	return true
}

func (r *rule) denial() string {
	if r.message != "" {
		return r.message
	}
	return "the rule " + r.name + " denies the request"
}

// explain says why the shorthand does not allow the request. It names no path:
// paths carry secrets more often than names do.
func explain(wrong property, t *target) (reason, message string) {
	switch wrong {
	case theCaller:
		return reasonCallerNotAllowed, "the caller is not allowed"
	case theMethod:
		return reasonMethodNotAllowed, "the method " + shown(t.method) + " is not allowed"
	case theScheme:
		return reasonSchemeNotAllowed, "the scheme " + shown(t.scheme) + " is not allowed"
	case theHost:
		return reasonHostNotAllowed, "the host " + shown(t.host) + " is not allowed"
	case thePort:
		return reasonPortNotAllowed, "the port is not allowed"
	}
	return reasonPathNotAllowed, "the path is not allowed"
}

// deny and invalid fill in a refusal. Both answer false, "it may not go".
func deny(d *abi.Decision, reason, message string) bool {
	d.Verdict, d.Reason, d.Message = abi.Deny, reason, message
	return false
}

func invalid(d *abi.Decision, reason, message string) bool {
	d.Verdict, d.Reason, d.Message = abi.Invalid, reason, message
	return false
}
