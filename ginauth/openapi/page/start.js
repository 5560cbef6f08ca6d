// The page: Swagger UI with the document of this server. It contacts no other host.

// isCookie reports whether a security scheme is a cookie. The browser sends it, and scripts cannot set it, so the reader has
// nothing to enter.
function isCookie(scheme) {
  return scheme.get("type") === "apiKey" && scheme.get("in") === "cookie";
}

// withoutCookies keeps the schemes for which the reader can enter a credential.
function withoutCookies(original) {
  return function () {
    var all = original.apply(null, arguments);
    return all && all.map(function (schemes) { return schemes.filterNot(isCookie); })
      .filter(function (schemes) { return schemes.size > 0; });
  };
}

// A closed padlock means that a route needs a login, an open one that the login is optional. Swagger UI alone would show the
// opposite, because it takes an optional login for one that exists.
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
    validatorUrl: null, // otherwise the page sends the document to another host
    onComplete: function () {
      var info = window.ui.specSelectors.info();
      document.title = (info && info.get("title") || "Accounts") + " API";
    },
  });
});
