package wasmbin

// The one error of this package: where in the module, what, and which limit.

import (
	"fmt"
	"strconv"
)

// Reason says in one word why a module was refused. The words are stable.
type Reason string

// The reasons.
const (
	// Malformed: the bytes are not a WebAssembly module.
	Malformed Reason = "malformed"
	// OverLimit: something is larger, deeper or more than Limits allows.
	OverLimit Reason = "over_limit"
	// Unsupported: the module uses a feature beyond WebAssembly 2.0.
	Unsupported Reason = "unsupported"
	// BadImport: an import that the contract does not offer.
	BadImport Reason = "bad_import"
	// BadExport: an export that is missing, has the wrong signature or a
	// reserved name.
	BadExport Reason = "bad_export"
	// NotRestorable: the module changes state that a snapshot can not restore.
	NotRestorable Reason = "not_restorable"
)

// Error says why a module was refused. All of its text comes from the module's
// structure; names are quoted and cut, so it may be logged.
type Error struct {
	// Section is the name of the section, "module" for the whole.
	Section string
	// Index counts within the section; in the code section it is the index of
	// the function, imports first. It is -1 if nothing is counted.
	Index int
	// Name is the import, export, instruction or feature that the error is
	// about, if there is one.
	Name string
	// Limit and Value are what is allowed and what was found, if Reason is
	// OverLimit.
	Limit, Value uint64
	// Reason is the word for machines, Detail the sentence for people.
	Reason Reason
	Detail string
}

// maxErrorName is how much of a name from a module an error repeats, in bytes.
const maxErrorName = 64

// Error tells section, index, name and limit in one line.
func (e *Error) Error() string {
	s := "wasm: " + e.Section
	if e.Section != sectionModule {
		s += " section"
	}
	if e.Index >= 0 {
		s += "[" + strconv.Itoa(e.Index) + "]"
	}
	if e.Name != "" {
		s += fmt.Sprintf(" %q", e.Name[:min(len(e.Name), maxErrorName)])
	}
	s += ": " + e.Detail
	if e.Reason == OverLimit {
		s += fmt.Sprintf(": %d is over the limit of %d", e.Value, e.Limit)
	}
	return s
}

// sectionModule stands for the module as a whole in Error.Section.
const sectionModule = "module"

func overLimit(section string, index int, what string, value, limit uint64) error {
	return &Error{Section: section, Index: index, Limit: limit, Value: value, Reason: OverLimit, Detail: what}
}

func malformed(section string, index int, detail string) error {
	return &Error{Section: section, Index: index, Reason: Malformed, Detail: detail}
}
