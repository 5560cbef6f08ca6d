package client

// The User-Agent header: made printable, and turned into the name of a device for mails.

import (
	"strings"
	"unicode"
)

// Printable returns at most n bytes of a text from a client or another server: whole characters, no control characters.
func Printable(s string, n int) string {
	out := make([]rune, 0, min(len(s), n))
	size := 0
	for _, r := range s {
		if unicode.IsControl(r) || r == '\uFFFD' {
			continue
		}
		if size += len(string(r)); size > n {
			break
		}
		out = append(out, r)
	}
	return string(out)
}

// Device returns the browser and system of a User-Agent, in the library's words only: the header could contain anything, and
// the result goes into a mail.
func Device(userAgent string) string {
	var words []string
	for _, list := range [][][2]string{browsers, systems} {
		for _, known := range list {
			if strings.Contains(userAgent, known[0]) {
				words = append(words, known[1])
				break
			}
		}
	}
	return strings.Join(words, ", ")
}

// browsers and systems by their mark in User-Agent. The first match counts, since most browsers claim to be others as well.
var (
	browsers = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
		{"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)
