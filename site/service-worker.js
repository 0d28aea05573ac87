/* Keeps the usager's pages and what they load, so that a step opens at once on a slow network, and without one.
   Never an answer of the API, never a file of the person. ACTIFS, VERSION and A_GARDER are written by the build. */

const RESERVE = `permis-${ACTIFS.split("/").pop()}-${VERSION}`;

self.addEventListener("install", (evenement) => {
  evenement.waitUntil(
    caches
      .open(RESERVE)
      // A few at a time: the page being read comes first on a slow network.
      .then(async (reserve) => {
        for (let rang = 0; rang < A_GARDER.length; rang += 6) await reserve.addAll(A_GARDER.slice(rang, rang + 6));
      })
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (evenement) => {
  evenement.waitUntil(
    caches
      .keys()
      .then((noms) => Promise.all(noms.filter((nom) => nom.startsWith("permis-") && nom !== RESERVE).map((nom) => caches.delete(nom))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (evenement) => {
  const { request } = evenement;
  const adresse = new URL(request.url);
  if (request.method !== "GET" || adresse.origin !== location.origin) return;
  if (adresse.pathname.startsWith("/actifs/")) evenement.respondWith(gardeOuReseau(request));
  else if (request.mode === "navigate" && A_GARDER.includes(adresse.pathname)) evenement.respondWith(page(evenement, adresse));
});

async function gardeOuReseau(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page kept, at once; the network's is looked at behind it, and serves the next time when it has changed. */
async function page(evenement, adresse) {
  const reserve = await caches.open(RESERVE);
  const gardee = await reserve.match(adresse.pathname);
  if (!gardee) return fetch(evenement.request);
  evenement.waitUntil(self.registration.update().catch(() => {}));
  return gardee;
}
