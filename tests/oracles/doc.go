// Package oracles asks other projects' lists of addresses that are not public
// about the same addresses as Sluice. It holds no code, only tests, and is a
// module of its own, so that those projects are no dependencies of Sluice.
package oracles
