package executor

// Header values that come from the executor's environment: the caller names a
// variable, the policy sees a text that stands for it, the origin gets the value.

import (
	"os"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
	"github.com/sluice-run/sluice/host/wire"
)

// headerEnv has the variables that callers may use, by name.
type headerEnv map[string]envValue

type envValue struct {
	text string
	set  bool
}

func readHeaderEnv(names []string) headerEnv {
	env := make(headerEnv, len(names))
	for _, name := range names {
		text, set := os.LookupEnv(name)
		env[name] = envValue{text, set}
	}
	return env
}

// resolve gives the headers as the policy sees them, and the values that it
// does not see.
func (env headerEnv) resolve(headers []wire.Header) ([]abi.Header, []egress.Secret, error) {
	list := make([]abi.Header, len(headers))
	var secrets []egress.Secret
	for i := range headers {
		h := &headers[i]
		list[i] = abi.Header{Name: h.Name, Value: h.Value}
		if h.ValueEnvVar == "" {
			continue
		}
		value, err := env.value(h)
		if err != nil {
			return nil, nil, err
		}
		list[i].Value += "${" + h.ValueEnvVar + "}"
		secrets = append(secrets, egress.Secret{Header: h.Name, Masked: list[i].Value, Value: h.Value + value})
	}
	return list, secrets, nil
}

// value finds a variable. What is missing is said in the words of the
// protocol's other servers.
func (env headerEnv) value(h *wire.Header) (string, error) {
	v, allowed := env[h.ValueEnvVar]
	var e *wire.Error
	switch {
	case !allowed:
		e = wire.Errorf(wire.CodeInvalidParams,
			"http/request header %s: environment variable %s is not allowed on this executor", clip(h.Name), clip(h.ValueEnvVar))
	case !v.set:
		e = wire.Errorf(wire.CodeInvalidParams,
			"http/request header %s requires executor environment variable %s", clip(h.Name), h.ValueEnvVar)
	case v.text == "":
		e = wire.Errorf(wire.CodeInvalidParams,
			"http/request header %s requires a non-empty executor environment variable %s", clip(h.Name), h.ValueEnvVar)
	default:
		return v.text, nil
	}
	e.Reason = reasonHeaderEnv
	return "", e
}
