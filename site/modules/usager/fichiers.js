/**
 * Files on their way to the service. Each is first kept in this browser (IndexedDB), then sent; it leaves the browser once
 * the service has judged it. What a lost network, a reload or a closed tab has interrupted is sent again by itself.
 */
import { appeler, enClair, HorsLigne, Probleme } from "../api.js";
import { trouver } from "../dom.js";

// Deleted whole at sign-out (copie.js).
const BASE = "fichiers";
const MAGASIN = "envois";
const FORMULAIRE_MS = 14 * 60_000;
const SANS_PROGRES_MS = 60_000;
const REPRISES_MS = [5_000, 15_000, 45_000];
const RELECTURES_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const MIMES = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  bmp: "image/bmp",
  tif: "image/tiff",
  tiff: "image/tiff",
  pdf: "application/pdf",
  heic: "image/heic",
  heif: "image/heif",
};
export const EXTENSIONS = Object.keys(MIMES).map((extension) => `.${extension}`);

/** Why `fichier` can't be sent, in words; null when it can. */
export function refusImmediat(fichier) {
  if (!mimeDe(fichier)) return "Ce fichier n'est pas d'un format autorisé (JPG, PNG, BMP, TIFF, PDF, HEIC). Prenez le document en photo, ou enregistrez-le au format PDF.";
  // The limit that the page carries (macros/pieces.html).
  if (fichier.size > Number(trouver("template[data-fichiers]").dataset.tailleMax)) return "Ce fichier dépasse 11 Mo. Réduisez-le, ou prenez le document en photo dans une qualité moindre.";
  if (fichier.size === 0) return "Ce fichier est vide. Vérifiez qu'il s'ouvre sur votre appareil.";
  return null;
}

function mimeDe(fichier) {
  return MIMES[fichier.name.split(".").pop().toLowerCase()] ?? (Object.values(MIMES).includes(fichier.type) ? fichier.type : null);
}

/**
 * @typedef {{cle: string, demande: string, type: string, nom: string, taille: number, mime: string, fichier: Blob,
 *   ordre: number, piece_id: string|null, envoi: any, envoi_le: number, annonce: boolean, etat: string, progres: number,
 *   message: string}} Envoi `etat` is attend, envoi, controle, coupe (the network) or refuse (the service)
 */

/** The files of one demande that are on their way. Tells `changement(envoi)` of each event and `fini(envoi)` of each end. */
export class Envois {
  constructor(demande, { changement, fini }) {
    this.demande = demande;
    this.changement = changement;
    this.fini = fini;
    /** @type {Map<string, Envoi>} */
    this.tous = new Map();
    this.arrets = new Map();
    this.enMarche = false;
    this.reprises = 0;
    window.addEventListener("online", () => this.reprendre());
  }

  /** Take up what an earlier visit left. */
  async ouvrir() {
    for (const envoi of await lireTous(this.demande)) {
      this.tous.set(envoi.cle, { ...envoi, etat: envoi.etat === "refuse" ? "refuse" : "attend", progres: 0 });
      this.changement(this.tous.get(envoi.cle), true);
    }
    return this.marcher();
  }

  get enCours() {
    return [...this.tous.values()].filter((envoi) => envoi.etat !== "refuse");
  }

  async ajouter(type, fichier) {
    const envoi = {
      cle: crypto.randomUUID(),
      demande: this.demande,
      type,
      nom: fichier.name.slice(-255),
      taille: fichier.size,
      mime: mimeDe(fichier),
      fichier,
      ordre: Date.now() + this.tous.size / 1000,
      piece_id: null,
      envoi: null,
      envoi_le: 0,
      annonce: false,
      etat: "attend",
      progres: 0,
      message: "",
    };
    this.tous.set(envoi.cle, envoi);
    this.changement(envoi);
    await garder(envoi);
    return this.marcher();
  }

  /** Send again what was interrupted or refused. */
  reprendre(cle = null) {
    for (const envoi of this.tous.values()) {
      if (envoi.etat === "coupe" || envoi.cle === cle) this.#passer(envoi, { etat: "attend", message: "" });
    }
    return this.marcher();
  }

  /** The person gives up this file: it leaves this browser, and the service when it was announced. */
  async annuler(cle) {
    const envoi = this.tous.get(cle);
    if (!envoi) return;
    this.tous.delete(cle);
    this.arrets.get(cle)?.abort();
    await oublier(cle);
    try {
      if (envoi.piece_id) await this.#retirer(envoi.piece_id);
    } finally {
      this.fini(envoi, null);
    }
  }

