package policy_test

import (
	"context"
	"fmt"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
)

func Example() {
	ctx := context.Background()
	src := policy.Standard()
	var err error
	src.Config, err = policy.ParseConfig([]byte(`
hosts: [example.com]
response_headers:
- remove: [set-cookie]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := policy.Load(ctx, src, policy.Options{CacheDir: cacheDir})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close(ctx)

	var d abi.Decision
	for _, host := range []string{"example.com", "example.org"} {
		err := p.OnRequest(ctx, &abi.Request{
			Method: "GET", URL: "https://" + host + "/", Scheme: "https", Host: host, Port: 443, Path: "/",
		}, &d)
		fmt.Println(host, d.Verdict == abi.Allow, d.Reason, err)
	}
	// Output:
	// example.com true  <nil>
	// example.org false host_not_allowed <nil>
}

func ExampleParseConfig() {
	json, err := policy.ParseConfig([]byte("hosts:\n- example.com # ours\nports: [443]\n"))
	fmt.Println(string(json), err)
	_, err = policy.ParseConfig([]byte("hosts: []\nports: []\nhosts: []\n"))
	fmt.Println(err)
	// Output:
	// {"hosts":["example.com"],"ports":[443]} <nil>
	// configuration: line 3: the key "hosts" stands twice, first in line 1
}
