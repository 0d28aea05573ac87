// Viewer request: a folder is its index.html, an unknown address is the page that says so. PAGES is written by the build.
function handler(event) {
  const request = event.request;
  const uri = request.uri;
  const fichier = uri.endsWith('/') ? uri + 'index.html' : uri;
  if (PAGES.includes(fichier)) {
    request.uri = fichier;
  } else if (PAGES.includes(uri + '/index.html')) {
    return { statusCode: 307, statusDescription: 'Temporary Redirect', headers: { location: { value: uri + '/' } } };
  } else {
    request.uri = '/introuvable.html';
  }
  return request;
}
