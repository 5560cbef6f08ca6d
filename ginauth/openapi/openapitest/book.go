package openapitest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// book finds the operation of a request in a document.
type book struct {
	base     string // with a trailing slash
	paths    []path
	explicit map[string]bool // statuses that at least one operation documents
	schemas  *schemas
}

type path struct {
	name       string // as in the document: "/emails/{id}/"
	segments   []string
	operations map[string]*openapi3.Operation // by method
}

type response struct {
	status int
	header http.Header
	body   []byte
}

// open prepares a document whose operations are below base.
func open(document *openapi3.T, base string) (*book, error) {
	b := &book{base: strings.TrimSuffix(base, "/") + "/", explicit: map[string]bool{}}
	for name, item := range document.Paths.Map() {
		b.paths = append(b.paths, path{name, strings.Split(strings.Trim(name, "/"), "/"), item.Operations()})
		for _, op := range item.Operations() {
			for status := range op.Responses.Map() {
				b.explicit[status] = true
			}
		}
	}
	slices.SortFunc(b.paths, func(a, b path) int { return strings.Compare(a.name, b.name) })
	var err error
	b.schemas, err = newSchemas(document.Components.Schemas)
	return b, err
}

// check compares a response with the document. It returns the name of the response, as Missing lists it, or an empty string if
// the request belongs to no operation.
func (b *book) check(method, requested string, got response) (string, error) {
	p := b.find(requested)
	if p == nil || method == http.MethodOptions {
		return "", nil
	}
	key := method
	if method == http.MethodHead {
		key = http.MethodGet
	}
	op := p.operations[key]
	if op == nil {
		return "", b.checkOther(p, got)
	}
	status := strconv.Itoa(got.status)
	r := op.Responses.Value(status)
	if r == nil {
		r = op.Responses.Default()
		if r == nil || b.explicit[status] {
			return "", fmt.Errorf("%s has no response with status %s", p.name, status)
		}
	}
	if method == http.MethodHead && len(got.body) == 0 {
		return "", nil
	}
	return method + " " + p.name + " " + status, b.compare(r.Value, got)
}

// checkOther checks the response to a method that a path does not have, which must be an error. Methods that Gin does not know
// never reach the library.
func (b *book) checkOther(p *path, got response) error {
	if got.status != http.StatusMethodNotAllowed {
		if got.status == http.StatusNotFound {
			return nil
		}
		return fmt.Errorf("%s does not have this method, but the response is not an error", p.name)
	}
	for _, op := range p.operations {
		return b.compare(op.Responses.Default().Value, got)
	}
	return nil
}

// find returns the documented path of a request, or nil. A path without parameters wins over one with parameters.
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

func (b *book) compare(r *openapi3.Response, got response) error {
	var errs []error
	for name, h := range r.Headers {
		if h.Value.Required && got.header.Get(name) == "" {
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
	media := cmp.Or(r.Content[mediaType], r.Content["*/*"])
	if media == nil {
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

// successes lists the responses with a status of 2xx.
func (b *book) successes() []string {
	var all []string
	for _, p := range b.paths {
		for _, method := range slices.Sorted(maps.Keys(p.operations)) {
			for _, status := range p.operations[method].Responses.Keys() {
				if strings.HasPrefix(status, "2") {
					all = append(all, method+" "+p.name+" "+status)
				}
			}
		}
	}
	return all
}
