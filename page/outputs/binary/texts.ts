import type { Text } from '../../../common/contract/text.ts';
import { formatNumber } from '../../language.ts';

export const texts = {
  probability: { fr: 'Probabilité', en: 'Probability' },
  predictedProbability: { fr: 'Probabilité prédite', en: 'Predicted probability' },
  highestFirst: { fr: 'Probabilités les plus élevées d’abord', en: 'Highest probability first' },
  threshold: { fr: 'Seuil', en: 'Threshold' },
  risk: { fr: 'Risque', en: 'Risk' },
  prediction: { fr: 'Prédiction', en: 'Prediction' },
  points: { fr: 'points', en: 'points' },
  curveHelp: {
    fr: 'La probabilité selon ce champ, tout le reste étant comme dans le formulaire.',
    en: 'The probability by this field, with all else as in the form.',
  },
  refused: { fr: 'impossible avec le reste du formulaire', en: 'not possible with the rest of the form' },
  gaps: {
    fr: 'Sans ligne\u00a0: impossible avec le reste du formulaire.',
    en: 'No line: not possible with the rest of the form.',
  },
  here: { fr: 'dans le formulaire', en: 'in the form' },
  from: { fr: 'à partir de', en: 'from' },
  recall: { fr: 'Rappel', en: 'Recall' },
  precision: { fr: 'Précision', en: 'Precision' },
  rocAuc: { fr: 'ROC AUC', en: 'ROC AUC' },
  averagePrecision: { fr: 'Précision moyenne', en: 'Average precision' },
  f1: { fr: 'F1', en: 'F1' },
  accuracy: { fr: 'Exactitude', en: 'Accuracy' },
  brier: { fr: 'Score de Brier', en: 'Brier score' },
  ece: { fr: 'Erreur de calibration', en: 'Calibration error' },
  methodInDetail: { fr: 'La méthode en détail (en anglais)', en: 'The method in detail' },
  method: {
    fr: 'Mesuré par validation croisée\u00a0: moyenne ± écart-type.',
    en: 'Measured in cross-validation: mean ± standard deviation.',
  },
} satisfies Record<string, Text>;

/** The texts of the charts of many outcomes. */
export const chartTexts = {
  total: { fr: 'Prédictions', en: 'Predictions' },
  mean: { fr: 'Probabilité moyenne', en: 'Mean probability' },
  volume: { fr: 'Prédictions par jour', en: 'Predictions by day' },
  risks: { fr: 'Répartition des risques', en: 'Risk mix' },
  count: { fr: 'Nombre', en: 'Count' },
  share: { fr: 'Part', en: 'Share' },
  day: { fr: 'Jour', en: 'Day' },
  meanByDay: { fr: 'Probabilité moyenne par jour', en: 'Mean probability by day' },
  distribution: { fr: 'Répartition des probabilités', en: 'Distribution of the probabilities' },
  noOutcomes: {
    fr: 'Aucun résultat réel n’est encore enregistré pour les prédictions de cette période. La précision et le rappel apparaissent ici dès que l’historique dit ce qui s’est passé\u00a0: choisissez une période plus longue, ou ouvrez une prédiction et enregistrez son résultat réel.',
    en: 'No outcome is recorded yet for the predictions of this period. Precision and recall appear here once the history says what happened: choose a longer period, or open a prediction and record its outcome.',
  },
  undefined: { fr: 'non mesurable', en: 'cannot be measured' },
  predicted: { fr: 'Prédit', en: 'Predicted' },
} satisfies Record<string, Text>;

/** Where a probability stands, and so what the model says. */
export function standing(isPositive: boolean, threshold: string): Text {
  return isPositive
    ? { fr: `seuil de ${threshold} atteint`, en: `at or above the threshold of ${threshold}` }
    : { fr: `sous le seuil de ${threshold}`, en: `below the threshold of ${threshold}` };
}

/** The answer as a sentence, for a screen reader. */
export function spoken(percent: string, outcome: string, risk: string): Text {
  return {
    fr: `Probabilité ${percent}\u00a0: ${outcome}, risque ${risk.toLowerCase()}.`,
    en: `Probability ${percent}: ${outcome}, ${risk.toLowerCase()} risk.`,
  };
}

/** Says that a predicted label came true. */
export function cameTrue(label: Text): Text {
  return { fr: `«\u00a0${label.fr}\u00a0» s’est vérifié`, en: `“${label.en}” came true` };
}

/** Precision and recall in plain words. `label` is that of the positive outcome. */
export function inHundreds(precision: number, recall: number, label: Text): Text {
  const [right, found] = [Math.round(precision * 100), Math.round(recall * 100)];
  return {
    fr: `Sur 100 réponses «\u00a0${label.fr}\u00a0», environ ${right} sont justes. Sur 100 cas réels, il en signale environ ${found}.`,
    en: `Of 100 answers “${label.en}”, about ${right} are right. Of 100 real cases, it points out about ${found}.`,
  };
}

export function answersPositive(label: Text, threshold: Text): Text {
  return {
    fr: `À partir d’une probabilité de ${threshold.fr}, la réponse est «\u00a0${label.fr}\u00a0».`,
    en: `From a probability of ${threshold.en} on, the answer is “${label.en}”.`,
  };
}

/** The counts behind a precision, `part` of `whole`. */
export function precisionHelp(part: number, whole: number, label: Text): Text {
  return {
    fr: `${formatNumber('fr', part)} sur ${formatNumber('fr', whole)} prédits «\u00a0${label.fr}\u00a0»`,
    en: `${formatNumber('en', part)} of ${formatNumber('en', whole)} predicted “${label.en}”`,
  };
}

/** The counts behind a recall, `part` of `whole`. */
export function recallHelp(part: number, whole: number, observed: Text): Text {
  return {
    fr: `${formatNumber('fr', part)} sur ${formatNumber('fr', whole)} où ${observed.fr}`,
    en: `${formatNumber('en', part)} of ${formatNumber('en', whole)} where ${observed.en}`,
  };
}
