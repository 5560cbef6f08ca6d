package openapi

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// applyTags adds the rules of a field's validator tags to its schema, and reports whether the field is required. Tags without
// a corresponding keyword are checked by the server only.
func applyTags(s *openapi3.SchemaRef, t reflect.Type, tag reflect.StructTag) (required bool) {
	inKeys, dived := false, false
	for rule := range strings.SplitSeq(tag.Get("binding"), ",") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name, param, _ := strings.Cut(rule, "=")
		switch {
		case name == "keys" || name == "endkeys":
			inKeys = name == "keys"
		case inKeys || strings.Contains(rule, "|"):
		case name == "dive":
			if s, t = inside(s.Value, t); s == nil {
				return required
			}
			dived = true
		case name == "required":
			required = required || !dived
		case s.Ref == "": // a schema with a name belongs to all its users
			applyRule(s.Value, t, name, strings.ReplaceAll(param, "0x2C", ","))
		}
	}
	return required
}

// inside returns the elements that the tags after dive apply to.
func inside(s *openapi3.Schema, t reflect.Type) (*openapi3.SchemaRef, reflect.Type) {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return s.Items, t.Elem()
	case reflect.Map:
		return s.AdditionalProperties.Schema, t.Elem()
	}
	return nil, t
}

func applyRule(s *openapi3.Schema, t reflect.Type, name, param string) {
	switch name {
	case "min", "gte", "max", "lte", "len", "gt", "lt":
		limit(s, t, name, param)
	case "maxbytes":
		limit(s, t, "max", param)
		note(s, "At most "+param+" bytes in UTF-8.")
	case "oneof":
		for _, choice := range choices(param) {
			s.Enum = append(s.Enum, constant(t, choice))
		}
	case "email", "address":
		s.Format = "email"
	case "url", "uri", "http_url", "https_url":
		s.Format = "uri"
	case "uuid", "uuid3", "uuid4", "uuid5", "uuid_rfc4122", "uuid3_rfc4122", "uuid4_rfc4122", "uuid5_rfc4122":
		s.Format = "uuid"
	case "ipv4", "ipv6", "hostname":
		s.Format = name
	case "bcp47_language_tag":
		note(s, "A language tag (BCP 47), such as de or pt-BR.")
	case "username":
		note(s, "Letters, digits and . + - _")
	}
}

func note(s *openapi3.Schema, text string) {
	s.Description = strings.TrimSpace(s.Description + " " + text)
}

// bound says which limits a tag sets: minimum, maximum or both, and whether the value itself is excluded.
type bound struct{ low, high, excluded bool }

var bounds = map[string]bound{
	"min": {low: true}, "gte": {low: true}, "gt": {low: true, excluded: true},
	"max": {high: true}, "lte": {high: true}, "lt": {high: true, excluded: true},
	"len": {low: true, high: true},
}

// limit sets the keyword for the type that corresponds to the tag.
func limit(s *openapi3.Schema, t reflect.Type, name, param string) {
	is := bounds[name]
	if k := t.Kind(); k >= reflect.Int && k <= reflect.Float64 {
		if number, err := strconv.ParseFloat(param, 64); err == nil {
			limitNumber(s, is, number)
		}
		return
	}
	n, err := strconv.ParseUint(param, 10, 64)
	switch {
	case err != nil:
		return
	case is.low && is.excluded:
		n++
	case is.high && is.excluded:
		n = max(n, 1) - 1
	}
	limitLength(s, t.Kind(), is.low, is.high, n)
}

func limitNumber(s *openapi3.Schema, is bound, number float64) {
	switch {
	case is.low && is.excluded:
		s.ExclusiveMin = openapi3.ExclusiveBound{Value: &number}
	case is.high && is.excluded:
		s.ExclusiveMax = openapi3.ExclusiveBound{Value: &number}
	default:
		if is.low {
			s.Min = &number
		}
		if is.high {
			s.Max = &number
		}
	}
}

func limitLength(s *openapi3.Schema, k reflect.Kind, low, high bool, n uint64) {
	least, most := &s.MinLength, &s.MaxLength
	switch k {
	case reflect.Slice, reflect.Array:
		least, most = &s.MinItems, &s.MaxItems
	case reflect.String:
	default:
		return
	}
	if low {
		*least = max(*least, n)
	}
	if high {
		*most = &n
	}
}

// choices splits the parameter of oneof: words, or phrases in single quotes.
func choices(param string) []string {
	var all []string
	for i, part := range strings.Split(param, "'") {
		if i%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return all
}

// constant returns a choice as a JSON value.
func constant(t reflect.Type, choice string) any {
	if t.Kind() == reflect.String {
		return choice
	}
	return json.Number(choice)
}
