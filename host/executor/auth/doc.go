// Package auth knows who may connect to an executor: by a capability token, one
// or a list of them with names, or by a signed token (JWT).
//
//	tokens, err := auth.TokensFile("/etc/sluice/tokens", nil)
//	if err != nil { … }
//	e := executor.New(executor.Options{Policy: p, Auth: tokens})
//
// An authenticator turns a bearer token into the name of the caller, which the
// policy is told, which logs show, and by which callers are limited. A single
// capability token has no name.
//
// # Files
//
// Files are looked at for every token that is to be checked, and read again if
// they have changed: a token is withdrawn by removing its line. A change that
// cannot be read changes nothing; the function given as problem hears of it.
// Connections that are open stay open.
//
// # Limits
//
// A secret has at most MaxSecret bytes, a list at most MaxTokens tokens, a name
// at most MaxName bytes.
//
// # Errors
//
// The error of a token that is refused is one of the Err... variables. Its text
// is made for the answer of the upgrade (401) and holds nothing of the token.
//
// # Sources
//
// RFC 6750 (bearer tokens), RFC 7519 (JWT), RFC 7515 (JWS), RFC 8725 (best
// practices for JWT): one algorithm, HS256, an expiry that must be there, and
// secrets of 32 bytes or more.
package auth
