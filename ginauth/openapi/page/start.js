// The page: Swagger UI on the document, asking this server only.

// isCookie reports whether a security scheme is a cookie. The browser sends it by itself, and a
// script cannot set it, so there is nothing to fill in.
function isCookie(scheme) {
  return scheme.get("type") === "apiKey" && scheme.get("in") === "cookie";
}

// withoutCookies leaves the schemes for which the reader can enter a credential.
function withoutCookies(original) {
  return function () {
    var all = original.apply(null, arguments);
    return all && all.map(function (schemes) { return schemes.filterNot(isCookie); })
      .filter(function (schemes) { return schemes.size > 0; });
  };
}

// Padlocks say what a route needs: closed means a login, open that it also works without one.
// Swagger UI counts "also without" as a login that is there, and shows the opposite.
function padlocks() {
  return function (state, requirements) {
    return requirements && requirements.size > 0
      ? requirements.every(function (requirement) { return requirement.size > 0; })
      : null;
  };
}

function accounts(system) {
  var create = system.React.createElement;
  var fillable = function () { return system.getSystem().authSelectors.definitionsToAuthorize().size > 0; };
  return {
    statePlugins: {
      auth: {
        wrapSelectors: {
          definitionsToAuthorize: withoutCookies,
          definitionsForRequirements: withoutCookies,
          isAuthorized: padlocks,
        },
      },
    },
    wrapComponents: {
      AuthorizeBtnContainer: function (Original) {
        return function (props) { return fillable() ? create(Original, props) : null; };
      },
      authorizeOperationBtn: function (Original) {
        return function (props) {
          return create(Original, Object.assign({}, props, { onClick: fillable() ? props.onClick : null }));
        };
      },
    },
  };
}

window.addEventListener("load", function () {
  var root = document.getElementById("swagger-ui");
  window.ui = SwaggerUIBundle({
    url: root.dataset.url,
    domNode: root,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [accounts],
    layout: "BaseLayout",
    validatorUrl: null, // else the page would show the document to a foreign host
    onComplete: function () {
      var info = window.ui.specSelectors.info();
      document.title = (info && info.get("title") || "Accounts") + " API";
    },
  });
});
