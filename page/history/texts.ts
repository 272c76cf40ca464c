import type { Text } from '../../common/contract/text.ts';
import { formatNumber } from '../language.ts';

export const texts = {
  title: { fr: 'Prédictions enregistrées', en: 'Recorded predictions' },
  filters: { fr: 'Filtres', en: 'Filters' },
  from: { fr: 'Du', en: 'From' },
  to: { fr: 'Au', en: 'To' },
  version: { fr: 'Version du modèle', en: 'Model version' },
  any: { fr: 'Tous', en: 'Any' },
  apply: { fr: 'Filtrer', en: 'Filter' },
  reset: { fr: 'Effacer les filtres', en: 'Clear the filters' },
  export: { fr: 'Télécharger (CSV)', en: 'Download (CSV)' },
  exporting: { fr: 'Téléchargement…', en: 'Downloading…' },
  refresh: { fr: 'Actualiser', en: 'Refresh' },
  date: { fr: 'Date', en: 'Date' },
  outcome: { fr: 'Résultat réel', en: 'Outcome' },
  sort: { fr: 'Ordre', en: 'Order' },
  newestFirst: { fr: 'Les plus récentes d’abord', en: 'Newest first' },
  known: { fr: 'connu', en: 'known' },
  noOutcome: { fr: 'pas connu', en: 'not known' },
  empty: {
    fr: 'Rien n’est encore enregistré\u00a0: faites une prédiction, elle apparaît ici quelques secondes plus tard.',
    en: 'Nothing is recorded yet: make a prediction, and it appears here some seconds later.',
  },
  noMatch: {
    fr: 'Aucune prédiction ne correspond à ces filtres\u00a0: élargissez-les ou effacez-les.',
    en: 'No prediction matches these filters: widen them, or clear them.',
  },
  pages: { fr: 'Pages de l’historique', en: 'Pages of the history' },
  newer: { fr: 'Plus récentes', en: 'Newer' },
  older: { fr: 'Plus anciennes', en: 'Older' },
  previousPage: { fr: 'Page précédente', en: 'Previous page' },
  nextPage: { fr: 'Page suivante', en: 'Next page' },
  back: { fr: 'Retour à la liste', en: 'Back to the list' },
  detail: { fr: 'Prédiction', en: 'Prediction' },
  id: { fr: 'Identifiant', en: 'Id' },
  model: { fr: 'Modèle', en: 'Model' },
  key: { fr: 'Clé d’API', en: 'API key' },
  warnings: { fr: 'À lire avec prudence', en: 'Read with care' },
  input: { fr: 'Données saisies', en: 'What was entered' },
  otherInput: { fr: 'Champs d’une autre version du modèle', en: 'Fields of another version of the model' },
  outcomes: { fr: 'Ce qui s’est passé', en: 'What happened' },
  noOutcomes: {
    fr: 'Aucun résultat réel n’est enregistré\u00a0: sans lui, la qualité du modèle ne peut pas être mesurée.',
    en: 'No outcome is recorded: without one, the quality of the model cannot be measured.',
  },
  observedOn: { fr: 'Constaté le', en: 'Observed on' },
  recordedAt: { fr: 'Enregistré le', en: 'Recorded' },
  recordOutcome: { fr: 'Enregistrer ce qui s’est passé', en: 'Record what happened' },
  record: { fr: 'Enregistrer', en: 'Record' },
  recorded: { fr: 'Le résultat réel est enregistré.', en: 'The outcome is recorded.' },
  mayNotWrite: {
    fr: 'Votre clé d’API ne permet pas d’enregistrer un résultat réel\u00a0: il lui faut le droit «\u00a0write\u00a0».',
    en: 'Your API key may not record outcomes: it needs the scope "write".',
  },
  erase: { fr: 'Supprimer cette prédiction', en: 'Erase this prediction' },
  eraseQuestion: { fr: 'Supprimer cette prédiction\u00a0?', en: 'Erase this prediction?' },
  eraseHelp: {
    fr: 'La prédiction et ses résultats réels sont supprimés pour toujours. La suppression elle-même est consignée, sans leur contenu.',
    en: 'The prediction and its outcomes are erased for good. That something was erased is kept, without its content.',
  },
  eraseNow: { fr: 'Supprimer pour toujours', en: 'Erase for good' },
  keep: { fr: 'Garder', en: 'Keep' },
  erased: { fr: 'La prédiction est supprimée.', en: 'The prediction is erased.' },
} satisfies Record<string, Text>;

/** Which predictions are shown, of how many. `total` is null where it is not known. */
export function shown(from: number, to: number, total: { count: number; isExact: boolean } | null, order: Text): Text {
  const say = (language: keyof Text, of: string, more: string) =>
    total ? ` ${of}${total.isExact ? '' : ` ${more}`} ${formatNumber(language, total.count)}` : '';
  return {
    fr: `Prédictions ${formatNumber('fr', from)} à ${formatNumber('fr', to)}${say('fr', 'sur', 'plus de')}, ${lowerFirst(order.fr)}`,
    en: `Predictions ${formatNumber('en', from)} to ${formatNumber('en', to)}${say('en', 'of', 'more than')}, ${lowerFirst(order.en)}`,
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export function ownDays(timeZone: string): Text {
  return { fr: `Jours de votre fuseau horaire (${timeZone}).`, en: `Days of your time zone (${timeZone}).` };
}
