package binding

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"
)

// setOther fills a field that is not a string. JSON is decoded as by encoding/json, but objects follow the rules of
// setWithin. The text of a form field is decoded by the type's UnmarshalText, or as JSON. Texts inside the value follow the
// rules for text, and objects inside must not repeat a name.
func setOther(target reflect.Value, v value) *Problem {
	into := target.Addr().Interface()
	raw := v.json
	if raw == nil {
		if strings.TrimSpace(v.text) == "null" {
			return &problemNull
		}
		if u, ok := into.(encoding.TextUnmarshaler); ok && len(v.more) == 0 {
			if !utf8.ValidString(v.text) || strings.ContainsRune(v.text, 0) {
				return &problemText
			}
			if u.UnmarshalText([]byte(v.text)) != nil {
				return &problemType
			}
			return nil
		}
		if raw = formJSON(target.Type(), v); raw == nil {
			return &problemType
		}
	}
	if p := checkWithin(raw); p != nil {
		return p
	}
	if !setWithin(target, bytes.TrimSpace(raw)) {
		return &problemType
	}
	return nil
}

// formJSON returns the value of a form field as JSON, or nil if it is not valid. A list is a JSON array or, as in Django
// REST framework, one form field with the same name for each element.
func formJSON(t reflect.Type, v value) []byte {
	text := strings.TrimSpace(v.text)
	if !isList(t) || len(v.more) == 0 && strings.HasPrefix(text, "[") {
		if checkJSON([]byte(text)) != nil {
			return nil
		}
		return []byte(text)
	}
	var list []json.RawMessage
	for _, element := range append([]string{v.text}, v.more...) {
		raw := []byte(strings.TrimSpace(element))
		if k := t.Elem().Kind(); k == reflect.String || readsText(t.Elem()) {
			raw, _ = json.Marshal(element)
		}
		if checkJSON(raw) != nil || string(raw) == "null" {
			return nil
		}
		list = append(list, raw)
	}
	all, _ := json.Marshal(list)
	return all
}

// checkWithin checks the texts and the names inside valid JSON.
func checkWithin(raw []byte) *Problem {
	if !utf8.Valid(raw) {
		return &problemText
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		end := i + 1
		for ; raw[end] != '"'; end++ {
			if raw[end] == '\\' {
				end++
			}
		}
		if text, ok := jsonText(raw[i : end+1]); !ok || strings.ContainsRune(text, 0) {
			return &problemText // T018, T081
		}
		i = end
	}
	if dec := json.NewDecoder(bytes.NewReader(raw)); repeats(dec) {
		return &problemType // T075
	}
	return nil
}

// repeats reads one JSON value and reports whether an object in it repeats a name.
func repeats(dec *json.Decoder) bool {
	token, _ := dec.Token()
	open, _ := token.(json.Delim)
	names := map[string]bool{}
	for open != 0 && dec.More() {
		if open == '{' {
			token, _ := dec.Token()
			name, _ := token.(string)
			if names[name] {
				return true
			}
			names[name] = true
		}
		if repeats(dec) {
			return true
		}
	}
	if open != 0 {
		_, _ = dec.Token() // the closing bracket
	}
	return false
}

// repeated reports whether a form repeats a name that does not belong to a list.
func repeated(target reflect.Value, values map[string]value) bool {
	lists := map[string]bool{}
	for _, f := range fieldsOf(target.Type()) {
		lists[f.name] = isList(target.FieldByIndex(f.index).Type())
	}
	for name, v := range values {
		if len(v.more) > 0 && !lists[name] {
			return true
		}
	}
	return false
}

func isList(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
}
