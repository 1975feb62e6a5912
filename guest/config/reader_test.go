package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// read reads a configuration of a made-up policy.
func read(text string) (got struct {
	Hosts []string
	Limit uint64
	On    bool
	Rules []string
	Raw   string
}, err error) {
	r := New(text)
	err = r.Object(func(key string) (err error) {
		switch key {
		case "hosts":
			got.Hosts, err = r.Strings()
		case "limit":
			got.Limit, err = r.Uint(1000)
		case "on":
			got.On, err = r.Bool()
		case "raw":
			got.Raw, err = r.Raw()
		case "rules":
			err = r.Array(func(int) error {
				return r.Object(func(key string) error {
					if key != "name" {
						return r.Unknown()
					}
					name, err := r.String()
					if err == nil && name == "" {
						return r.Problem("must not be empty")
					}
					got.Rules = append(got.Rules, name)
					return err
				})
			})
		default:
			err = r.Unknown()
		}
		return err
	})
	if err == nil {
		err = r.End()
	}
	return got, err
}

func TestReader(t *testing.T) {
	t.Parallel()
	got, err := read("\t{\"hosts\" : [\"a\",\r\n\"b\\u00e9\\ud83d\\ude00\\n\"], \"limit\":1000, \"on\":true, \"rules\":[{\"name\":\"é\"},{}], \"raw\" : [1.5e-3, {\"a\":null}] } ")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "bé😀\n"}, got.Hosts)
	require.EqualValues(t, 1000, got.Limit)
	require.True(t, got.On)
	require.Equal(t, []string{"é"}, got.Rules)
	require.Equal(t, `[1.5e-3, {"a":null}]`, got.Raw)

	got, err = read(`{"hosts":[],"on":false,"limit":0}`)
	require.NoError(t, err)
	require.Empty(t, got.Hosts)
	require.NotNil(t, got.Hosts, "an empty list is not an absent one")
}

func TestErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", MaxDepth)
	for text, want := range map[string]string{
		``:                               "configuration: not JSON: the text ends too early",
		`null`:                           "configuration: want an object, got null",
		`[]`:                             "configuration: want an object, got a list",
		`{} {}`:                          "configuration: not JSON: unexpected character at byte 3",
		"\ufeff{}":                       "configuration: not JSON: unexpected character at byte 0",
		`{"rulez":1}`:                    "rulez: unknown key",
		`{"rules":[{},{"nam":1}]}`:       "rules[1].nam: unknown key",
		`{"rules":[{"name":""}]}`:        "rules[0].name: must not be empty",
		`{"rules":[{"name":1}]}`:         "rules[0].name: want a string, got a number",
		`{"rules":{}}`:                   "rules: want a list, got an object",
		`{"hosts":null}`:                 "hosts: want a list, got null",
		`{"hosts":["a",true]}`:           "hosts[1]: want a string, got true or false",
		`{"hosts":["a",]}`:               "hosts[1]: not JSON: unexpected character at byte 14",
		`{"hosts":["a" "b"]}`:            "hosts: not JSON: unexpected character at byte 14",
		`{"hosts":["a"`:                  "hosts: not JSON: the text ends too early",
		`{"limit":1001}`:                 "limit: want a whole number from 0 to 1000",
		`{"limit":-1}`:                   "limit: want a whole number from 0 to 1000",
		`{"limit":1.0}`:                  "limit: want a whole number from 0 to 1000",
		`{"limit":1e1}`:                  "limit: want a whole number from 0 to 1000",
		`{"limit":99999999999999999999}`: "limit: want a whole number from 0 to 1000",
		`{"limit":"1"}`:                  "limit: want a whole number from 0 to 1000, got a string",
		`{"limit":01}`:                   "configuration: not JSON: unexpected character at byte 10",
		`{"limit":1.}`:                   "limit: not JSON: unexpected character at byte 11",
		`{"limit":-}`:                    "limit: not JSON: unexpected character at byte 10",
		`{"limit":1e}`:                   "limit: not JSON: unexpected character at byte 11",
		`{"on":1}`:                       "on: want true or false, got a number",
		`{"on":tru}`:                     "on: not JSON: unexpected character at byte 6",
		`{"on":true,"on":true}`:          "on: stands here twice",
		`{"on":true,"o\u006e":true}`:     "on: stands here twice",
		`{"raw":{"a":{"b":1,"b":2}}}`:    "raw.a.b: stands here twice",
		`{"raw":` + deep:                 "raw" + strings.Repeat("[0]", MaxDepth-1) + ": is nested too deeply",
		`{"raw":nul}`:                    "raw: not JSON: unexpected character at byte 7",
		`{"raw":}`:                       "raw: not JSON: unexpected character at byte 7",
		`{"raw"}`:                        "configuration: not JSON: unexpected character at byte 6",
		`{raw:1}`:                        "configuration: not JSON: unexpected character at byte 1",
		`{"on":true "raw":1}`:            "configuration: not JSON: unexpected character at byte 11",
		`{"on":true,}`:                   "configuration: not JSON: unexpected character at byte 11",
		"{\"raw\":\"a\xff\"}":            "raw: is not UTF-8",
		"{\"raw\":\"\\n\xff\"}":          "raw: is not UTF-8",
		"{\"raw\":\"a\nb\"}":             "raw: not JSON: unexpected character at byte 9",
		"{\"raw\":\"\\t\nb\"}":           "raw: not JSON: unexpected character at byte 10",
		`{"raw":"\x"}`:                   "raw: not JSON: unexpected character at byte 9",
		`{"raw":"\`:                      "raw: not JSON: the text ends too early",
		`{"raw":"\t`:                     "raw: not JSON: the text ends too early",
		`{"raw":"\u12`:                   "raw: not JSON: the text ends too early",
		`{"raw":"\u12g4"}`:               "raw: not JSON: unexpected character at byte 12",
		`{"raw":"\ud83d"}`:               "raw: not JSON: unexpected character at byte 14",
		`{"raw":"\ude00"}`:               "raw: not JSON: unexpected character at byte 14",
		`{"raw":"\ud83d\u0041"}`:         "raw: not JSON: unexpected character at byte 20",
		`{"raw":"\ud83d\n"}`:             "raw: not JSON: unexpected character at byte 15",
	} {
		_, err := read(text)
		require.EqualError(t, err, want, text)
		var e *Error
		require.ErrorAs(t, err, &e)
	}
}

func TestDepthIsBoundedNotReached(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth)
	_, err := New(text).Raw()
	require.NoError(t, err)
	_, err = New("[" + text + "]").Raw()
	require.Error(t, err)
}

func TestMemberMustBeRead(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, "config: nobody read a", func() {
		_ = New(`{"a":1}`).Object(func(string) error { return nil })
	})
	require.PanicsWithValue(t, "config: nobody read [0]", func() {
		_ = New(`[1]`).Array(func(int) error { return nil })
	})
}
