import type { Text } from '../../common/contract/text.ts';
import type { Stability } from '../../common/history/statistics.ts';
import { formatNumber } from '../language.ts';

export const texts = {
  title: { fr: 'Tableau de bord', en: 'Dashboard' },
  period: { fr: 'Période', en: 'Period' },
  all: { fr: 'Tout l’historique', en: 'The whole history' },
  refresh: { fr: 'Actualiser', en: 'Refresh' },
  reading: { fr: 'Lecture de l’historique', en: 'Reading the history' },
  empty: {
    fr: 'Aucune prédiction n’est enregistrée pour cette période\u00a0: choisissez-en une plus longue, ou faites une prédiction\u00a0; elle compte ici quelques secondes plus tard.',
    en: 'No prediction is recorded in this period: choose a longer one, or make a prediction; it counts here some seconds later.',
  },
  utc: { fr: 'Les jours sont en temps universel (UTC).', en: 'Days are in universal time (UTC).' },
  total: { fr: 'Prédictions', en: 'Predictions' },
  known: { fr: 'Résultats réels connus', en: 'Known outcomes' },
  versions: { fr: 'Versions du modèle', en: 'Model versions' },
  quality: { fr: 'Qualité, d’après les résultats réels connus', en: 'Quality, from the known outcomes' },
  allKnown: {
    fr: 'La qualité compare toutes celles de la période dont le résultat réel est connu, quel que soit leur âge.',
    en: 'The quality compares all of the period whose outcome is known, however old they are.',
  },
  openHistory: { fr: 'Ouvrir l’historique', en: 'Open the history' },
  drift: { fr: 'Écart aux données d’entraînement', en: 'Drift from the training data' },
  noBaseline: {
    fr: 'Ce modèle ne dit pas sur quelles données il a été entraîné\u00a0: il n’y a rien à quoi comparer.',
    en: 'This model does not say what data it was trained on: there is nothing to compare with.',
  },
  noneCompared: {
    fr: 'Aucune prédiction de la version en service dans cette période\u00a0: il n’y a rien à comparer.',
    en: 'No prediction of the serving version in this period: there is nothing to compare.',
  },
  psi: { fr: 'PSI', en: 'PSI' },
  field: { fr: 'Champ', en: 'Field' },
  reading_: { fr: 'Lecture', en: 'Reading' },
  psiHelp: {
    fr: 'PSI (indice de stabilité)\u00a0: 0 si les valeurs se répartissent comme à l’entraînement\u00a0; à partir de 0,1 elles ont bougé, à partir de 0,25 c’est une autre population. Avec peu de lignes, un indice élevé peut être dû au hasard\u00a0: il est alors dit «\u00a0incertain\u00a0».',
    en: 'PSI (population stability index): 0 where values are spread as in training; from 0.1 on they have shifted, from 0.25 on it is another population. With few rows an index can be high by chance: it is then called "unclear".',
  },
  bin: { fr: 'Valeurs', en: 'Values' },
  training: { fr: 'Entraînement', en: 'Training' },
  live: { fr: 'Ici', en: 'Here' },
  otherValues: { fr: 'Autres valeurs', en: 'Other values' },
} satisfies Record<string, Text>;

const STABILITIES: Record<Stability, Text> = {
  stable: { fr: 'stable', en: 'stable' },
  shifted: { fr: 'a bougé', en: 'shifted' },
  drifted: { fr: 'autre population', en: 'another population' },
  unclear: { fr: 'incertain (peu de lignes)', en: 'unclear (few rows)' },
};

export function stabilityText(stability: Stability): Text {
  return STABILITIES[stability];
}

export function lastDays(days: number): Text {
  return { fr: `${days} derniers jours`, en: `Last ${days} days` };
}

export function newestOnly(limit: number): Text {
  return {
    fr: `Il y en a davantage\u00a0: seules les ${formatNumber('fr', limit)} plus récentes sont comptées ici.`,
    en: `There are more: only the newest ${formatNumber('en', limit)} are counted here.`,
  };
}

export function newestKnownOnly(limit: number): Text {
  return {
    fr: `Davantage de résultats réels sont connus\u00a0: seules les ${formatNumber('fr', limit)} plus récentes de ces prédictions sont comparées.`,
    en: `More outcomes are known: only the newest ${formatNumber('en', limit)} of these predictions are compared.`,
  };
}

export function compared(count: number, version: string): Text {
  return {
    fr: `${formatNumber('fr', count)} prédiction${count < 2 ? '' : 's'} de la version ${version}, comparée${count < 2 ? '' : 's'} aux données de son entraînement.`,
    en: `${formatNumber('en', count)} prediction${count === 1 ? '' : 's'} of version ${version}, compared with what it was trained on.`,
  };
}
