package roles

// Names of permissions and groups.

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The sizes of Django's columns.
const (
	maxPart  = 100 // of app_label, model and codename
	maxTitle = 255
	maxGroup = 150
)

var identifierForm = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,49}$`)

// isIdentifier reports whether a name can be part of the name of a table or column.
func isIdentifier(name string) bool { return identifierForm.MatchString(name) }

// split returns the two parts of "app.codename", and whether both are valid.
func split(name string) (app, codename string, ok bool) {
	app, codename, ok = strings.Cut(name, ".")
	return app, codename, ok && isPart(app) && isPart(codename)
}

func isPart(part string) bool {
	return part != "" && len(part) <= maxPart && utf8.ValidString(part) && !strings.ContainsFunc(part, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

func (p Permission) refuse() error {
	if _, _, ok := split(p.Name); !ok {
		return fmt.Errorf(`%q must be like "orders.change_order", with at most %d bytes before and after the dot and no spaces`, p.Name, maxPart)
	}
	if !fits(p.Title, maxTitle) {
		return fmt.Errorf("the title of %q has more than %d characters, or control characters", p.Name, maxTitle)
	}
	if p.Model != "" && !isPart(p.Model) {
		return fmt.Errorf("the model %q of %q has more than %d bytes, or spaces", p.Model, p.Name, maxPart)
	}
	return nil
}

// title is how Django describes a permission.
func (p Permission) title() string {
	if p.Title != "" {
		return p.Title
	}
	_, codename, _ := strings.Cut(p.Name, ".")
	return "Can " + strings.ReplaceAll(codename, "_", " ")
}

// model is what the permission is about: "order" for change_order.
func (p Permission) model() string {
	if p.Model != "" {
		return p.Model
	}
	_, codename, _ := strings.Cut(p.Name, ".")
	if _, model, found := strings.Cut(codename, "_"); found && model != "" {
		return model
	}
	return codename
}

func (g Group) refuse() error {
	if err := refuseGroup(g.Name); err != nil {
		return err
	}
	for _, name := range g.Permissions {
		if _, _, ok := split(name); !ok {
			return fmt.Errorf(`the permission %q of the group %q must be like "orders.change_order"`, name, g.Name)
		}
	}
	return nil
}

func refuseGroup(name string) error {
	if strings.TrimSpace(name) == "" || strings.TrimSpace(name) != name {
		return errors.New("the name of a group must not be empty, nor begin or end with spaces")
	}
	if !fits(name, maxGroup) {
		return fmt.Errorf("the name of the group %.20q... has more than %d characters, or control characters", name, maxGroup)
	}
	return nil
}

func fits(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, unicode.IsControl)
}
