package openapi

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// applyTags takes over what the validator tags of a form's field say, and reports whether the
// field is required. Tags that no keyword says stay the server's own business.
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
		case s.Ref == "": // else it is described for all who refer to it
			applyRule(s.Value, t, name, strings.ReplaceAll(param, "0x2C", ","))
		}
	}
	return required
}

// inside is what tags behind dive are about.
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
		note(s, "A language tag (BCP 47), as de or pt-BR.")
	case "username":
		note(s, "Letters, digits and . + - _")
	}
}

func note(s *openapi3.Schema, text string) {
	s.Description = strings.TrimSpace(s.Description + " " + text)
}

// limit sets the keyword that says for the type what the tag does.
func limit(s *openapi3.Schema, t reflect.Type, name, param string) {
	low, high := name == "min" || name == "gte" || name == "gt", name == "max" || name == "lte" || name == "lt"
	if name == "len" {
		low, high = true, true
	}
	number, err := strconv.ParseFloat(param, 64)
	if err != nil {
		return
	}
	if k := t.Kind(); k >= reflect.Int && k <= reflect.Float64 {
		switch {
		case name == "gt":
			s.ExclusiveMin = openapi3.ExclusiveBound{Value: &number}
		case name == "lt":
			s.ExclusiveMax = openapi3.ExclusiveBound{Value: &number}
		case low && high:
			s.Min, s.Max = &number, &number
		case low:
			s.Min = &number
		case high:
			s.Max = &number
		}
		return
	}
	n, err := strconv.ParseUint(param, 10, 64)
	if err != nil {
		return
	}
	switch name {
	case "gt":
		n++
	case "lt":
		n = max(n, 1) - 1
	}
	limitLength(s, t.Kind(), low, high, n)
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

// choices splits the parameter of oneof: words, or texts in single quotes.
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

// constant is a choice as JSON has it.
func constant(t reflect.Type, choice string) any {
	if t.Kind() == reflect.String {
		return choice
	}
	return json.Number(choice)
}
