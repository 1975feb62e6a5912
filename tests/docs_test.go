package tests

// The documents against what they describe: what they show must work, and what
// they list must be what there is.

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-run/sluice/abi"
	"github.com/sluice-run/sluice/host/policy"
)

// documents are all of them.
func documents(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	top, err := filepath.Glob("../*.md")
	require.NoError(t, err)
	list = append(list, top...)
	require.Greater(t, len(list), 6)
	return list
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	require.NoError(t, err)
	return string(text)
}

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// fenced gives a document's fenced blocks in one language.
func fenced(t *testing.T, name, language string) (blocks []string) {
	t.Helper()
	for _, found := range fence.FindAllStringSubmatch(document(t, name), -1) {
		if found[1] == language {
			blocks = append(blocks, found[2])
		}
	}
	require.NotEmpty(t, blocks, "%s has no block of %q", name, language)
	return blocks
}

func TestDocsConfigurationsLoad(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "docs/policy.md"} {
		for _, block := range fenced(t, name, "yaml") {
			load(t, policy.Standard(), block)
		}
	}
}

// The first policy does what the text around it says.
func TestReadmeRules(t *testing.T) {
	t.Parallel()
	p := load(t, policy.Standard(), fenced(t, "README.md", "yaml")[0])
	require.Equal(t, "method_not_allowed", judge(t, p, "DELETE", "api.example.com").Reason)
	d := judge(t, p, "GET", "api.example.com")
	require.Equal(t, abi.Allow, d.Verdict)
	require.Contains(t, d.Headers, abi.Header{Name: "x-checked-by", Value: "sluice"})
}

// The policy in Go builds, loads and decides.
func TestReadmePolicy(t *testing.T) {
	t.Parallel()
	program := fenced(t, "README.md", "go")[0]
	require.Contains(t, program, "package main")
	p := load(t, buildText(t, "readme", program), "")
	for host, verdict := range map[string]abi.Verdict{"api.example.com": abi.Allow, "example.com": abi.Deny} {
		require.Equal(t, verdict, judge(t, p, "GET", host).Verdict, host)
	}
}

var (
	hexLine  = regexp.MustCompile(`(?m)(?:^|\s\s)[0-9a-f]{3}  ((?:[0-9a-f]{2} |[0-9a-f]{2}$|"[^"]*" ?| )+)`)
	hexBytes = regexp.MustCompile(`"[^"]*"|[0-9a-f]{2}`)
)

// The messages that docs/abi.md spells out are those that package abi writes.
func TestDocsExampleBytes(t *testing.T) {
	t.Parallel()
	var messages [][]byte
	for _, block := range fenced(t, "docs/abi.md", "") {
		if !strings.HasPrefix(block, "000  ") {
			continue
		}
		var message []byte
		for _, line := range hexLine.FindAllStringSubmatch(block, -1) {
			for _, item := range hexBytes.FindAllString(line[1], -1) {
				if item[0] == '"' {
					message = append(message, item[1:len(item)-1]...)
					continue
				}
				var b byte
				_, err := fmt.Sscanf(item, "%x", &b)
				require.NoError(t, err)
				message = append(message, b)
			}
		}
		messages = append(messages, message)
	}
	require.Len(t, messages, 2)

	request := abi.Request{
		Method: "GET", URL: "http://a:81/p?q", Scheme: "http", Host: "a", Port: 81, Path: "/p", Query: "q",
		Hop: 1, From: "http://b", Caller: "c", Headers: []abi.Header{{Name: "X-A", Value: "1"}},
		Body: abi.BodyBytes, BodyLength: 5, Stream: true,
	}
	require.Equal(t, string(request.Append(nil)), string(messages[0]))
	// Offsets of empty texts mean nothing, so that the denial is compared as read.
	var denial abi.Decision
	require.NoError(t, denial.Decode(string(messages[1])))
	require.Equal(t, abi.Decision{Verdict: abi.Deny, Reason: "no", Message: "never", Headers: denial.Headers[:0]}, denial)
}

var (
	link    = regexp.MustCompile(`\]\(([^)]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	code    = regexp.MustCompile("(?s)```.*?```")
)

// Links lead to files and headings that exist.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	links := 0
	for _, name := range documents(t) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
			target, err := url.Parse(found[1])
			require.NoError(t, err, "%s: %s", name, found[1])
			if target.Scheme != "" {
				continue
			}
			links++
			path := name
			if target.Path != "" {
				path = filepath.Join(filepath.Dir(name), target.Path)
				require.FileExists(t, path+suffix(path), "%s: %s", name, found[1])
			}
			if target.Fragment != "" {
				require.Contains(t, anchors(t, path), target.Fragment, "%s: %s", name, found[1])
			}
		}
	}
	require.Greater(t, links, 10)
}

// suffix turns a package's folder into a file that must be in it.
func suffix(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "/doc.go"
	}
	return ""
}

// anchors are the names of a document's headings in links.
func anchors(t *testing.T, path string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, found := range heading.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
		name := strings.ToLower(strings.ReplaceAll(found[1], "`", ""))
		list = append(list, regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ReplaceAll(name, " ", "-"), ""))
	}
	return list
}

// The guest in C compiles with the commands below it, is as small as it is said to
// be, and decides.
func TestDocsPolicyInC(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"clang", "wasm-ld"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "guest.c"), []byte(fenced(t, "docs/abi.md", "c")[0]), 0o600))
	for line := range strings.Lines(fenced(t, "docs/abi.md", "sh")[0]) {
		words := strings.Fields(line)
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", line, out)
	}
	src, err := policy.Open(filepath.Join(dir, "guest.wasm"))
	require.NoError(t, err)
	require.Less(t, len(src.Wasm), 1<<10)
	p := load(t, src, "")
	for host, verdict := range map[string]abi.Verdict{"example.com": abi.Allow, "example.org": abi.Deny} {
		require.Equal(t, verdict, judge(t, p, "GET", host).Verdict, host)
	}
}

// judge asks a policy about a request for the root of a host.
func judge(t *testing.T, p *policy.Policy, method, host string) abi.Decision {
	t.Helper()
	q := abi.Request{Method: method, URL: "https://" + host + "/", Scheme: "https", Host: host, Port: 443, Path: "/"}
	var d abi.Decision
	require.NoError(t, p.OnRequest(context.Background(), &q, &d))
	return d
}
