package main

import "bytes"

// Path patterns, and the two readings of a path that they are held against.
//
// Servers do not agree on what an encoded path means: to one /x%2Fadmin is a
// segment with a slash in it, to another it is /x/admin; some merge //, some
// resolve an encoded "..", some drop what follows a semicolon. So every path is read twice, once as the standards
// have it and once as the most eager server would. A rule that allows must
// match both readings, a rule that denies needs only one.

// readings are the two readings of a path.
type readings struct {
	// plain has everything decoded but slashes and percent signs.
	plain string
	// eager has slashes decoded too (and backslashes turned into them),
	// parameters (";x") cut off each segment, repeated slashes merged and dot
	// segments resolved.
	eager string
}

// pathReader makes readings, reusing its room.
type pathReader struct {
	decoded, resolved []byte
}

// read reads a path. The readings hold until the next call.
func (p *pathReader) read(path string) readings {
	if isSimple(path) {
		return readings{plain: path, eager: path}
	}
	p.decoded = appendDecoded(p.decoded[:0], path, false)
	plain := len(p.decoded)
	p.decoded = appendDecoded(p.decoded, path, true)
	p.resolved = appendResolved(p.resolved[:0], p.decoded[plain:])
	return readings{plain: string(p.decoded[:plain]), eager: string(p.resolved)}
}

// isSimple says whether both readings of a path are the path itself. The host
// has resolved its plain dot segments.
func isSimple(path string) bool {
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '%' || c == '\\' || c == ';':
			return false
		case c == '/' && i > 0 && path[i-1] == '/':
			return false
		}
	}
	return true
}

func appendDecoded(dst []byte, path string, eager bool) []byte {
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' && i+2 < len(path) {
			high, low := hexDigit(path[i+1]), hexDigit(path[i+2])
			if high >= 0 && low >= 0 {
				c = byte(high<<4 | low)
				i += 2
				if c == '%' {
					dst = append(dst, "%25"...) // "%252F" must not become "%2F"
					continue
				}
				if c == '/' && !eager {
					dst = append(dst, "%2F"...)
					continue
				}
			}
		}
		if c == '\\' && eager {
			c = '/'
		}
		dst = append(dst, c)
	}
	return dst
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// appendResolved appends a path without parameters and without empty, "." and
// ".." segments.
func appendResolved(dst, path []byte) []byte {
	base := len(dst)
	closed := false // whether the last segment leaves a slash at the end
	for start := 0; start <= len(path); {
		end := start
		for end < len(path) && path[end] != '/' {
			end++
		}
		segment := path[start:end]
		if i := bytes.IndexByte(segment, ';'); i >= 0 {
			segment = segment[:i]
		}
		switch string(segment) {
		case "", ".":
			closed = true
		case "..":
			closed = true
			for len(dst) > base {
				last := dst[len(dst)-1]
				dst = dst[:len(dst)-1]
				if last == '/' {
					break
				}
			}
		default:
			closed = false
			dst = append(append(dst, '/'), segment...)
		}
		start = end + 1
	}
	if closed {
		dst = append(dst, '/')
	}
	return dst
}

// pathPattern is a pattern in which * stands for any run of bytes within a
// segment and ** for any run at all.
type pathPattern string

// parsePath checks a pattern of the configuration; problem is empty if it is
// good.
func parsePath(s string) (pattern pathPattern, problem string) {
	if s == "" || s[0] != '/' && (len(s) < 2 || s[:2] != "**") {
		return "", "must start with / or **"
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '%':
			return "", "must be written without percent escapes"
		case '?':
			return "", "is a path; the query is not part of it"
		case '*':
			if i+2 < len(s) && s[i:i+3] == "***" {
				return "", "has three stars in a row"
			}
		}
	}
	return pathPattern(s), ""
}

// matches holds one reading against the pattern. A trailing /** also matches
// nothing at all, so that /admin/** covers /admin.
func (p pathPattern) matches(path string) bool {
	if n := len(p) - len("/**"); n > 0 && p[n:] == "/**" && glob(string(p[:n]), path) {
		return true
	}
	return glob(string(p), path)
}

// glob walks pattern and text side by side. On a mismatch the last * takes one
// byte more, and where it cannot, the last ** does: what stood before them has
// found its place and need not be tried again.
func glob(pattern, text string) bool {
	p, t := 0, 0
	star, starEnd := -1, 0 // pattern behind the last *, and how far it reaches
	deep, deepEnd := -1, 0 // the same of the last **
	for {
		switch {
		case p == len(pattern) && t == len(text):
			return true
		case p+1 < len(pattern) && pattern[p:p+2] == "**":
			p += 2
			deep, deepEnd, star = p, t, -1
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, starEnd = p, t
		case p < len(pattern) && t < len(text) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0 && starEnd < len(text) && text[starEnd] != '/':
			starEnd++
			p, t = star, starEnd
		case deep >= 0 && deepEnd < len(text):
			deepEnd++
			p, t, star = deep, deepEnd, -1
		default:
			return false
		}
	}
}
