package openapitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// book is a document that was read.
type book struct {
	base     string // with a slash at its end
	paths    []path
	explicit map[string]bool // statuses that some operation has by number
	schemas  *schemas
}

type path struct {
	name       string // as in the document: "/emails/{id}/"
	segments   []string
	operations map[string]operation // by method, in lower case
}

type operation struct {
	Responses map[string]response `json:"responses"`
}

type response struct {
	Ref     string `json:"$ref"`
	Headers map[string]struct {
		Required bool `json:"required"`
	} `json:"headers"`
	Content map[string]struct {
		Schema json.RawMessage `json:"schema"`
	} `json:"content"`
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// open reads a document whose operations are below base.
func open(document []byte, base string) (*book, error) {
	var d struct {
		Paths      map[string]map[string]operation `json:"paths"`
		Components struct {
			Schemas   json.RawMessage     `json:"schemas"`
			Responses map[string]response `json:"responses"`
		} `json:"components"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, err
	}
	b := &book{base: strings.TrimSuffix(base, "/") + "/", explicit: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, op := range d.Paths[name] {
			for status, r := range op.Responses {
				if r.Ref != "" {
					op.Responses[status] = d.Components.Responses[strings.TrimPrefix(r.Ref, "#/components/responses/")]
				}
				b.explicit[status] = true
			}
		}
		b.paths = append(b.paths, path{name, strings.Split(strings.Trim(name, "/"), "/"), d.Paths[name]})
	}
	var err error
	b.schemas, err = newSchemas(d.Components.Schemas)
	return b, err
}

// check compares an answer and returns what it was the answer to, as Missing calls it; empty
// where it belongs to no operation.
func (b *book) check(method, requested string, got answer) (string, error) {
	p := b.find(requested)
	if p == nil || method == http.MethodOptions {
		return "", nil
	}
	key := strings.ToLower(method)
	if method == http.MethodHead {
		key = "get"
	}
	op, found := p.operations[key]
	if !found {
		return "", b.checkOther(p, got)
	}
	status := strconv.Itoa(got.status)
	r, documented := op.Responses[status]
	if !documented {
		other, any := op.Responses["default"]
		if !any || b.explicit[status] {
			return "", fmt.Errorf("%s has no answer %s", p.name, status)
		}
		r = other
	}
	if method == http.MethodHead && len(got.body) == 0 {
		return "", nil
	}
	return method + " " + p.name + " " + status, b.compare(r, got)
}

// checkOther looks at the answer to a method that a path does not have: an error like all
// others. Methods that Gin does not know never come to the library.
func (b *book) checkOther(p *path, got answer) error {
	if got.status != http.StatusMethodNotAllowed {
		if got.status == http.StatusNotFound {
			return nil
		}
		return fmt.Errorf("%s has no such method, and it was answered", p.name)
	}
	for _, op := range p.operations {
		return b.compare(op.Responses["default"], got)
	}
	return nil
}

// find returns the path of a request below the base, nil for what is not the library's. A
// path as it is written comes before one with a parameter.
func (b *book) find(requested string) *path {
	rest, below := strings.CutPrefix(requested, b.base)
	if !below {
		return nil
	}
	segments := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	var best *path
	for i := range b.paths {
		p := &b.paths[i]
		if p.matches(segments) && (best == nil || p.parameters() < best.parameters()) {
			best = p
		}
	}
	return best
}

func (p *path) matches(segments []string) bool {
	return slices.EqualFunc(p.segments, segments, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

func (p *path) parameters() int { return strings.Count(p.name, "{") }

func (b *book) compare(r response, got answer) error {
	var errs []error
	for name, h := range r.Headers {
		if h.Required && got.header.Get(name) == "" {
			errs = append(errs, fmt.Errorf("there is no header %s", name))
		}
	}
	if r.Content == nil {
		if len(got.body) > 0 {
			errs = append(errs, errors.New("there is a body"))
		}
		return errors.Join(errs...)
	}
	mediaType, _, _ := mime.ParseMediaType(got.header.Get("Content-Type"))
	media, found := r.Content[mediaType]
	if !found {
		media, found = r.Content["*/*"]
	}
	if !found {
		return errors.Join(append(errs, fmt.Errorf("there is no body of %q", got.header.Get("Content-Type")))...)
	}
	if media.Schema == nil {
		return errors.Join(errs...)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(got.body))
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	return errors.Join(append(errs, b.schemas.validate(media.Schema, value))...)
}

// successes lists the answers of 2xx.
func (b *book) successes() []string {
	var all []string
	for _, p := range b.paths {
		for _, method := range slices.Sorted(maps.Keys(p.operations)) {
			for status := range p.operations[method].Responses {
				if strings.HasPrefix(status, "2") {
					all = append(all, strings.ToUpper(method)+" "+p.name+" "+status)
				}
			}
		}
	}
	return all
}
