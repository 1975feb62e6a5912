package main

// The flag that lends callers variables of the environment for their headers.

import (
	"log/slog"
	"os"
	"strings"
)

type headerEnvFlags struct {
	HeaderEnv []string `help:"Let callers put this environment variable's value into a header (valueEnvVar); the policy sees its name only. Repeatable." placeholder:"NAME" sep:"none" group:"Network:"`
}

// checkHeaderEnv refuses what is no variable's name, such as a name with its
// value: the flags can be seen by other users.
func (f *headerEnvFlags) checkHeaderEnv() error {
	for _, name := range f.HeaderEnv {
		if name == "" || strings.ContainsAny(name, "= \t\r\n\x00") {
			return usage("--header-env takes the name of an environment variable, without its value")
		}
	}
	return nil
}

// warnUnset names the variables that callers will ask for in vain.
func (f *headerEnvFlags) warnUnset(log *slog.Logger) {
	for _, name := range f.HeaderEnv {
		if os.Getenv(name) == "" {
			log.Warn("environment variable for headers is not set", "name", name)
		}
	}
}
