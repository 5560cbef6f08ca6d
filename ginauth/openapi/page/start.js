// The page: Swagger UI on the document, asking this server only.
window.addEventListener("load", function () {
  var root = document.getElementById("swagger-ui");
  window.ui = SwaggerUIBundle({
    url: root.dataset.url,
    domNode: root,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    validatorUrl: null, // else the page would show the document to a foreign host
    onComplete: function () {
      var info = window.ui.specSelectors.info();
      document.title = (info && info.get("title") || "Accounts") + " API";
    },
  });
});
