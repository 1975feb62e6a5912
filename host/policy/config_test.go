package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
)

func TestParseConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":           {"", ""},
		"blanks":            {" \n\n", ""},
		"a comment":         {"# later\n", ""},
		"null":              {"~\n", ""},
		"order":             {"z: 1\na: 2\nm: 3\n", `{"z":1,"a":2,"m":3}`},
		"lists":             {"a: [x, 'y', \"z\"]\nb:\n- c: d\n  e: f\n-\n", `{"a":["x","y","z"],"b":[{"c":"d","e":"f"},null]}`},
		"strings":           {"a: yes\nb: 'true'\nc: 1:30\nd: \"\\u00e9\\n\"\ne: |\n  x\n  y\n", `{"a":"yes","b":"true","c":"1:30","d":"é\n","e":"x\ny\n"}`},
		"booleans":          {"a: true\nb: False\nc: null\nd:\n", `{"a":true,"b":false,"c":null,"d":null}`},
		"numbers":           {"a: 0x1F\nb: 0o17\nc: -5\nd: 1.5\ne: 1e3\nf: 18446744073709551615\n", `{"a":31,"b":15,"c":-5,"d":1.5,"e":1000,"f":18446744073709551615}`},
		"a huge exponent":   {"a: 1e999\n", `{"a":"1e999"}`},
		"a date":            {"a: 2001-01-01\n", `{"a":"2001-01-01"}`},
		"keys like words":   {"on: 1\nyes: 2\n'3': 4\n", `{"on":1,"yes":2,"3":4}`},
		"aliases":           {"a: &x [1, 2]\nb: *x\nc: {d: *x}\n", `{"a":[1,2],"b":[1,2],"c":{"d":[1,2]}}`},
		"byte order mark":   {"\ufeffa: 1", `{"a":1}`},
		"one document":      {"---\na: 1\n...\n", `{"a":1}`},
		"JSON":              {` { "a" : [ 1.0 , {"b":null} ] , "c":"\ud83d\ude00" } `, `{"a":[1.0,{"b":null}],"c":"\ud83d\ude00"}`},
		"JSON with tabs":    {"{\n\t\"a\":\t1\n}\n", `{"a":1}`},
		"JSON, same keys":   {`{"a":{"a":1},"b":[{"a":1},{"a":"a"}]}`, `{"a":{"a":1},"b":[{"a":1},{"a":"a"}]}`},
		"JSON, a long key":  {`{"` + strings.Repeat("k", 2000) + `":1}`, `{"` + strings.Repeat("k", 2000) + `":1}`},
		"YAML in braces":    {"{a: 1, b: [2]}", `{"a":1,"b":[2]}`},
		"what HTML escapes": {"a: <&>\n", `{"a":"\u003c\u0026\u003e"}`},
	} {
		got, err := policy.ParseConfig([]byte(c.text))
		require.NoError(t, err, name)
		require.Equal(t, c.want, string(got), name)
	}
}

func TestParseConfigRefuses(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for name, c := range map[string]struct {
		text string
		line int
		want string
	}{
		"a list":              {"# no\n- a\n", 2, "not a mapping"},
		"a word":              {secret, 1, "not a mapping"},
		"a JSON list":         {`["` + secret + `"]`, 1, "not a mapping"},
		"a key twice":         {"a: " + secret + "\nb: 2\na: 3\n", 3, `the key "a" stands twice, first in line 1`},
		"a key twice, within": {"x:\n  a: 1\n  'a': 3\n", 3, `the key "a" stands twice, first in line 2`},
		"a JSON key twice":    {"{\"a\":1,\n\"b\":{\"c\":[],\"c\":2}}", 2, `the key "c" stands twice, first in line 2`},
		"a JSON key escaped":  {"{\"a\":1,\n\"\\u0061\":{}}", 2, `the key "a" stands twice, first in line 1`},
		"a number as key":     {"a: 1\n2: b\n", 2, "a key is not a string"},
		"a list as key":       {"? [a]\n: b\n", 1, "a key is not a string"},
		"a null key":          {"~: b\n", 1, "a key is not a string"},
		"an alias as key":     {"a: &x y\n*x : b\n", 2, "a key is not a string"},
		"a merge key":         {"a: &x {b: 1}\nc:\n  <<: *x\n", 3, "a key is not a string"},
		"not a number":        {"a:\n  b: .nan\n", 2, "infinite or none at all"},
		"infinity":            {"a: -.inf\n", 1, "infinite or none at all"},
		"a large integer":     {"a: 123456789012345678901234567890\n", 1, "does not fit into 64 bits"},
		"a second document":   {"a: 1\n---\nb: 2\n", 2, "a second document"},
		"an own tag":          {"a: 1\nb: !secret " + secret + "\n", 2, `the tag "!secret" is not supported`},
		"binary":              {"b: !!binary aGk=\n", 1, `the tag "!!binary" is not supported`},
		"a tagged mapping":    {"b: !!set {a, b}\n", 1, "the tag is not supported"},
		"a wrong tag":         {"b: !!int " + secret + "\n", 1, "not of its tag !!int"},
		"not UTF-8":           {"a: 1\nb: \xff\n", 2, "not valid UTF-8"},
		"JSON not UTF-8":      {"{\"a\":\n\"\xff\"}", 2, "not valid UTF-8"},
		"an open bracket":     {"a: [1,\n", 2, "did not find expected node content"},
		"no such anchor":      {"a: *x\n", 1, "unknown anchor"},
		"itself":              {"a: &x [*x]\n", 1, "nests deeper than 32 levels"},
		"deep":                {"a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), 1, "depth of 32"},
		"deep JSON":           {`{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}", 1, "nests deeper than 32 levels"},
		"large":               {strings.Repeat("#", policy.MaxConfig+1), 0, "over the limit of 1048576 bytes"},
		"a bomb":              {bomb(), 0, "with its aliases written out"},
	} {
		start := time.Now()
		got, err := policy.ParseConfig([]byte(c.text))
		var e *policy.ConfigError
		require.ErrorAs(t, err, &e, name)
		require.Nil(t, got)
		require.Contains(t, e.Error(), c.want, name)
		require.Equal(t, c.line, e.Line, name)
		require.NotContains(t, e.Error(), secret, name)
		require.Less(t, len(e.Error()), 300, name)
		require.Less(t, time.Since(start), 10*time.Second, name)
	}
}

// bomb is a text of half a kilobyte that stands for 10^9 words.
func bomb() string {
	text := "a0: &a0 word\n"
	for i := 1; i < 10; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return text
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{
		"", "a: 1", "a: &x [1, *x]", `{"a":[1,{"b":null}]}`, `{"a":1,"a":2}`, "a: .nan", "? [a]\n: b", "a: !!binary aGk=",
		"---\na: b\n---\n", "a: |\n b\n", "%YAML 1.2\n---\na: 0o17", "a: \"\\x00\"", bomb(), "\ufeffa: 1", "{\"a\":1e999}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := policy.ParseConfig([]byte(text))
		if err != nil {
			var e *policy.ConfigError
			require.ErrorAs(t, err, &e)
			require.Nil(t, got)
			return
		}
		if got == nil {
			return
		}
		require.True(t, json.Valid(got), "%q", got)
		require.Equal(t, byte('{'), got[0])
		require.LessOrEqual(t, len(got), abi.MaxMessage)
		again, err := policy.ParseConfig(got) // what it writes, it reads
		if len(got) <= policy.MaxConfig {
			require.NoError(t, err)
			require.Equal(t, string(got), string(again))
		}
	})
}