  /** One file after the other, so that photos are pages in their order; one tab at a time, so that none is sent twice. */
  async marcher() {
    if (this.enMarche) return;
    this.enMarche = true;
    try {
      const tour = () => this.#toutEnvoyer();
      await (navigator.locks ? navigator.locks.request(`envois:${this.demande}`, tour) : tour());
    } finally {
      this.enMarche = false;
    }
    if ([...this.tous.values()].some((envoi) => envoi.etat === "attend")) return this.marcher();
  }

  async #toutEnvoyer() {
    for (;;) {
      const suivant = [...this.tous.values()].filter((envoi) => envoi.etat === "attend").sort((a, b) => a.ordre - b.ordre)[0];
      if (!suivant) return;
      // Another tab may have sent it while this one waited for its turn.
      const gardes = await lireTous(this.demande);
      const garde = gardes.find((envoi) => envoi.cle === suivant.cle);
      if (!garde && gardes.possible) {
        this.tous.delete(suivant.cle);
        this.fini(suivant, null);
        continue;
      }
      if (garde) Object.assign(suivant, { piece_id: garde.piece_id, envoi: garde.envoi, envoi_le: garde.envoi_le, annonce: garde.annonce });
      await this.#envoyer(suivant);
    }
  }

  async #envoyer(envoi) {
    const arret = new AbortController();
    this.arrets.set(envoi.cle, arret);
    try {
      const controle = await this.#mener(envoi, arret.signal);
      await oublier(envoi.cle);
      this.tous.delete(envoi.cle);
      this.reprises = 0;
      this.fini(envoi, controle);
    } catch (faute) {
      if (arret.signal.aborted) {
        // Announced while it was being cancelled: the service forgets it, too.
        if (envoi.piece_id) await this.#retirer(envoi.piece_id).catch(() => console.info("pièce à retirer plus tard"));
      } else if (faute instanceof Probleme && faute.statut < 500 && faute.statut !== 429) {
        this.#passer(envoi, { etat: "refuse", message: enClair(faute) });
        await garder(envoi);
      } else {
        this.#couper(envoi);
      }
    } finally {
      this.arrets.delete(envoi.cle);
    }
  }

  #couper(envoi) {
    for (const un of this.enCours) if (un === envoi || un.etat === "attend") this.#passer(un, { etat: "coupe" });
    const dans = REPRISES_MS[this.reprises];
    // Without a network, its return wakes us; a service that is down is asked again, less and less.
    if (!navigator.onLine || dans === undefined) return;
    this.reprises += 1;
    setTimeout(() => this.reprendre(), dans);
  }

  async #mener(envoi, signal) {
    for (let essai = 1; ; essai += 1) {
      await this.#annoncer(envoi, signal);
      const statut = await this.#poster(envoi, signal);
      if (statut >= 500) throw new HorsLigne();
      if (statut < 300) {
        try {
          return await this.#controler(envoi, signal);
        } catch (faute) {
          const perdue = faute instanceof Probleme && [404, 409].includes(faute.statut);
          if (!perdue || essai > 1) throw faute;
        }
      } else if (essai > 1) throw new Probleme(statut, { detail: "Le fichier n'a pas été accepté. Retirez-le, puis joignez-le de nouveau." });
      await this.#oublierAnnonce(envoi);
    }
  }

  async #annoncer(envoi, signal) {
    if (envoi.piece_id && Date.now() - envoi.envoi_le > FORMULAIRE_MS) await this.#oublierAnnonce(envoi);
    if (envoi.piece_id) return;
    // An announcement whose answer was lost left a pièce without file: it goes before another one is made.
    if (envoi.annonce) await this.#retirerOrpheline(envoi);
    envoi.annonce = true;
    await garder(envoi);
    const corps = { type: envoi.type, nom_fichier: envoi.nom, taille: envoi.taille, mime: envoi.mime };
    // Not cut by « Annuler »: its answer says which pièce to remove.
    const { piece_id, envoi: formulaire } = await appeler("POST", `/api/demandes/${this.demande}/pieces`, { corps });
    Object.assign(envoi, { piece_id, envoi: formulaire, envoi_le: Date.now() });
    signal.throwIfAborted();
    await garder(envoi);
  }

  async #retirerOrpheline(envoi) {
    const { pieces } = await appeler("GET", `/api/demandes/${this.demande}`);
    const suivies = new Set([...this.tous.values()].map((un) => un.piece_id));
    const orpheline = pieces?.find((piece) => piece.statut === "attendue" && piece.type === envoi.type && piece.nom_fichier === envoi.nom && !suivies.has(piece.piece_id));
    if (orpheline) await this.#retirer(orpheline.piece_id);
  }

  async #oublierAnnonce(envoi) {
    if (envoi.piece_id) await this.#retirer(envoi.piece_id);
    Object.assign(envoi, { piece_id: null, envoi: null, envoi_le: 0, annonce: false });
    await garder(envoi);
  }

  async #retirer(piece_id) {
    try {
      await appeler("DELETE", `/api/demandes/${this.demande}/pieces/${piece_id}`);
    } catch (faute) {
      if (!(faute instanceof Probleme)) throw faute;
      // Gone already, or submitted meanwhile: nothing to remove.
    }
  }

  /** Post the file to the store; the HTTP status. Raises `HorsLigne`. */
  #poster(envoi, signal) {
    this.#passer(envoi, { etat: "envoi", progres: 0 });
    const corps = new FormData();
    for (const [nom, valeur] of Object.entries(envoi.envoi.champs)) corps.append(nom, valeur);
    corps.append("file", envoi.fichier, envoi.nom);
    return new Promise((suite, echec) => {
      const requete = new XMLHttpRequest();
      let garde;
      const veiller = () => {
        clearTimeout(garde);
        garde = setTimeout(() => requete.abort(), SANS_PROGRES_MS);
      };
      const arreter = () => requete.abort();
      requete.upload.onprogress = ({ loaded, total }) => {
        veiller();
        this.#passer(envoi, { progres: Math.round((100 * loaded) / total) });
      };
      requete.onload = () => suite(requete.status);
      requete.onerror = requete.onabort = () => echec(new HorsLigne());
      requete.onloadend = () => {
        clearTimeout(garde);
        signal.removeEventListener("abort", arreter);
      };
      signal.addEventListener("abort", arreter);
      requete.open("POST", envoi.envoi.url);
      veiller();
      requete.send(corps);
    });
  }

  async #controler(envoi, signal) {
    this.#passer(envoi, { etat: "controle", progres: 100 });
    const chemin = `/api/demandes/${this.demande}/pieces/${envoi.piece_id}/controle`;
    let controle = await appeler("POST", chemin, { signal });
    for (const attente of RELECTURES_MS) {
      if (controle.statut !== "en_cours") break;
      await new Promise((suite) => setTimeout(suite, attente));
      controle = await appeler("GET", chemin, { signal });
    }
    return controle;
  }

  #passer(envoi, changements) {
    const avant = envoi.etat;
    Object.assign(envoi, changements);
    if (this.tous.has(envoi.cle)) this.changement(envoi, avant !== envoi.etat);
  }
}

