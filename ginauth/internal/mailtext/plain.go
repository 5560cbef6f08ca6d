package mailtext

import (
	"strings"
	"unicode"
)

// oneLine makes s one line of at most limit characters: runs of spaces, line breaks and
// other control characters become one space, so that no header and no line can begin in
// the middle of it (T092). Characters that turn the direction of writing go too; joiners
// stay, which some scripts need.
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

// columns is how wide lines of text are at most, where they can be broken.
const columns = 78

// plain finishes what a text template wrote: of empty lines one is left, long lines are
// wrapped, and one line break is at the end.
func plain(s string) string {
	var b strings.Builder
	empty := true // at the beginning, none
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

// breakAt is where to break a line: at the last place that keeps it within the columns,
// else at the first there is, else at its end.
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

// breakable reports whether a line may end between two characters without a space:
// beside those of Chinese and Japanese, but not before what closes or after what opens.
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
