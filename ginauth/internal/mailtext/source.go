package mailtext

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

//go:embed mail
var embedded embed.FS

// folder is where templates are, in our file system and in that of the application.
const folder = "mail"

// builtin is put before the name of a file of ours that the application may have replaced.
const builtin = "builtin "

// sources are the template files by name: "mail/verify.html".
type sources map[string]string

// readSources reads the embedded templates and those of features, and over them those of the application.
func readSources(overrides fs.FS, languages []string, added Added) (sources, error) {
	s := sources{}
	if err := s.read(embedded, nil); err != nil {
		return nil, err
	}
	s.keepBuiltin()
	err := s.readAdded(added)
	s.keepBuiltin()
	known := map[string]bool{}
	for name := range s {
		known[strings.TrimPrefix(name, builtin)] = true
	}
	for _, kind := range append(Kinds(), namesOf(added.Kinds)...) {
		for _, lang := range languages {
			known[file(kind, lang, ".html")], known[file(kind, lang, ".txt")] = true, true
		}
	}
	if added.Partial {
		known = nil
	}
	if overrides != nil {
		err = errors.Join(err, s.read(overrides, known))
	}
	return s, err
}

// keepBuiltin keeps the files that there are, for what the application replaces.
func (s sources) keepBuiltin() {
	for name, text := range maps.Clone(s) {
		if !strings.HasPrefix(name, builtin) {
			s[builtin+name] = text
		}
	}
}

// readAdded reads the templates of features, each of which has the files of its own mails, in whatever
// languages.
func (s sources) readAdded(added Added) (err error) {
	for _, fsys := range added.Texts {
		entries, _ := fs.ReadDir(fsys, folder) // read says if it fails
		own := map[string]bool{}
		for _, entry := range entries {
			name := path.Join(folder, entry.Name())
			kind, _, _ := strings.Cut(entry.Name(), ".")
			own[name] = slices.Contains(namesOf(added.Kinds), kind)
			if _, twice := s[name]; twice && own[name] {
				err = errors.Join(err, fmt.Errorf("%s: another feature has this file", name))
			}
		}
		err = errors.Join(err, s.read(fsys, own))
	}
	for _, kind := range added.Kinds {
		for _, name := range []string{file(kind.Name, "", ".txt"), file(kind.Name, "", ".html")} {
			if _, found := s[name]; !found {
				err = errors.Join(err, fmt.Errorf("%s: the feature that declares this mail has no such file in its Texts", name))
			}
		}
	}
	return err
}

func namesOf(kinds []Kind) (names []string) {
	for _, kind := range kinds {
		names = append(names, kind.Name)
	}
	return names
}

// file is the name of a template that is for one language, or for all.
func file(kind, lang, ext string) string {
	if lang != "" {
		lang = "." + lang
	}
	return path.Join(folder, kind+lang+ext)
}

// read adds the files of one file system. If known is given, any other template is an
// error: it has a typing error in its name, and would never be used.
func (s sources) read(fsys fs.FS, known map[string]bool) error {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", folder, err)
	}
	var all []error
	for _, entry := range entries {
		name := path.Join(folder, entry.Name())
		if ext := path.Ext(name); entry.IsDir() || ext != ".html" && ext != ".txt" {
			continue
		}
		if known != nil && !known[name] {
			all = append(all, fmt.Errorf("%s: there is no mail or no language of this name; a language needs its locales/<language>.json", name))
			continue
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			all = append(all, fmt.Errorf("%s: %w", name, err))
		}
		s[name] = strings.ReplaceAll(string(b), "\r\n", "\n")
		if block := s.unused(name); block != "" && known != nil {
			all = append(all, fmt.Errorf("%s: nothing uses the block %q; ours are in the layout", name, block))
		}
	}
	return errors.Join(all...)
}

var (
	defined = regexp.MustCompile(`\{\{-?\s*(?:define|block)\s+"([^"]+)"`)
	used    = regexp.MustCompile(`\{\{-?\s*(?:template|block)\s+"([^"]+)"`)
)

// unused returns a block that a file defines and that neither it nor our files use: a typing
// error in its name.
func (s sources) unused(name string) string {
	for _, block := range defined.FindAllStringSubmatch(s[name], -1) {
		uses := func(text string) bool {
			return slices.ContainsFunc(used.FindAllStringSubmatch(text, -1), func(u []string) bool { return u[1] == block[1] })
		}
		found := block[1] == "subject" || uses(s[name])
		for file, text := range s {
			found = found || strings.HasPrefix(file, builtin) && path.Ext(file) == path.Ext(name) && uses(text)
		}
		if !found {
			return block[1]
		}
	}
	return ""
}

// special reports whether a mail has a file of its own in a language.
func (s sources) special(kind, lang string) bool {
	_, text := s[file(kind, lang, ".txt")]
	_, html := s[file(kind, lang, ".html")]
	return text || html
}

// name is the file of a mail: that for the language, if there is one.
func (s sources) name(kind, lang, ext string) string {
	name := file(kind, lang, ext)
	if _, found := s[name]; found {
		return name
	}
	return file(kind, "", ext)
}

// parse makes the templates of one mail in one language: the layout, in which our file of the
// mail and then that of the application replace blocks. A file that has more than blocks is
// the whole mail.
func (s sources) parse(kind, lang string, funcs map[string]any) (t templates, err error) {
	layout, ours := file("layout", "", ".txt"), file(kind, "", ".txt")
	t.textFile = s.name(kind, lang, ".txt")
	t.text = texttemplate.New("").Funcs(funcs)
	for _, name := range []string{layout, builtin + ours, t.textFile} {
		if _, err := t.text.New(name).Parse(s[name]); err != nil {
			return t, fmt.Errorf("%s: %w", t.textFile, err)
		}
	}
	if own := t.text.Lookup(t.textFile); !parse.IsEmptyTree(own.Root) {
		t.text = own
	} else {
		t.text = t.text.Lookup(layout)
	}
	layout, ours = file("layout", "", ".html"), file(kind, "", ".html")
	t.htmlFile = s.name(kind, lang, ".html")
	t.html = htmltemplate.New("").Funcs(funcs)
	for _, name := range []string{layout, builtin + ours, t.htmlFile} {
		if _, err := t.html.New(name).Parse(s[name]); err != nil {
			return t, fmt.Errorf("%s: %w", t.htmlFile, err)
		}
	}
	if own := t.html.Lookup(t.htmlFile); !parse.IsEmptyTree(own.Tree.Root) {
		t.html = own
	} else {
		t.html = t.html.Lookup(layout)
	}
	return t, nil
}
