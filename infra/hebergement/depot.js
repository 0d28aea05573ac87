// Viewer request: /depot/<bucket>/<key> is /<key> of that bucket, which the path has chosen already.
function handler(event) {
  event.request.uri = event.request.uri.replace(/^\/depot\/[^/]+/, '') || '/';
  return event.request;
}
