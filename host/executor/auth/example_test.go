package auth_test

import (
	"fmt"
	"os"

	"github.com/sluice-run/sluice/host/executor/auth"
)

func ExampleTokensFile() {
	f, _ := os.CreateTemp("", "tokens")
	defer os.Remove(f.Name())
	// printf %s "the token" | sha256sum
	fmt.Fprintln(f, "ci:d94772fd76a9e3a1c170673847ba8f96851fd423b1a7834871cd2c78633c7e97")
	_ = f.Close()

	tokens, err := auth.TokensFile(f.Name(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tokens.Authenticate("the token"))
	fmt.Println(tokens.Authenticate("a guess"))
	// Output:
	// ci <nil>
	//  invalid websocket bearer token
}
