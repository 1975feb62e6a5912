package egress_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/egress"
)

// readOnly is a policy that allows GET alone and hides cookies.
type readOnly struct{}

func (readOnly) OnRequest(_ context.Context, r *abi.Request, d *abi.Decision) error {
	if r.Method != "GET" {
		d.Verdict, d.Reason = abi.Deny, "method_not_allowed"
	}
	return nil
}

func (readOnly) OnResponse(_ context.Context, r *abi.Response, d *abi.Decision) error {
	d.Edits = abi.EditHeaders
	for _, h := range r.Headers {
		if h.Name != "Set-Cookie" {
			d.Headers = append(d.Headers, h)
		}
	}
	return nil
}

func Example() {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "secret"})
		fmt.Fprint(w, "hello")
	}))
	defer origin.Close()

	rules, err := egress.ParseNetRules([]string{"loopback"})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := egress.New(egress.Options{Policy: readOnly{}, Net: rules})
	defer client.Close()

	resp, err := client.Do(context.Background(), &egress.Request{Method: "GET", URL: origin.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	body, err := resp.ReadAll(1 << 20)
	fmt.Println(resp.Status, string(body), err)

	_, err = client.Do(context.Background(), &egress.Request{Method: "DELETE", URL: origin.URL})
	var e *egress.Error
	if errors.As(err, &e) {
		fmt.Println(e.Kind, e.Reason)
	}
	// Output:
	// 200 hello <nil>
	// denied method_not_allowed
}

// Private addresses are out of reach unless a rule names them.
func ExampleParseNetRule() {
	client := egress.New(egress.Options{Policy: readOnly{}})
	defer client.Close()
	_, err := client.Do(context.Background(), &egress.Request{Method: "GET", URL: "http://0x7f.1:8080/"})
	fmt.Println(err)

	_, err = egress.ParseNetRule("10.0.0.1/8")
	fmt.Println(err)
	// Output:
	// http/request failed: address 127.0.0.1 is not allowed (loopback); the operator can allow it with --allow-net
	// network rule "10.0.0.1/8": it has bits beyond its length, was 10.0.0.0/8 meant?; valid are any, a kind of addresses (loopback, private), an address (10.1.2.3), a block (10.0.0.0/8), a host (intranet.example) and host:port (intranet.example:8443, 10.1.2.3:80, [::1]:80)
}
