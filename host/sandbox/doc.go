// Package sandbox runs WebAssembly modules that nobody has to trust. It knows
// bytes in and bytes out, and nothing about HTTP or policies.
//
// # Loading
//
// [Load] takes a module's bytes through everything that can go wrong before the
// first call does: the bytes are inspected, compiled under a deadline, their
// imports held against a short list, their exports against exact signatures,
// and one instance is started and configured. What Load returns works.
//
//	m, err := sandbox.Load(ctx, wasm, config, sandbox.Options{
//		Name: "standard",
//		ABI:  sandbox.ABI{Buffer: "sluice_buffer", Hooks: []string{"sluice_on_request"}},
//	})
//	if err != nil {
//		return err
//	}
//	defer m.Close(ctx)
//	hook, ok := m.Hook("sluice_on_request") // once
//	out, err := m.Call(ctx, hook, in, nil)  // for each message
//
// # Calling
//
// Every [Module.Call] enters an instance in its pristine state: memory, globals
// and tables are those of a module that was just started and configured, so
// nothing of one call can be seen in the next. Instances are started ahead of
// need by one background goroutine, used for one call, and thrown away.
//
// A call writes its input where the module's buffer function says, calls the
// hook with pointer and length, and copies the answer out. A hook returns
// ptr<<32|len, or 0 for "no answer".
//
// # What a guest can reach
//
// The host's log function, and as much of WASI preview 1 as language runtimes
// need to start: a clock that stands still at the moment of loading (a sleep
// passes at once and moves it), random bytes from one seed per load, no
// arguments, no environment, standard output and error as log lines, standard
// input at its end. There are no files, sockets or descriptors beyond these
// three. A module that imports anything else is refused by the import's name.
//
// # Limits
//
// Each has a field in [Options] and a default beside it: module size, memory
// per instance, time per call, time to load, calls at once, time to wait for a
// turn, answer size. Log lines are capped by [MaxLogLine] and [MaxLogLines].
//
// # Errors
//
// A failure is an [*Error] with a [Kind]; both errors.As(err, &e) and
// errors.Is(err, sandbox.Trap) work. Error texts name what is wrong and hold
// nothing of the input.
//
// # Sources
//
// WebAssembly Core Specification 2.0; WASI snapshot preview 1 (witx).
package sandbox
