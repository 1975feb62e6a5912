package config

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree reads any value into what encoding/json makes of it.
func tree(r *Reader) (value any, err error) {
	switch r.Kind() {
	case Object:
		members := map[string]any{}
		err = r.Object(func(key string) (err error) {
			members[key], err = tree(r)
			return err
		})
		return members, err
	case Array:
		items := []any{}
		err = r.Array(func(int) error {
			item, err := tree(r)
			items = append(items, item)
			return err
		})
		return items, err
	case String:
		return r.String()
	case Number:
		text, err := r.Raw()
		return json.Number(text), err
	case Bool:
		return r.Bool()
	}
	_, err = r.Raw() // null, or malformed
	return nil, err
}

// What encoding/json lets pass and this package does not.
var stricter = regexp.MustCompile(`stands here twice$|is not UTF-8$|is nested too deeply$`)

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e+3,true,false,null,"x\u00e9\ud83d\ude00"],"b":{"c":{}}}`,
		`{"a":1,"a":2}`, `"\ud800"`, `"\ud800\udc00"`, `01`, `-`, `[1,]`, `{"a"}`, "\"\xff\"", ` 1 `, `[[[[]]]]`, `nul`, `1e`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r := New(string(text))
		got, err := tree(r)
		if err == nil {
			err = r.End()
		}
		if err != nil {
			// A lone half of a pair is the one extra that has no text of its own.
			if !stricter.MatchString(err.Error()) && !bytes.Contains(text, []byte(`\u`)) {
				require.False(t, json.Valid(text), "%q: %v", text, err)
			}
			return
		}
		var want any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&want), "%q", text)
		require.True(t, json.Valid(text), "%q", text)
		require.Equal(t, want, got)

		raw, err := New(string(text)).Raw()
		require.NoError(t, err, "what can be read can be skipped")
		require.Equal(t, string(bytes.Trim(text, " \t\r\n")), raw)
	})
}
