package config_test

import (
	"fmt"

	"github.com/sluice-run/sluice/guest/config"
)

func Example() {
	var hosts []string
	read := func(text string) error {
		r := config.New(text)
		err := r.Object(func(key string) (err error) {
			if key != "hosts" {
				return r.Unknown()
			}
			hosts, err = r.Strings()
			return err
		})
		if err != nil {
			return err
		}
		return r.End()
	}
	fmt.Println(read(`{"hosts": ["a.example", "b.example"]}`), hosts)
	fmt.Println(read(`{"hosts": ["a.example", 7]}`))
	// Output:
	// <nil> [a.example b.example]
	// hosts[1]: want a string, got a number
}
