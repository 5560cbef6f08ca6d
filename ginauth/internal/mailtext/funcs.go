package mailtext

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/text/language"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

// functions are what templates can call beside the usual ones, in one language.
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

// row is a line of the table in a notice.
type row struct{ Name, Value string }

// message is t "id" "Name" value ...: a message, with values for its placeholders. That
// there is none is an error, which Open finds.
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

// duration is d in the largest unit of which it is a whole number. Only from two days on
// it is in days, for "24 hours" says better when the time is up. What is below a minute is
// cut off, so that nothing is promised that does not hold.
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

// direction is how the script of a language runs, for the attribute dir.
func direction(lang string) string {
	script, _ := language.Make(lang).Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm":
		return "rtl"
	}
	return "ltr"
}
