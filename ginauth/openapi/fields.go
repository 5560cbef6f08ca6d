package openapi

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// jsonField is a field of a struct in the view of encoding/json.
type jsonField struct {
	reflect.StructField
	name     string
	optional bool // can be absent in the output
	quoted   bool // json:",string"
	depth    int  // of embedding
	tagged   bool
	order    int
}

// jsonFields returns the fields that encoding/json reads and writes, including those of embedded structs. It follows the
// rules of that package: of several fields with one name the shallowest wins, then the tagged one; a tie removes all of
// them.
func jsonFields(t reflect.Type) []jsonField {
	var all []jsonField
	collect(t, 0, false, map[reflect.Type]bool{}, &all)
	slices.SortStableFunc(all, func(a, b jsonField) int {
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(a.depth, b.depth), first(a.tagged, b.tagged))
	})
	var out []jsonField
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].name == all[i].name {
			j++
		}
		if j == i+1 || all[i].depth != all[i+1].depth || all[i].tagged != all[i+1].tagged {
			out = append(out, all[i])
		}
		i = j
	}
	slices.SortFunc(out, func(a, b jsonField) int { return cmp.Compare(a.order, b.order) })
	return out
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// collect appends the fields of a struct and of the structs it embeds. optional says that they are behind a pointer, which
// can be nil.
func collect(t reflect.Type, depth int, optional bool, within map[reflect.Type]bool, all *[]jsonField) {
	if within[t] {
		return
	}
	within[t] = true
	defer delete(within, t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, rest, _ := strings.Cut(tag, ",")
		options := strings.Split(rest, ",")
		embedded := f.Type
		if embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		switch {
		case tag == "-":
		case f.Anonymous && name == "" && embedded.Kind() == reflect.Struct:
			collect(embedded, depth+1, optional || f.Type.Kind() == reflect.Pointer, within, all)
		case f.IsExported():
			*all = append(*all, jsonField{
				StructField: f, name: cmp.Or(name, f.Name), depth: depth, tagged: name != "", order: len(*all),
				optional: optional || slices.Contains(options, "omitempty") && f.Type.Kind() != reflect.Struct || slices.Contains(options, "omitzero"),
				quoted:   slices.Contains(options, "string"),
			})
		}
	}
}
