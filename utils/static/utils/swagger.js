"use strict";

// A file rather than a script in the page, which the policy of contents does not allow.
const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  requestInterceptor: (request) => {
    if (!["GET", undefined].includes(request.method) && new URL(request.url, location).origin === location.origin) {
      request.headers[place.dataset.csrfHeader] = place.dataset.csrf;
    }
    return request;
  },
});
