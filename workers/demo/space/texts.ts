import type { Text } from '../../../common/contract.ts';

/** What the page says itself. What it says of the model comes from the contract. */
export const texts = {
  privacy: {
    fr: 'Tout se calcule dans votre navigateur\u00a0: rien de ce que vous saisissez n’est envoyé ni enregistré.',
    en: 'Everything is computed in your browser: nothing that you enter is sent or recorded.',
  },
  purpose: {
    fr: 'Ce modèle ne doit servir à décider de rien sur personne.',
    en: 'This model must not be used to decide about anybody.',
  },
  examples: { fr: 'Remplir avec un exemple', en: 'Fill in an example' },
  choose: { fr: 'Choisir…', en: 'Choose…' },
  estimate: { fr: 'Estimer', en: 'Estimate' },
  clear: { fr: 'Effacer', en: 'Clear' },
  answer: { fr: 'Estimation', en: 'Estimate' },
  noAnswer: {
    fr: 'Remplissez le formulaire, ou partez d’un exemple.',
    en: 'Fill in the form, or start from an example.',
  },
  stale: {
    fr: 'Le formulaire a changé depuis cette estimation.',
    en: 'The form has changed since this estimate.',
  },
  probability: { fr: 'Probabilité', en: 'Probability' },
  risk: { fr: 'Niveau de risque', en: 'Risk level' },
  threshold: { fr: 'Seuil', en: 'Threshold' },
  warnings: { fr: 'À lire avec prudence', en: 'Read with care' },
  model: { fr: 'Modèle', en: 'Model' },
  loading: {
    fr: 'Chargement du modèle (quelques secondes la première fois)…',
    en: 'Loading the model (some seconds the first time)…',
  },
  ready: { fr: 'Modèle chargé et vérifié.', en: 'Model loaded and verified.' },
  notDownloaded: {
    fr: 'Un fichier de la page n’a pas pu être téléchargé. Vérifiez la connexion, puis rechargez la page.',
    en: 'A file of this page could not be downloaded. Check the connection, then reload the page.',
  },
  badContract: {
    fr: 'La description du modèle (contract.json) n’est pas valable\u00a0: aucune estimation n’est possible.',
    en: 'The description of the model (contract.json) is not valid: no estimate is possible.',
  },
  insecure: {
    fr: 'Le modèle ne peut être vérifié que si la page est ouverte en https.',
    en: 'The model can be verified only where the page is opened over https.',
  },
  otherModel: {
    fr: 'Le modèle téléchargé n’est pas celui que décrit son contrat (sha256 différent)\u00a0: il n’est pas utilisé. Rechargez la page\u00a0; si cela persiste, signalez-le à qui l’a publiée.',
    en: 'The model that was downloaded is not the one that its contract describes (another sha256), and is not used. Reload the page; if this persists, tell whoever published it.',
  },
  notStarted: {
    fr: 'Le modèle n’a pas pu démarrer. Il faut un navigateur récent, avec WebAssembly.',
    en: 'The model could not be started. It needs a recent browser, with WebAssembly.',
  },
  notPredicted: {
    fr: 'Le modèle n’a pas pu calculer de réponse. Rechargez la page.',
    en: 'The model could not compute an answer. Reload the page.',
  },
} satisfies Record<string, Text>;

export function toMend(fields: number): Text {
  return fields === 1
    ? { fr: 'Un champ est à corriger.', en: 'One field needs correcting.' }
    : { fr: `${fields} champs sont à corriger.`, en: `${fields} fields need correcting.` };
}

/** Where a probability stands, and so what the model says. */
export function standing(isPositive: boolean, threshold: string): Text {
  return isPositive
    ? { fr: `seuil de ${threshold} atteint`, en: `at or above the threshold of ${threshold}` }
    : { fr: `sous le seuil de ${threshold}`, en: `below the threshold of ${threshold}` };
}
