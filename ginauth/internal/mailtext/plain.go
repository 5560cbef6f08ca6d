package mailtext

import (
	"strings"
	"unicode"
)

// oneLine makes s one line of at most limit characters: runs of spaces, line breaks and other control characters become one
// space, so that no header and no line can begin in the middle of it (T092). Characters that change the direction of writing
// become spaces as well. Joiners stay, because some scripts need them.
func oneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c' || r == '\u200d':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zs, unicode.Zl, unicode.Zp):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > limit {
		return strings.TrimSpace(string(runes[:limit-1])) + "…"
	}
	return s
}

// columns is the maximum width of a line that can be broken.
const columns = 78

// plain formats the output of a text template: it collapses empty lines to one, wraps long lines, and ends the text with one
// line break.
func plain(s string) string {
	var b strings.Builder
	empty := true // no empty lines at the beginning
	for line := range strings.Lines(s) {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if line != "" {
			wrap(&b, line)
		} else if !empty {
			b.WriteByte('\n')
		}
		empty = line == ""
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func wrap(b *strings.Builder, line string) {
	for {
		at := breakAt(line)
		b.WriteString(strings.TrimRight(line[:at], " "))
		b.WriteByte('\n')
		line = strings.TrimLeft(line[at:], " ")
		if line == "" {
			return
		}
	}
}

// breakAt returns where to break a line: at the last place that keeps it within the columns, else at the first possible
// place, else at its end.
func breakAt(line string) int {
	at, width, link := 0, 0, strings.Contains(line, "://")
	indent := len(line) - len(strings.TrimLeft(line, " "))
	before := ' '
	for i, r := range line {
		if i > indent && (before == ' ' || !link && breakable(before, r)) {
			if at > 0 && len(strings.TrimRight(line[:i], " "))-i+width > columns {
				return at
			}
			at = i
		}
		width++
		if wide(r) {
			width++
		}
		before = r
	}
	if width <= columns || at == 0 {
		return len(line)
	}
	return at
}

// breakable reports whether a line may end between two characters without a space: next to Chinese and Japanese characters,
// but not before closing or after opening punctuation.
func breakable(before, after rune) bool {
	if after == ' ' || unicode.In(after, unicode.Po, unicode.Pe, unicode.Pf, unicode.Lm) || unicode.In(before, unicode.Ps, unicode.Pi) {
		return false
	}
	return ideographic(before) || ideographic(after)
}

// wide reports whether a character takes two columns.
func wide(r rune) bool { return ideographic(r) || unicode.Is(unicode.Hangul, r) }

func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		r >= 0x3000 && r <= 0x30ff || r >= 0xff01 && r <= 0xff60 // punctuation and full width forms
}
