// Package args reads the values of the command's flags. Each reader is strict,
// and its errors say what to write instead.
package args
