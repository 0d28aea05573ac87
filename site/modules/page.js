/** What every page does: who is signed in, whether there is a network, the worker that keeps pages for a slow one. */
import { remplacer, tous } from "./dom.js";
import { AGENT, fermerSession, motsDesAutorites, session, veillerSurLaSession } from "./session.js";

function montrerLaSession() {
  const ouverte = session();
  for (const element of tous("[data-avec-session]")) element.hidden = !ouverte;
  for (const element of tous("[data-sans-session]")) element.hidden = Boolean(ouverte);
  for (const element of tous("[data-roles]")) element.hidden = !ouverte || !element.dataset.roles.split(" ").includes(ouverte.profil);
  for (const element of tous("[data-nom-session]")) element.textContent = ouverte ? `${ouverte.prenom} ${ouverte.nom}` : "";
  for (const element of tous("[data-autorites]")) element.textContent = ouverte ? `, pour ${motsDesAutorites(ouverte)}` : "";
}

function montrerLeReseau() {
  const bandeau = document.getElementById("reseau");
  if (bandeau) remplacer(bandeau, navigator.onLine ? "" : "Vous n'êtes plus connecté à internet. Vous pouvez continuer : ce que vous saisissez est gardé sur cet appareil et partira au retour du réseau.");
}

// The header's menu on a phone is a copy of the links that the design system makes: one listener serves both.
document.addEventListener("click", (evenement) => {
  if (evenement.target.closest("[data-deconnexion]")) fermerSession();
  // A link inside the page must not replace the fragment, which names the demande.
  const evitement = evenement.target.closest("[data-evitement]");
  if (evitement) {
    evenement.preventDefault();
    const cible = document.querySelector(evitement.getAttribute("href"));
    cible.setAttribute("tabindex", "-1");
    cible.focus();
    cible.scrollIntoView();
  }
});
window.addEventListener("online", montrerLeReseau);
window.addEventListener("offline", montrerLeReseau);
montrerLaSession();
montrerLeReseau();
if (session()) veillerSurLaSession();
if (!AGENT && "serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js");
