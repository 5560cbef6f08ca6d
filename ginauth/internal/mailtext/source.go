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

// folder is the folder of templates, in the library's file system and the application's.
const folder = "mail"

// builtin is the prefix of the name of a library file that the application may have replaced.
const builtin = "builtin "

// sources are the template files by name: "mail/verify.html".
type sources map[string]string

// readSources reads the embedded templates, then those of features, then those of the application, which replace the others.
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

// keepBuiltin keeps a copy of each file under its builtin name, since the application may replace it.
func (s sources) keepBuiltin() {
	for name, text := range maps.Clone(s) {
		if !strings.HasPrefix(name, builtin) {
			s[builtin+name] = text
		}
	}
}

// readAdded reads the templates of features. Each feature has the files of its own mails, in any languages.
func (s sources) readAdded(added Added) (err error) {
	for _, fsys := range added.Texts {
		entries, _ := fs.ReadDir(fsys, folder) // read reports errors
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

// file returns the name of a template for one language, or for all languages.
func file(kind, lang, ext string) string {
	if lang != "" {
		lang = "." + lang
	}
	return path.Join(folder, kind+lang+ext)
}

// read adds the files of one file system. If known is given, any other template is an error: its name has a typo, and it
// would never be used.
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
			all = append(all, fmt.Errorf("%s: nothing uses the block %q; see the layout for the library's blocks", name, block))
		}
	}
	return errors.Join(all...)
}

var (
	defined = regexp.MustCompile(`\{\{-?\s*(?:define|block)\s+"([^"]+)"`)
	used    = regexp.MustCompile(`\{\{-?\s*(?:template|block)\s+"([^"]+)"`)
)

// unused returns a block that a file defines and that neither it nor the library's files use, because its name has a typo.
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

// special reports whether a mail has its own file in a language.
func (s sources) special(kind, lang string) bool {
	_, text := s[file(kind, lang, ".txt")]
	_, html := s[file(kind, lang, ".html")]
	return text || html
}

// name returns the file of a mail: the one for the language if it exists, else the general one.
func (s sources) name(kind, lang, ext string) string {
	name := file(kind, lang, ext)
	if _, found := s[name]; found {
		return name
	}
	return file(kind, "", ext)
}

// parse returns the templates of one mail in one language: the layout, whose blocks are replaced by the library's file of
// the mail and then by the application's. A file that has more than blocks is the complete mail.
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
