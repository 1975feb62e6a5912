package main

import (
	"unsafe"

	"github.com/sluice-run/sluice/abi"
)

// headerRule edits headers in one direction: refuse, then remove, set, append.
// Names are in lower case.
type headerRule struct {
	when   matcher
	refuse []string
	remove []string
	set    []abi.Header
	add    []abi.Header
}

// headerList is a message's headers while they are edited, in place.
type headerList struct {
	entries []abi.Header
	changed bool
}

// edit applies the rules in order. It denies and answers false if a header is
// there that a rule refuses. What takes away applies where in doubt, what adds
// does not: a credential goes only where the operator surely wants it.
func (l *headerList) edit(rules []headerRule, t *target, paths *pathReader, d *abi.Decision) bool {
	for i := range rules {
		r := &rules[i]
		if len(r.refuse)+len(r.remove) > 0 && r.when.matches(t, paths, possibly) {
			if name, found := l.first(r.refuse); found {
				return deny(d, reasonHeaderNotAllowed, "the header "+shown(name)+" is not allowed")
			}
			l.remove(r.remove)
		}
		if len(r.set)+len(r.add) > 0 && r.when.matches(t, paths, surely) {
			for _, h := range r.set {
				l.set(h)
			}
			l.add(r.add)
		}
	}
	return true
}

// first gives the first of the names that a header has.
func (l *headerList) first(names []string) (string, bool) {
	for _, name := range names {
		for i := range l.entries {
			if sameFold(l.entries[i].Name, name) {
				return name, true
			}
		}
	}
	return "", false
}

func (l *headerList) remove(names []string) {
	if len(names) == 0 {
		return
	}
	kept := l.entries[:0]
	for _, h := range l.entries {
		if !containsFold(names, h.Name) {
			kept = append(kept, h)
		}
	}
	l.changed = l.changed || len(kept) < len(l.entries)
	l.entries = kept
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if sameFold(n, name) {
			return true
		}
	}
	return false
}

// set puts h in the place of the first header of its name and drops the others.
func (l *headerList) set(h abi.Header) {
	kept := l.entries[:0]
	placed := false
	for _, old := range l.entries {
		switch {
		case !sameFold(old.Name, h.Name):
			kept = append(kept, old)
		case !placed:
			kept = append(kept, h)
			placed = true
		}
	}
	if !placed {
		kept = append(kept, h)
	}
	l.entries = kept
	l.changed = true
}

func (l *headerList) add(headers []abi.Header) {
	if len(headers) > 0 {
		l.entries = append(l.entries, headers...)
		l.changed = true
	}
}

// lowerName gives a name in lower case. The text stands in p.names, behind the
// ones of before; it holds until p.names is used from the start again.
func (p *policy) lowerName(name string) string {
	for i := 0; i < len(name); i++ {
		if lowerByte(name[i]) == name[i] {
			continue
		}
		from := len(p.names)
		p.names = appendLower(p.names, name)
		lowered := p.names[from:]
		return unsafe.String(&lowered[0], len(lowered))
	}
	return name
}