/** Run `operation` on the store and give what it answers; null where the browser keeps nothing (private browsing). */
async function magasin(mode, operation) {
  try {
    const base = await promesse(ouvrirBase());
    base.onversionchange = () => base.close();
    try {
      return await promesse(operation(base.transaction(MAGASIN, mode).objectStore(MAGASIN)));
    } finally {
      base.close();
    }
  } catch {
    console.info("fichiers non gardés sur cet appareil");
    return null;
  }
}

function ouvrirBase() {
  const ouverture = indexedDB.open(BASE, 1);
  ouverture.onupgradeneeded = () => ouverture.result.createObjectStore(MAGASIN, { keyPath: "cle" });
  return ouverture;
}

function promesse(demande) {
  return new Promise((suite, echec) => {
    demande.onsuccess = () => suite(demande.result);
    demande.onerror = () => echec(demande.error);
  });
}

async function garder(envoi) {
  await magasin("readwrite", (tenu) => tenu.put(envoi));
}

async function oublier(cle) {
  await magasin("readwrite", (tenu) => tenu.delete(cle));
}

/** The files kept for `demande`, oldest first; `possible` is false where the browser keeps nothing. */
async function lireTous(demande) {
  const lus = await magasin("readonly", (tenu) => tenu.getAll());
  const siens = (lus ?? []).filter((envoi) => envoi.demande === demande).sort((a, b) => a.ordre - b.ordre);
  return Object.assign(siens, { possible: lus !== null });
}
