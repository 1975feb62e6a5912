// Package onconfigure lets a policy take the operator's configuration.
// Importing it makes the module export sluice_configure, which the host calls
// once, when it loads the module, before any other hook.
package onconfigure

// Handler takes the configuration as JSON text, "" if the operator gave none.
// An error refuses the load; its text goes to the operator, cut to abi.MaxText.
// Package config has a reader for the text.
type Handler func(json string) error

var registered Handler

// Handle registers the handler; call it from an init function. It panics if
// there is one already.
func Handle(h Handler) {
	if registered != nil {
		panic("onconfigure: there is a handler already")
	}
	registered = h
}

// configure runs the handler and gives the sentence that says why it refuses,
// "" if it does not.
func configure(h Handler, json string) string {
	err := h(json)
	if err == nil {
		return ""
	}
	if text := err.Error(); text != "" {
		return text
	}
	return "the configuration is refused" // an empty sentence would mean "accepted"
}
