/**
 * What the steps of the wizard share: which demande (the fragment), the stepper, saving as one types, and what happens when
 * the network, the session or another tab come in between. A word typed is first kept in this browser, then by the service
 * (`…/brouillon`), then saved whole by « Enregistrer » or « Etape suivante >> ».
 */
import { appeler, enClair, HorsLigne, Probleme } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { alerte, charge, h, remplacer, tous, trouver } from "../dom.js";
import { aplatir, effacerErreur, libelleDe, lire, montrerErreur, montrerErreurs, montrerRefus, remplir, verifier } from "../formulaire.js";
import { exigerSession } from "../session.js";

const FRAPPE_MS = 900;

/** The steps in the deck's order: page, and name in the API. Their words are those of the stepper (gabarits/etape.html). */
export const ETAPES = ["motif", "etat-civil", "adresse", "photo-signature", "pieces", "paiement", "recapitulatif", "confirmation"].map((page) => [page, page.replaceAll("-", "_")]);

// The deck's row of eight, where there is room for it (site.css).
const liste = document.querySelector(".etapes-liste");
if (liste && matchMedia("(min-width: 62em)").matches) liste.open = true;

/** Where a step is filled: `etape` is its page, or its name in the API. */
export function pageDEtape(etape, id) {
  return `/demande/${etape.replaceAll("_", "-")}/#${id}`;
}

/** A link to a step, by its words, on a page that has the stepper. */
export function lienVers(etape, id) {
  const { mots } = trouver(`[data-etape="${etape.replaceAll("_", "-")}"]`).dataset;
  return h("a", { href: pageDEtape(etape, id) }, `Aller à « ${mots} »`);
}

/** The demande that this page is about, by the fragment; without one, the list of demandes. */
export function identifiantDemande() {
  const id = location.hash.slice(1);
  if (/^[0-9A-Za-z-]{8,64}$/.test(id)) return id;
  location.replace("/demandes/");
  return null;
}

/**
 * The demande, shown twice when this browser knows it: at once as last seen, then as it now is.
 * @param {(demande: any, fraiche: boolean) => void} montrer
 * @param {(demande: any) => boolean} convient whether the page is for such a demande: one seen in another state says nothing
 */
export async function ouvrirDemande(id, montrer, convient = () => true) {
  await exigerSession();
  const copie = lireCopie(`vue:${id}`);
  const connue = copie && convient(copie) ? copie : null;
  if (connue) {
    montrer(connue, false);
    charge();
  }
  try {
    const demande = await appeler("GET", `/api/demandes/${id}`);
    retenir(demande);
    montrer(demande, true);
    direAReprendre(id);
    charge();
    return demande;
  } catch (faute) {
    charge();
    if (faute instanceof Probleme && faute.statut === 404) oublierCopie(`vue:${id}`);
    else if (connue && faute instanceof HorsLigne) return connue;
    direImpossible(faute);
    return null;
  }
}

/** Keep the demande as it was last answered. The PUT of a step leaves the pièces out: those known stay. */
export function retenir(demande) {
  const connue = lireCopie(`vue:${demande.id}`);
  const pieces = demande.pieces ?? connue?.pieces ?? null;
  const etapes = { ...(connue?.etapes ?? {}), ...demande.etapes };
  const tenue = { ...demande, pieces, etapes };
  garderCopie(`vue:${demande.id}`, tenue);
  return tenue;
}

/** After a change of motif: what it leaves to look at again, told once, on the step that follows. */
function direAReprendre(id) {
  const aReprendre = lireCopie(`reprendre:${id}`);
  const zone = document.querySelector("[data-a-reprendre]");
  if (!aReprendre || !zone) return;
  oublierCopie(`reprendre:${id}`);
  remplacer(zone, alerte("warning", "Ce changement de motif laisse des choses à revoir", h("ul", {}, aReprendre.map(({ etape, message }) => h("li", {}, message, " ", lienVers(etape, id))))));
  zone.hidden = false;
}

/** Say why the demande cannot be shown, in the place of the page. */
export function direImpossible(faute) {
  const inconnue = faute instanceof Probleme && faute.statut === 404;
  const zone = trouver("[data-impossible]");
  remplacer(
    zone,
    inconnue
      ? alerte("error", "Cette demande n'est pas dans votre compte", h("p", {}, "Retrouvez les vôtres dans ", h("a", { href: "/demandes/" }, "Mes demandes"), "."))
      : alerte("error", "La demande n'a pas pu être ouverte", enClair(faute), h("button", { class: "fr-btn fr-btn--secondary fr-mt-2w", type: "button", onclick: () => location.reload() }, "Réessayer")),
  );
  zone.hidden = false;
  for (const corps of tous("[data-corps-etape]")) corps.hidden = true;
}

