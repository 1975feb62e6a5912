// Package config reads a policy's configuration: strict JSON, in one pass,
// without reflection. It is there because encoding/json doubles the size of a
// module.
//
// A policy walks the text with a [Reader]:
//
//	r := config.New(text)
//	err := r.Object(func(key string) (err error) {
//		switch key {
//		case "hosts":
//			hosts, err = r.Strings()
//		case "limit":
//			limit, err = r.Uint(1000)
//		default:
//			err = r.Unknown()
//		}
//		return err
//	})
//	if err == nil {
//		err = r.End()
//	}
//
// # Strictness
//
// The text is JSON as RFC 8259 has it, and beyond that: UTF-8, no member name
// twice in an object, no escaped half of a surrogate pair, nothing behind the
// value, at most [MaxDepth] deep. Nothing is converted: "1" is not a number and
// null is not an empty list.
//
// # Errors
//
// Every error is an [*Error] that says where in the configuration it is, as in
// `rules[2].hosts[0]: want a string, got a number`. It repeats names of
// members, but no values.
package config
