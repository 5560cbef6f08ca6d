package config

// rule is one condition of a setting, as a row of a table.
type rule struct {
	broken  bool
	setting string
	problem string // what it must be
}

// check reports the rules that are broken.
func (bad report) check(rules []rule) {
	for _, r := range rules {
		if r.broken {
			bad(r.setting, "%s", r.problem)
		}
	}
}

// outside reports whether a number is not between two others.
func outside[N ~int | ~int64 | ~uint32](n, low, high N) bool { return n < low || n > high }