/** The eight steps: where one is, which are done, which can be gone to. */
export function montrerStepper(demande, page) {
  const rangs = ETAPES.map(([, nom], rang) => [rang, demande.etapes?.[nom]?.etat ?? "vide"]);
  const atteinte = Math.max(0, ...rangs.filter(([, etat]) => etat !== "vide").map(([rang]) => rang + 1), ETAPES.findIndex(([p]) => p === page));
  for (const [rang, etat] of rangs) {
    const lien = document.querySelector(`[data-etape="${ETAPES[rang][0]}"]`);
    if (!lien) continue;
    const faite = etat === "complete" || etat === "non_requise";
    lien.parentElement.classList.toggle("etape-faite", faite);
    lien.parentElement.classList.toggle("etape-a-revoir", etat === "a_revoir");
    const ouverte = rang <= Math.min(atteinte, 6) && demande.statut === "brouillon";
    if (ouverte) lien.setAttribute("href", pageDEtape(ETAPES[rang][0], demande.id));
    else lien.removeAttribute("href");
    const dit = lien.querySelector("[data-etat-etape]");
    dit.textContent = { complete: " (complète)", non_requise: " (rien à faire)", a_revoir: " (à revoir)", brouillon: " (commencée)" }[etat] ?? "";
  }
}

/**
 * A step that is a form. Opens the demande, fills the form, saves as one types, and binds the deck's three buttons.
 * @param {{page: string, etape: string, suivante: string, precedente: string|null}} options and, when the step wants it:
 *   `selon(demande)` is told the demande as soon as it is known, `apres(demande, donnees)` each time the form was filled;
 *   `corps(saisi)` finishes what is sent; `ouverte(demande)`: it may be filled now; `ensuite(demande, reste)` is the page
 *   to go to once it is saved, null to stay.
 */
