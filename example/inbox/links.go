package inbox

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

var link = regexp.MustCompile(`https?://[^\s<>"]+`)

// Linked returns the text of a mail as HTML in which URLs are links.
func (m mail) Linked() template.HTML {
	var out strings.Builder
	rest := m.Text
	for _, at := range link.FindAllString(m.Text, -1) {
		before, after, _ := strings.Cut(rest, at)
		escaped := html.EscapeString(at)
		out.WriteString(html.EscapeString(before) + `<a href="` + escaped + `" target="_blank" rel="noopener">` + escaped + `</a>`)
		rest = after
	}
	return template.HTML(out.String() + html.EscapeString(rest)) //nolint:gosec // every part is escaped
}
