package locale

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// maxHeader is how many bytes of a header are parsed. Browsers send less than 100 bytes.
const maxHeader = 256

// Match returns the best language among the catalogs. Each of preferred is a BCP 47 tag or an Accept-Language header. The
// first one that matches at all wins; without a match, it is the default language. Invalid text matches nothing.
func (c *Catalogs) Match(preferred ...string) string {
	for _, p := range preferred {
		if c.byName[p] != nil {
			return p
		}
		tags := parse(p)
		if len(tags) == 0 {
			continue
		}
		if name := tags[0].String(); c.byName[name] != nil { // the matcher may prefer "en-US" to "en"
			return name
		}
		if _, i, confidence := c.matcher.Match(tags...); confidence != language.No {
			return c.matches[i]
		}
	}
	return c.fallback
}

// parse returns the tags of a header, the preferred first. It reads only the beginning of a long header, and skips broken
// entries.
func parse(header string) []language.Tag {
	if len(header) > maxHeader {
		header = header[:strings.LastIndexByte(header[:maxHeader], ',')+1]
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err == nil {
		return tags
	}
	good := slices.DeleteFunc(strings.Split(header, ","), func(entry string) bool {
		_, _, err := language.ParseAcceptLanguage(entry)
		return err != nil
	})
	tags, _, _ = language.ParseAcceptLanguage(strings.Join(good, ","))
	return tags
}
