// Viewer response: the page that stands for an unknown address is a 404. Errors by origin would take the API's too.
function handler(event) {
  const response = event.response;
  if (response.headers['x-amz-meta-statut']) {
    response.statusCode = 404;
    response.statusDescription = 'Not Found';
    delete response.headers['x-amz-meta-statut'];
  }
  return response;
}
