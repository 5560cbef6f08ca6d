package config

// rule is one condition of a setting, as a row of a table.
type rule struct {
	broken  bool
	setting string
	problem string // what it must be
}

// check reports every broken rule.
func (r report) check(rules []rule) {
	for _, rule := range rules {
		if rule.broken {
			r(rule.setting, "%s", rule.problem)
		}
	}
}

// outside reports whether a number is not between two others.
func outside[N ~int | ~int64 | ~uint32](n, low, high N) bool { return n < low || n > high }
