package auth

import "errors"

// What can be wrong with a token. The texts are those of the reference.
var (
	ErrInvalidToken = errors.New("invalid websocket bearer token")
	ErrInvalidJWT   = errors.New("invalid websocket jwt")
	ErrExpired      = errors.New("expired websocket jwt")
	ErrNotYetValid  = errors.New("websocket jwt is not valid yet")
	ErrIssuer       = errors.New("websocket jwt issuer mismatch")
	ErrAudience     = errors.New("websocket jwt audience mismatch")
)
