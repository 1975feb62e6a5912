package main

// The flags that say who may connect to an executor.

import (
	"log/slog"
	"strings"
	"time"

	"github.com/sluice-run/sluice/host/executor"
	"github.com/sluice-run/sluice/host/executor/auth"
)

// The modes of --ws-auth.
const (
	authCapability = "capability-token"
	authSigned     = "signed-bearer-token"
)

// maxClockSkew keeps an expiry from losing its meaning, in seconds.
const maxClockSkew = 24 * 60 * 60

type authFlags struct {
	WsAuth string `help:"Ask callers for a bearer token: capability-token or signed-bearer-token." placeholder:"MODE" group:"Callers:"`

	WsTokenFile   string `help:"The capability token is in FILE." placeholder:"FILE" group:"Callers:"`
	WsTokenSHA256 string `name:"ws-token-sha256" help:"The capability token has this SHA-256." placeholder:"HEX" group:"Callers:"`
	WsTokensFile  string `help:"Capability tokens of several callers, one NAME:SHA256 per line." placeholder:"FILE" group:"Callers:"`

	WsSharedSecretFile    string  `help:"Secret that signed tokens (JWT, HS256) are signed with." placeholder:"FILE" group:"Callers:"`
	WsIssuer              *string `help:"Issuer that signed tokens must have." placeholder:"NAME" group:"Callers:"`
	WsAudience            *string `help:"Audience that signed tokens must have." placeholder:"NAME" group:"Callers:"`
	WsMaxClockSkewSeconds *uint   `help:"How far a signer's clock may be from this one (default 30)." placeholder:"N" group:"Callers:"`

	AllowHost []string `help:"Take this name in the Host header of connections over loopback, beside localhost and loopback addresses. Repeatable." placeholder:"NAME" sep:"none" group:"Callers:"`
}

// checkAuth refuses flags that contradict each other.
func (f *authFlags) checkAuth() error {
	for _, name := range f.AllowHost {
		if name == "" || strings.ContainsAny(name, ":/[] ") {
			return usage("--allow-host takes a name, without a scheme and a port")
		}
	}
	tokens := count(f.WsTokenFile != "", f.WsTokenSHA256 != "", f.WsTokensFile != "")
	signed := f.WsSharedSecretFile != "" || f.WsIssuer != nil || f.WsAudience != nil || f.WsMaxClockSkewSeconds != nil
	switch f.WsAuth {
	case "":
		if tokens > 0 || signed {
			return usage("flags about tokens need --ws-auth %s or --ws-auth %s", authCapability, authSigned)
		}
		return nil
	case authCapability:
		return f.checkCapability(tokens, signed)
	case authSigned:
		return f.checkSigned(tokens)
	}
	return usage("--ws-auth must be %s or %s", authCapability, authSigned)
}

func (f *authFlags) checkCapability(tokens int, signed bool) error {
	switch {
	case signed:
		return usage("--ws-shared-secret-file, --ws-issuer, --ws-audience and --ws-max-clock-skew-seconds belong to --ws-auth %s", authSigned)
	case tokens != 1:
		return usage("--ws-auth %s needs one of --ws-token-file, --ws-token-sha256 and --ws-tokens-file", authCapability)
	case f.WsTokenSHA256 == "":
		return nil
	}
	if _, err := auth.TokenSHA256(f.WsTokenSHA256); err != nil {
		return usage("--ws-token-sha256: %w", err)
	}
	return nil
}

func (f *authFlags) checkSigned(tokens int) error {
	switch {
	case tokens > 0:
		return usage("--ws-token-file, --ws-token-sha256 and --ws-tokens-file belong to --ws-auth %s", authCapability)
	case f.WsSharedSecretFile == "":
		return usage("--ws-auth %s needs --ws-shared-secret-file", authSigned)
	case f.WsIssuer != nil && *f.WsIssuer == "", f.WsAudience != nil && *f.WsAudience == "":
		// Rather a variable that is not set than the wish for any issuer.
		return usage("--ws-issuer and --ws-audience must not be empty: leave them out if any will do")
	case f.WsMaxClockSkewSeconds != nil && *f.WsMaxClockSkewSeconds > maxClockSkew:
		return usage("--ws-max-clock-skew-seconds must be at most %d", maxClockSkew)
	}
	return nil
}

func count(given ...bool) int {
	n := 0
	for _, one := range given {
		if one {
			n++
		}
	}
	return n
}

// authenticator is nil if everybody may connect.
func (f *authFlags) authenticator(log *slog.Logger) (executor.Authenticator, error) {
	problem := func(err error) {
		log.Error("who may connect could not be read anew; nothing changes", "problem", err.Error())
	}
	switch {
	case f.WsTokenFile != "":
		return auth.TokenFile(f.WsTokenFile, problem)
	case f.WsTokenSHA256 != "":
		return auth.TokenSHA256(f.WsTokenSHA256)
	case f.WsTokensFile != "":
		return auth.TokensFile(f.WsTokensFile, problem)
	case f.WsSharedSecretFile != "":
		return auth.NewJWT(f.signedTokens(problem))
	}
	return nil, nil
}

func (f *authFlags) signedTokens(problem func(error)) auth.JWTOptions {
	o := auth.JWTOptions{SecretFile: f.WsSharedSecretFile, ClockSkew: auth.DefaultClockSkew, Problem: problem}
	if f.WsIssuer != nil {
		o.Issuer = *f.WsIssuer
	}
	if f.WsAudience != nil {
		o.Audience = *f.WsAudience
	}
	if f.WsMaxClockSkewSeconds != nil {
		o.ClockSkew = time.Duration(*f.WsMaxClockSkewSeconds) * time.Second
	}
	return o
}
