package mailtext

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// A Gap is a protective field that files do not show.
type Gap struct {
	Field string   // name of the field of Data
	Files []string // sorted; a block of the layout may be the cause
}

// protective lists the fields of Data that help the reader decide whether a mail is about them.
func (r *Renderer) protective(kind string) []string {
	if added := r.kind(kind); added != nil && !added.Notice {
		return nil
	}
	switch kind {
	case "verify", "reset", "login_code":
		return []string{"Opened"}
	case "account_exists", "secured", "account_banned":
		return nil
	}
	return []string{"When", "IP", "Device"}
}

// Missing lists the protective fields that templates or messages of the application leave out. It renders each mail twice,
// with two values of the field: a part that does not change does not show the field.
func (r *Renderer) Missing() ([]Gap, error) {
	files := map[string][]string{}
	for _, lang := range r.catalogs.Languages() {
		for _, kind := range r.kinds() {
			for _, field := range r.protective(kind) {
				without, err := r.without(kind, lang, field)
				if err != nil {
					return nil, fmt.Errorf("mail %s in %s: %w", kind, lang, err)
				}
				files[field] = append(files[field], without...)
			}
		}
	}
	var gaps []Gap
	for _, field := range []string{"Opened", "When", "IP", "Device"} {
		if found := files[field]; len(found) > 0 {
			slices.Sort(found)
			gaps = append(gaps, Gap{field, slices.Compact(found)})
		}
	}
	return gaps, nil
}

// without returns the files of a mail that do not show a field.
func (r *Renderer) without(kind, lang, field string) (files []string, err error) {
	t, err := r.mails[mailKey{kind, lang}]()
	if err != nil {
		return nil, err
	}
	var made [2]Mail
	for i := range made {
		d := r.full(kind, lang)
		switch value := reflect.ValueOf(&d).Elem().FieldByName(field).Addr().Interface().(type) {
		case *time.Time:
			*value = value.AddDate(i, i, i)
		case *string:
			*value += fmt.Sprint(i)
		}
		if made[i], err = r.Render(d); err != nil {
			return nil, err
		}
	}
	if made[0].Text == made[1].Text {
		files = append(files, t.textFile)
	}
	if made[0].HTML == made[1].HTML {
		files = append(files, t.htmlFile)
	}
	return files, nil
}

// full returns the data of a mail with all possible fields.
func (r *Renderer) full(kind, lang string) Data {
	d := Data{
		Kind: kind, Lang: lang, Site: "Example", Username: "ann",
		Link: "https://example.com/?a=b&c=d", Code: "ABCD-EFGH", LinkLifetime: 24 * time.Hour, CodeLifetime: 10 * time.Minute,
		When: time.Unix(0, 0), Opened: time.Unix(0, 0), IP: "192.0.2.1", Device: "Firefox", Actor: "Dana", Until: time.Unix(0, 0),
	}
	if added := r.kind(kind); added != nil && !added.Link {
		d.Link, d.Code = "", ""
	}
	if added := r.kind(kind); added != nil && !added.Notice {
		d.When, d.IP, d.Device = time.Time{}, "", ""
	}
	return d
}
