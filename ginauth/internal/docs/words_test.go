package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// A retired pattern is not used in documents, comments and messages. instead says what to write.
type retired struct {
	pattern *regexp.Regexp
	instead string
}

func retire(pattern, instead string) retired {
	return retired{regexp.MustCompile(`(?i)` + pattern), instead}
}

var retiredWords = []retired{
	retire(`\b(he|she|his|him|himself|herself)\b`, "they, their, the user"),
	retire(`\b(nobody|nobody's|somebody's|anybody|anybody's|whoever|whomever)\b`, `"no user", "someone", "anyone who"`),
	retire(`\b(for|to|of|by|from|with|and|as|that|than|what) who\b|\bwho is who\b`, `a noun before "who": "users who"`),
	retire(`\b(is|are|was|were) no (error|test|event|problem|setting|user|name|secret|token|session|form|field|route)\b|\b(is|are) none\b`, `"is not a"`),
	retire(`, too\b|\btoo[.;:)]`, `"also" before the verb, or "as well"`),
	retire(`\b(is|are|was|were|be) (over|gone)\b|\bwhat is over\b|\bhas gone\b`, "expired, has ended, was deleted"),
	retire(`\b(is|are|be|stay|stays|stayed|remain|remains|keep|keeps|no longer|any|still) good\b|\bgood (once|now|for|until)\b`, "valid, works"),
	retire(`\b(the|an|one|its|their|this|that|same|no|every|each|own|your|of|his|any|such|whose|late|lost|long|other|all|and|or|with|in|whole) answers?\b|\banswers (are|is|have|has|of|to the)\b|\banswers?'|\bAn answer\b`, `"response"; "answers 401" as a verb is fine`),
	retire(`\b(hang|hangs|hanging|hung) on\b`, "depend on"),
	retire(`\b(be|can be|was|were|is) had\b|\bhad back\b`, "get, restore"),
	retire(`\bmend(s|ed|ing)?\b`, "fix"),
	retire(`\bbeside\b`, "next to, besides, in addition to"),
	retire(`\bunder way\b|\bmeanwhile\b|\bin the meantime\b`, "in flight, concurrently, by then"),
	retire(`\bours\b|\byours\b`, `"the library's", "your"`),
	retire(`\bnot (here|there) yet\b`, "not available yet, planned"),
	retire(`\bthe (latter|former)\b`, "the noun again"),
	retire(`\b(tell|tells|told) of\b`, "report, notify"),
	retire(`\bis the (most|least)\b`, `"at most", "at least"`),
	retire(`\bas told\b`, "as configured"),
	retire(`\bof one's own\b|\bone's own\b`, `"your own"`),
	retire(`\bmay not\b`, `"must not" or "might not"`),
	retire(`\bfor whom\b|\bto whom\b|\bof whom\b|\bwith whom\b`, `"the user that"`),
}

// spared are lines that keep a retired word, by a part of the line: quotations, names, and texts of other systems.
var spared = []string{
	"[Nobody]", "Nobody is the placeholder",
	"| `not-ours` |",
	`"This field may not be blank."`, `"This field may not be null."`, // dj-rest-auth's sentences
	"| ours", "ours: ", "`ours.go`", "-only ours", "Ours as a multiple", `this library "ours"`, // the label of this library in tables of the benchmark
	"Nobody is the placeholder owner", "userOrNobody", // names
}

// TestWords wants documents, comments and messages without the words that we do not use.
// GINAUTH_WORDS=ginauth/core checks one folder.
func TestWords(t *testing.T) {
	t.Parallel()
	only := os.Getenv("GINAUTH_WORDS")
	for _, file := range docs.Files(t, ".md", ".go", ".json", ".txt", ".html") {
		if strings.Contains(file, "testdata/") || strings.HasSuffix(file, "words_test.go") || !strings.HasPrefix(file, only) {
			continue
		}
		for _, at := range texts(t, file) {
			for _, r := range retiredWords {
				if found := r.pattern.FindString(at.text); found != "" && !isSpared(at.text) {
					t.Errorf("%s:%d: %q; write %s: %s", file, at.line, found, r.instead, strings.TrimSpace(at.text))
				}
			}
		}
	}
}

func isSpared(text string) bool {
	for _, part := range spared {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

type line struct {
	line int
	text string
}

// texts returns what people read in a file: the lines of a document or a text in English, and the comments and
// messages of a Go file.
func texts(t *testing.T, file string) (found []line) {
	t.Helper()
	text := docs.Read(t, file)
	switch ext := filepath.Ext(file); {
	case ext == ".go":
		return goTexts(t, file, text)
	case ext == ".md", strings.HasPrefix(file, "ginauth/internal/mailtext/mail/"), strings.HasSuffix(file, "locales/en.json"):
		number := 0
		for l := range strings.Lines(text) {
			number++
			found = append(found, line{number, l})
		}
	}
	return found
}

// goTexts returns the lines of comments, and the string literals of several words that are not in tests.
func goTexts(t *testing.T, file, source string) (found []line) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range parsed.Comments {
		for _, comment := range group.List {
			number := files.Position(comment.Pos()).Line
			for i, l := range strings.Split(comment.Text, "\n") {
				found = append(found, line{number + i, l})
			}
		}
	}
	if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "ginauth/dbtest/") {
		return found
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if value, err := strconv.Unquote(literal.Value); err == nil && strings.Count(value, " ") > 2 {
				found = append(found, line{files.Position(literal.Pos()).Line, value})
			}
		}
		return true
	})
	return found
}

// TestNoThreatNumbersInPublicComments: numbers of SECURITY.md mean nothing to users of a package.
func TestNoThreatNumbersInPublicComments(t *testing.T) {
	t.Parallel()
	only, number := os.Getenv("GINAUTH_WORDS"), regexp.MustCompile(`\bT\d{3}\b`)
	for _, file := range docs.Files(t, ".go") {
		if strings.Contains(file, "/internal/") || strings.HasSuffix(file, "_test.go") || !strings.HasPrefix(file, only) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(docs.Root(t), file), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			var comments []*ast.CommentGroup
			exported := true
			switch d := n.(type) {
			case *ast.File:
				comments = append(comments, d.Doc)
			case *ast.FuncDecl:
				comments, exported = append(comments, d.Doc), d.Name.IsExported()
			case *ast.GenDecl: // of the type or value that it declares, if there is only one
				comments = append(comments, d.Doc)
				if len(d.Specs) == 1 {
					switch s := d.Specs[0].(type) {
					case *ast.TypeSpec:
						exported = s.Name.IsExported()
					case *ast.ValueSpec:
						exported = s.Names[0].IsExported()
					}
				}
			case *ast.TypeSpec:
				comments, exported = append(comments, d.Doc, d.Comment), d.Name.IsExported()
			case *ast.ValueSpec:
				comments, exported = append(comments, d.Doc, d.Comment), d.Names[0].IsExported()
			case *ast.Field:
				comments, exported = append(comments, d.Doc, d.Comment), len(d.Names) == 0 || d.Names[0].IsExported()
			}
			for _, group := range comments {
				if group != nil && exported && number.MatchString(group.Text()) {
					t.Errorf("%s: %s", file, number.FindString(group.Text()))
				}
			}
			return true
		})
	}
}
