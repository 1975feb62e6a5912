// Package policy gives a sandboxed module its meaning: it asks the module about
// requests and responses, and hands back decisions.
//
// # Loading
//
// A [Source] is a module with its configuration: [Standard] is the one that is
// built in, [Open] reads another from a file, and [ParseConfig] turns what an
// operator wrote (YAML or JSON) into the JSON text that modules are configured
// with. [Load] loads it, warms it up and tries each hook on a plain message, so
// that a policy which always fails never gets to judge a request.
//
//	src := policy.Standard()
//	src.Config, err = policy.ParseConfig(text)
//	...
//	p, err := policy.Load(ctx, src, policy.Options{Logger: logger})
//	...
//	defer p.Close(ctx)
//
// # Judging
//
// [Policy.OnRequest] and [Policy.OnResponse] fill in an [abi.Decision], which
// the caller may use again and again. A hook that the module does not have
// allows everything and costs nothing. Both may be called by many at once.
//
// What an allowing decision wants edited has the right form, but it is the
// module's: whether a method, URL or header can be sent is for the caller to
// check.
//
// # Failing closed
//
// When the module traps, loops, answers nonsense or has no room, the judging
// functions return an [*Error] with a stable reason, and fill in a decision that
// denies. There is no failure that allows.
//
// # Limits
//
// A message to or from a module has abi.MaxMessage bytes and abi.MaxHeaders
// headers at most. A module has [MaxModule] bytes, a configuration [MaxConfig]
// bytes of text, abi.MaxMessage bytes of JSON and [MaxConfigDepth] levels.
// Memory, fuel and concurrency are bounded by [Options].
//
// # Sources
//
// YAML 1.2.2; RFC 8259 (JSON); docs/abi.md of this project.
package policy
