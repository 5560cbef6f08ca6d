// Package mount registers the routes of a table on a router: each path with and without its trailing slash, with a response
// to every method.
package mount

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// Methods lists the methods that Gin can route.
var Methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace,
}

// Route answers one method of one path.
type Route struct {
	Method string
	Path   string            // relative to the group, without slashes at its ends; a path with a dot is a file
	Doc    string            // of the path; the first route of a path sets it
	Head   bool              // it answers HEAD as well; net/http drops the body
	First  gin.HandlersChain // middleware of the path; the first route of a path sets it
	Serve  gin.HandlerFunc
}

// Rest answers the methods that no route of a path has. allow is what the header Allow lists.
type Rest struct {
	Options func(g *gin.Context, path, doc, allow string)
	Others  func(g *gin.Context, allow string) // 405, whatever the engine's HandleMethodNotAllowed says
}

// Base returns the configured path of the routes on a router. Without one, it returns "/auth" for an engine, and "" for a
// group, which has its own path.
func Base(router gin.IRouter, configured string) string {
	if located, ok := router.(interface{ BasePath() string }); configured == "" && (!ok || located.BasePath() == "/") {
		return "/auth"
	}
	return configured
}

// All registers every path with and without its trailing slash, so that neither is
// a redirect that would lose the body or turn into a GET.
func All(group *gin.RouterGroup, routes []Route, rest Rest) {
	var paths []string
	byPath := map[string][]Route{}
	for _, r := range routes {
		if byPath[r.Path] == nil {
			paths = append(paths, r.Path)
		}
		byPath[r.Path] = append(byPath[r.Path], r)
	}
	for _, path := range paths {
		for _, method := range Methods {
			chain := append(slices.Clone(byPath[path][0].First), handlerFor(method, byPath[path], rest))
			group.Handle(method, "/"+path, chain...)
			if !strings.Contains(path, ".") { // a file has no variant with a slash
				group.Handle(method, "/"+path+"/", chain...)
			}
		}
	}
}

// handlerFor returns the handler of a method on a path with these routes.
func handlerFor(method string, routes []Route, rest Rest) gin.HandlerFunc {
	for _, r := range routes {
		if r.Method == method || r.Head && method == http.MethodHead {
			return r.Serve
		}
	}
	allow := allowed(routes)
	if method == http.MethodOptions {
		return func(g *gin.Context) { rest.Options(g, routes[0].Path, routes[0].Doc, allow) }
	}
	return func(g *gin.Context) { rest.Others(g, allow) }
}

// allowed lists the methods of a path for the Allow header.
func allowed(routes []Route) string {
	var methods []string
	for _, r := range routes {
		methods = append(methods, r.Method)
		if r.Head {
			methods = append(methods, http.MethodHead)
		}
	}
	return strings.Join(append(methods, http.MethodOptions), ", ")
}
