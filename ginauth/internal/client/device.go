package client

// The User-Agent header: made printable, and as the name of a device in mails.

import (
	"strings"
	"unicode"
)

// Printable returns at most n bytes of a text that a client or another server sent, in whole
// characters and without control characters.
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

// Device names the browser and the system of a User-Agent, in the library's words only: the
// header goes into a mail, and could contain anything.
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

// browsers and systems by what they have in User-Agent; the first that fits counts, since
// most also claim to be others.
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
