import type { Text } from '../common/contract/text.ts';

/** The page's own texts, for several tabs or around them. The words about the model come from the contract. */
export const texts = {
  file: { fr: 'Fichier', en: 'File' },
  history: { fr: 'Historique', en: 'History' },
  dashboard: { fr: 'Tableau de bord', en: 'Dashboard' },
  sections: { fr: 'Rubriques', en: 'Sections' },
  skip: { fr: 'Aller au contenu', en: 'Skip to content' },
  loading: { fr: 'Chargement…', en: 'Loading…' },
  retry: { fr: 'Réessayer', en: 'Try again' },
  reload: { fr: 'Recharger la page', en: 'Reload the page' },
  signIn: { fr: 'Se connecter', en: 'Sign in' },
  apiKey: { fr: 'Clé d’API', en: 'API key' },
  signInHelp: {
    fr: 'Demandez une clé d’API à qui administre ce service. Elle reste dans cet onglet et disparaît quand vous le fermez.',
    en: 'Ask whoever runs this service for an API key. It stays in this browser tab, and is gone once you close it.',
  },
  signedOut: {
    fr: 'Vous avez été déconnecté : votre clé d’API n’est plus acceptée.',
    en: 'You were signed out: your API key is not accepted any more.',
  },
  notAKey: {
    fr: 'Cette clé n’est pas complète : elle commence par « fk_ ».',
    en: 'This is not a whole API key: one begins with "fk_".',
  },
  nothingAllowed: {
    fr: 'Cette clé d’API ne donne accès à rien sur cette page.',
    en: 'This API key gives access to nothing on this page.',
  },
  signOut: { fr: 'Se déconnecter', en: 'Sign out' },
  model: { fr: 'Modèle', en: 'Model' },
  api: { fr: 'Documentation de l’API', en: 'API reference' },
  offline: { fr: 'Dans votre navigateur', en: 'In your browser' },
  simple: { fr: 'Démonstration', en: 'Demonstration' },
  functional: { fr: 'Développement', en: 'Development' },
  production: { fr: 'Production', en: 'Production' },
  language: { fr: 'Langue', en: 'Language' },
  purpose: {
    fr: 'Ce modèle ne doit servir à décider de rien sur personne.',
    en: 'This model must not be used to decide about anybody.',
  },
  unreachable: {
    fr: 'Le service n’est pas joignable. Vérifiez la connexion, puis réessayez.',
    en: 'The service cannot be reached. Check the connection, then try again.',
  },
  notLoaded: {
    fr: 'Cette partie de la page n’a pas pu être chargée\u00a0: la page a peut-être été mise à jour. Rechargez-la.',
    en: 'This part of the page could not be loaded: the page may have been updated. Reload it.',
  },
  unexpected: {
    fr: 'Une erreur inattendue s’est produite. Rechargez la page et réessayez.',
    en: 'Something unexpected went wrong. Reload the page and try again.',
  },
} satisfies Record<string, Text>;

/** The problems of the API that a visitor meets, by the last part of their type. */
export const problemTexts = {
  'missing-key': { fr: 'Il faut se connecter.', en: 'You need to sign in.' },
  'invalid-key': { fr: 'Cette clé d’API n’est pas reconnue.', en: 'This API key is not known here.' },
  'expired-key': {
    fr: 'Cette clé d’API a expiré\u00a0: demandez-en une nouvelle.',
    en: 'This API key has expired: ask for a new one.',
  },
  'insufficient-scope': { fr: 'Cette clé d’API n’y donne pas droit.', en: 'This API key may not do this.' },
  'too-many-requests': {
    fr: 'Trop de demandes en peu de temps\u00a0: attendez une minute.',
    en: 'Too many requests in a short time: wait a minute.',
  },
  'model-unavailable': {
    fr: 'Aucun modèle n’est en service pour l’instant. Réessayez dans quelques secondes.',
    en: 'No model is serving at the moment. Try again in a few seconds.',
  },
  'database-unavailable': {
    fr: 'L’historique n’est pas joignable. Réessayez dans quelques secondes.',
    en: 'The history cannot be reached. Try again in a few seconds.',
  },
  'prediction-not-found': {
    fr: 'Cette prédiction est introuvable. Celle qui vient d’être faite est lisible après quelques secondes.',
    en: 'No prediction has this id. One that was just made can be read a few seconds later.',
  },
  internal: { fr: 'Le service a rencontré une erreur. Réessayez.', en: 'The service met an error. Try again.' },
  misconfigured: { fr: 'Le service est mal configuré.', en: 'The service is misconfigured.' },
} satisfies Record<string, Text>;
