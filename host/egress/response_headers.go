package egress

// The response's headers on their way from net/http to the policy and the
// caller.

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-run/sluice/abi"
)

// incoming lists the origin's headers: names in net/http's canonical spelling
// and in order, repeats as they came. net/http takes Transfer-Encoding out of the
// map; it comes last, since the origin sent it. "Connection: close" is gone.
func incoming(resp *http.Response) ([]abi.Header, bool) {
	count := len(resp.TransferEncoding)
	names := make([]string, 0, len(resp.Header)+1)
	for name, values := range resp.Header {
		names = append(names, name)
		count += len(values)
	}
	if count > MaxHeaders {
		return nil, false
	}
	slices.Sort(names)
	list := make([]abi.Header, 0, count)
	for _, name := range names {
		for _, value := range resp.Header[name] {
			list = append(list, abi.Header{Name: name, Value: value})
		}
	}
	for _, coding := range resp.TransferEncoding {
		list = append(list, abi.Header{Name: "Transfer-Encoding", Value: coding})
	}
	return list, true
}

// presentable says whether the headers can be told to the caller: names are
// tokens and values are text.
func presentable(list []abi.Header) bool {
	if len(list) > MaxHeaders {
		return false
	}
	for i := range list {
		if !isToken(list[i].Name) || !utf8.ValidString(list[i].Value) {
			return false
		}
	}
	return true
}

// defaultPresentation is what the caller sees if the policy did not say: names
// in lower case, as the protocol has them, without what no JSON string can hold.
func defaultPresentation(list []abi.Header) []abi.Header {
	list = slices.DeleteFunc(list, func(h abi.Header) bool {
		return !isToken(h.Name) || !utf8.ValidString(h.Value)
	})
	for i := range list {
		list[i].Name = strings.ToLower(list[i].Name)
	}
	return list
}

// header finds the values of a header.
func header(list []abi.Header, name string) (first string, count int, same bool) {
	same = true
	for i := range list {
		if len(list[i].Name) != len(name) || !strings.EqualFold(list[i].Name, name) {
			continue
		}
		if count == 0 {
			first = list[i].Value
		}
		same = same && list[i].Value == first
		count++
	}
	return first, count, same
}
