package mailtext

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/text/language"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

// functions are the functions that templates can call in addition to the standard ones, for one language.
func functions(c *locale.Catalogs, lang string) map[string]any {
	direction := direction(lang)
	return map[string]any{
		"t":        func(id string, args ...any) (string, error) { return message(c, lang, id, args) },
		"duration": func(d time.Duration) string { return duration(c, lang, d) },
		"datetime": func(t time.Time) string { return c.DateTime(lang, t) },
		"dir":      func() string { return direction },
		"row":      func(name, value string) row { return row{name, value} },
	}
}

// row is a row of the table in a notice.
type row struct{ Name, Value string }

// message implements t "id" "Name" value ...: it returns a message with values for its placeholders. A missing message is an
// error, which Open finds.
func message(c *locale.Catalogs, lang, id string, args []any) (string, error) {
	params := map[string]any{}
	for ; len(args) > 0; args = args[2:] {
		name, ok := args[0].(string)
		if !ok || len(args) == 1 {
			return "", errors.New(`values of placeholders are given in pairs: "Name" value`)
		}
		params[name] = args[1]
	}
	text := c.Text(lang, id, params)
	if text == id {
		return "", fmt.Errorf("there is no message %q, or a placeholder of it has no value", id)
	}
	return text, nil
}

// duration returns d in the largest unit that divides it. It uses days only from two days on, since "24 hours" is more
// exact. It rounds down to minutes, so that a mail never promises too much time.
func duration(c *locale.Catalogs, lang string, d time.Duration) string {
	const day = 24 * time.Hour
	id, n := "unit.minutes", max(d/time.Minute, 1)
	switch {
	case d >= 2*day && d%day == 0:
		id, n = "unit.days", d/day
	case d >= time.Hour && d%time.Hour == 0:
		id, n = "unit.hours", d/time.Hour
	}
	return c.Text(lang, id, map[string]any{"Count": int64(n)})
}

// direction returns the direction of a language's script, for the attribute dir.
func direction(lang string) string {
	script, _ := language.Make(lang).Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm":
		return "rtl"
	}
	return "ltr"
}
