package admin

// Parameters of lists, with what must be true of those that are accepted.

import (
	"errors"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

// FuzzList: the parameters of a list are refused with 400, or have a limit of 1 to 100, one of the known orders, and a position of this
// list, whose cursor leads to the same position.
func FuzzList(f *testing.F) {
	at := position{List: "-id", ID: 7}
	for _, seed := range []string{
		"", "limit=100", "limit=101", "limit=0", "limit=-1", "limit=%2B5", "limit=1e2", "limit=99999999999999999999", "limit=1&limit=1000", "cursor=" + *at.cursor(), "cursor=e30", "cursor=bnVsbA",
		"cursor=%00", "order=username", "order=password", "order=id;drop", "active=true", "active=1", "joined_from=2026-01-01T00:00:00Z", "joined_from=9999-12-31T23:59:60Z", "search=%25", "search=a&order=id", "%zz", "a;b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/admin/users/", nil)
		r.URL.RawQuery = query
		g := &gin.Context{Request: r}
		limit, err := limitOf(g)
		want400(t, err)
		if err == nil && (limit < 1 || limit > maxLimit) {
			t.Errorf("%q: the limit is %d", query, limit)
		}
		filter, order, err := listOf(g)
		want400(t, err)
		if err == nil && !slices.Contains([]string{bySearch, "id", "-id", "username", "date_joined", "-date_joined"}, order) {
			t.Errorf("%q: the order is %q", query, order)
		}
		if err == nil && filter.Active != nil && g.Query("active") != map[bool]string{true: "true", false: "false"}[*filter.Active] {
			t.Errorf("%q: active is %v", query, *filter.Active)
		}
		p, err := positionOf(g, "-id")
		want400(t, err)
		if err != nil {
			return
		}
		again := httptest.NewRequest("GET", "/?cursor="+url.QueryEscape(*p.cursor()), nil)
		if q, err := positionOf(&gin.Context{Request: again}, "-id"); err != nil || *q.cursor() != *p.cursor() || p.List != "-id" {
			t.Errorf("%q: %+v becomes %+v, %v", query, p, q, err)
		}
	})
}

func want400(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*binding.Error](err); err != nil && (!ok || e.Status != 400) {
		t.Errorf("%v", err)
	}
}
