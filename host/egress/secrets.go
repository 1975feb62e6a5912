package egress

// Header values that only the origin gets to see.

import (
	"slices"
	"strings"

	"github.com/sluice-run/sluice/abi"
)

// Secret is the value of a header that is put in once the policy has decided.
// It goes out in no other header, and to no other origin than that of the
// request's URL: not after a redirect to another one, and not where the policy
// sends the request. There the header is left out.
type Secret struct {
	// Header is the header's name, in any case of letters.
	Header string
	// Masked is the value that stands in Request.Headers: what the policy sees.
	// A policy that changes it takes the secret out.
	Masked string
	// Value is what goes out.
	Value string
}

// masks finds the secret that a header stands for; nil if it is an ordinary one.
func masks(secrets []Secret, h *abi.Header) *Secret {
	for i := range secrets {
		if s := &secrets[i]; h.Value == s.Masked && strings.EqualFold(h.Name, s.Header) {
			return s
		}
	}
	return nil
}

// unmasked puts the secrets into a copy of the list, or leaves their headers
// out if the request goes elsewhere.
func (h *hop) unmasked(list []abi.Header, to *target) []abi.Header {
	if len(h.secrets) == 0 {
		return list
	}
	home := to.origin() == h.home
	out := make([]abi.Header, 0, len(list))
	for i := range list {
		s := masks(h.secrets, &list[i])
		switch {
		case s == nil:
			out = append(out, list[i])
		case home:
			out = append(out, abi.Header{Name: list[i].Name, Value: s.Value})
		}
	}
	return out
}

// dropSecrets drops the secrets with their headers, for good.
func (h *hop) dropSecrets() {
	if len(h.secrets) == 0 {
		return
	}
	h.headers = slices.DeleteFunc(slices.Clone(h.headers), func(header abi.Header) bool {
		return masks(h.secrets, &header) != nil
	})
	h.secrets = nil
}
