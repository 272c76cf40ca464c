// Draws the description that the Worker makes from the contract of the version that serves.
globalThis.SwaggerUIBundle({
  dom_id: '#docs',
  url: '/openapi.json',
  deepLinking: true,
  displayRequestDuration: true,
  // A browser keeps nothing of a key that is entered here.
  persistAuthorization: false,
  // Its badge would have swagger.io fetch this address.
  validatorUrl: null,
});
