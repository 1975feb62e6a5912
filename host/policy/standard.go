// The policy that is built in.

package policy

import _ "embed"

//go:embed standard.wasm
var standardWasm []byte

// Standard is the built-in policy, without a configuration: it allows every
// well-formed http and https request.
func Standard() Source { return Source{Name: "standard", Wasm: standardWasm} }