export function etapeFormulaire({
  page,
  etape,
  suivante,
  precedente,
  selon = () => {},
  apres = () => {},
  corps = (saisi) => saisi,
  ouverte = (demande) => demande.statut === "brouillon",
  ensuite = (_, reste) => (reste ? null : pageDEtape(suivante, identifiantDemande())),
}) {
  const id = identifiantDemande();
  if (!id) return;
  const formulaire = trouver("form[data-etape-formulaire]");
  const etat = trouver("[data-etat-saisie]");
  const cleCopie = `saisie:${id}:${etape}`;
  const chemin = `/api/demandes/${id}/${page}`;
  // What the form stands on: the version and the answers of the service that it was filled with, or last sent to.
  let version;
  let base = new Map();
  let brouillon = true;
  let touche = false; // the person has typed: the form is not filled over it
  let choix = false; // he has to choose between here and elsewhere: nothing is sent meanwhile
  let attente = null; // the timer of the next saving
  let envoi = null; // the saving under way
  formulaire.inert = true; // until it was filled once: what is typed on an empty form would empty the step

  const dire = (texte, genre = "") => {
    remplacer(etat, texte);
    etat.dataset.genre = genre;
  };
  const poser = (demande) => {
    version = demande.version;
    base = new Map(aplatir(demande.etapes[etape]?.donnees));
  };
  const suivre = (demande) => {
    poser(demande);
    montrerStepper(retenir(demande), page);
  };
  /** Keep what is typed in this browser, with what it stands on. */
  const garder = () => garderCopie(cleCopie, { saisi: lire(formulaire), version, base: [...base] });
  const inchange = (brut) => JSON.stringify(lire(formulaire)) === JSON.stringify(brut);

  /** Fill the form; called with the demande as last seen, then as it now is. What is typed meanwhile stays, on what it stood on. */
  const montrer = (demande, fraiche) => {
    brouillon = demande.statut === "brouillon";
    if (!ouverte(demande)) return void location.replace(`/demande/suivi/#${id}`);
    montrerStepper(demande, page);
    selon(demande);
    if (touche) return;
    poser(demande);
    const donnees = demande.etapes[etape]?.donnees;
    const copie = lireCopie(cleCopie);
    // Before the values, to make room for them (prénoms); then with them, to show what depends on them.
    apres(demande, donnees);
    remplir(formulaire, donnees);
    if (copie) {
      apres(demande, copie.saisi);
      remplir(formulaire, copie.saisi);
      if (fraiche) reprendre(demande, copie);
    }
    apres(demande, copie?.saisi ?? donnees);
    formulaire.inert = false;
  };

  /** Words of an earlier visit that the service never had: they go on, unless the step has been answered elsewhere since. */
  function reprendre(demande, copie) {
    const differents = copie.version === demande.version ? [] : differences(new Map(copie.base ?? []), demande);
    if (differents.length > 0) return proposer(demande, differents);
    dire("Votre saisie non enregistrée a été reprise de cet appareil.", "info");
    planifier();
  }

  ouvrirDemande(id, montrer, ouverte);

  formulaire.addEventListener("input", () => {
    touche = true;
    garder();
    dire(brouillon ? "Gardé sur cet appareil…" : "Gardé sur cet appareil. Enregistrez pour l'envoyer.");
    planifier();
  });
  formulaire.addEventListener("focusout", (evenement) => {
    const groupe = evenement.target.closest("[data-champ]");
    if (groupe && touche) groupe.dataset.vu = "";
  });
  window.addEventListener("online", () => planifier());
  document.addEventListener("visibilitychange", () => document.hidden && attente && garderBrouillon());
  window.addEventListener("pagehide", () => attente && garderBrouillon());

  /** Only a draft is saved as one types: what was deposited changes when one says so. */
  function planifier() {
    clearTimeout(attente);
    if (!brouillon || choix) return;
    attente = setTimeout(garderBrouillon, FRAPPE_MS);
  }

  /** Have the service keep what is typed. A field that it refuses is told beside it, and the others are kept. */
  async function garderBrouillon() {
    clearTimeout(attente);
    attente = null;
    if (choix) return;
    if (envoi) return void envoi.then(planifier);
    envoi = envoyerBrouillon(lire(formulaire)).catch(direGarde).finally(() => (envoi = null));
    await envoi;
  }

  async function envoyerBrouillon(brut, refuses = []) {
    const saisi = corps(structuredClone(brut));
    try {
      dire("Enregistrement…");
      const demande = await appeler("PUT", `${chemin}/brouillon`, { corps: sans(saisi, refuses), version });
      suivre(demande);
      for (const groupe of tous("[data-champ][data-vu]", formulaire)) {
        const nom = groupe.dataset.champ;
        const refuse = refuses.find(({ champ }) => champ === nom || champ.startsWith(`${nom}.`));
        if (refuse) montrerErreur(formulaire, refuse.champ, refuse.message);
        else if (lit(saisi, nom) !== undefined) effacerErreur(formulaire, nom, { valide: true });
      }
      // Words typed while it was on its way are only here.
      const tout = refuses.length === 0 && inchange(brut);
      if (tout) oublierCopie(cleCopie);
      else garder();
      dire(tout ? "Tout ce que vous avez saisi est enregistré." : refuses.length > 0 ? "Enregistré, sauf ce qui est à corriger (gardé sur cet appareil)." : "Gardé sur cet appareil…", tout || refuses.length > 0 ? "ok" : "");
    } catch (faute) {
      if (faute instanceof Probleme && faute.statut === 422 && faute.erreurs.length > refuses.length) return void (await envoyerBrouillon(brut, faute.erreurs));
      if (!(faute instanceof Probleme && faute.statut === 412)) throw faute;
      if (!(await rapprocher())) planifier();
    }
  }

  function direGarde(faute) {
    dire(faute instanceof HorsLigne ? "Pas de réseau : votre saisie est gardée sur cet appareil et partira à son retour." : `Votre saisie est gardée sur cet appareil. ${enClair(faute)}`, "attente");
  }

  /** Save the whole step; null when the person has first to choose between here and elsewhere. */
  async function enregistrer() {
    clearTimeout(attente);
    attente = null;
    await envoi;
    if (choix) {
      trouver("[data-conflit]").focus();
      return null;
    }
    for (let essai = 1; ; essai += 1) {
      try {
        const brut = lire(formulaire);
        const demande = await appeler("PUT", chemin, { corps: corps(structuredClone(brut)), version });
        suivre(demande);
        touche = !inchange(brut);
        if (touche) garder();
        else oublierCopie(cleCopie);
        return demande;
      } catch (faute) {
        if (!(faute instanceof Probleme && faute.statut === 412) || essai >= 3) throw faute;
        if (await rapprocher()) return null;
      }
    }
  }

  /**
   * Another tab, or the phone, has written meanwhile: what is here stays here, and the person chooses.
   * @returns {Promise<boolean>} whether there is something to choose
   */
  async function rapprocher() {
    const demande = await appeler("GET", `/api/demandes/${id}`);
    const differents = differences(base, demande);
    suivre(demande);
    if (differents.length > 0) proposer(demande, differents);
    return differents.length > 0;
  }

  /** The answers of `demande` that have changed since `depuis`, and are not what the form says: `[[nom, valeur], …]`. */
  function differences(depuis, demande) {
    const ici = new Map(aplatir(lire(formulaire)));
    const ailleurs = new Map(aplatir(demande.etapes[etape]?.donnees));
    const champs = new Set(tous("[data-champ]", formulaire).map((groupe) => groupe.dataset.champ));
    const saisi = (nom) => champs.has(nom) || champs.has(nom.split(".")[0]);
    const noms = new Set([...depuis.keys(), ...ailleurs.keys()].filter(saisi));
    return [...noms].filter((nom) => ailleurs.get(nom) !== depuis.get(nom) && ailleurs.get(nom) !== ici.get(nom)).map((nom) => [nom, ailleurs.get(nom)]);
  }

  function proposer(demande, differents) {
    const zone = trouver("[data-conflit]");
    choix = true;
    clearTimeout(attente);
    attente = null;
    dire("Choisissez d'abord quelles réponses garder : rien n'est envoyé en attendant.", "attente");
    const fermer = () => {
      choix = false;
      zone.hidden = true;
      remplacer(zone);
    };
    const garderIci = () => {
      fermer();
      garder();
      planifier();
    };
    const reprendreAilleurs = () => {
      const donnees = demande.etapes[etape]?.donnees;
      fermer();
      formulaire.reset();
      apres(demande, donnees);
      remplir(formulaire, donnees);
      apres(demande, donnees);
      touche = false;
      oublierCopie(cleCopie);
      dire("Les réponses enregistrées ailleurs sont reprises.", "ok");
    };
    remplacer(
      zone,
      h("h2", { class: "fr-alert__title" }, "Cette étape a été modifiée ailleurs"),
      h("p", {}, "Un autre onglet ou un autre appareil a enregistré d'autres réponses. Rien n'est perdu : choisissez celles à garder."),
      h("ul", {}, differents.map(([nom, valeur]) => h("li", {}, `Ailleurs, ${libelleDe(formulaire, nom)} : ${valeur === undefined ? "rien" : `« ${valeur} »`}`))),
      h(
        "div",
        { class: "fr-btns-group fr-btns-group--inline fr-mt-2w" },
        h("button", { class: "fr-btn", type: "button", onclick: garderIci }, "Garder ce qui est écrit ici"),
        h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: reprendreAilleurs }, "Reprendre les réponses d'ailleurs"),
      ),
    );
    zone.hidden = false;
    zone.focus();
  }

  formulaire.noValidate = true;
  formulaire.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    const reste = evenement.submitter?.value === "enregistrer";
    const erreurs = verifier(formulaire);
    if (erreurs.length > 0) {
      if (brouillon) garderBrouillon();
      return void montrerErreurs(formulaire, erreurs);
    }
    try {
      dire("Enregistrement…");
      const demande = await enregistrer();
      if (!demande) return;
      for (const groupe of tous("[data-champ]", formulaire)) effacerErreur(formulaire, groupe.dataset.champ, { valide: Boolean(lit(lire(formulaire), groupe.dataset.champ)) });
      trouver("[data-resume-erreurs]").hidden = true;
      if (demande.a_reprendre?.length) garderCopie(`reprendre:${id}`, demande.a_reprendre);
      const suite = ensuite(demande, reste);
      if (suite === null) return dire("Tout ce que vous avez saisi est enregistré.", "ok");
      location.assign(suite);
    } catch (faute) {
      dire(faute instanceof HorsLigne ? "Pas de réseau : votre saisie est gardée sur cet appareil." : "", "attente");
      montrerRefus(formulaire, faute);
    }
  });
  const retour = document.querySelector("[data-precedente]");
  if (retour && precedente) retour.href = pageDEtape(precedente, id);
  return { enregistrer };
}

/** `saisi` without the fields that were refused. */
function sans(saisi, refuses) {
  const copie = structuredClone(saisi);
  for (const { champ } of refuses) {
    const chemin = champ.split(".");
    let objet = copie;
    while (chemin.length > 1 && objet?.[chemin[0]] !== undefined && typeof objet[chemin[0]] === "object" && !Array.isArray(objet[chemin[0]])) objet = objet[chemin.shift()];
    if (objet) delete objet[chemin[0]];
  }
  return copie;
}

function lit(objet, nom) {
  return nom.split(".").reduce((valeur, cle) => valeur?.[cle], objet);
}
